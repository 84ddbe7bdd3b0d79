const firstSeconds = 0.5
const mostSeconds = 30

/**
 * How long to wait after so many failures in a row, from 1: any time up to a bound that doubles from half a second
 * to half a minute. `random` is in [0, 1). Many that failed together do not come back together.
 * Source: "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), full jitter.
 */
export function backOffSeconds(failuresInARow: number, random: () => number): number {
  return random() * Math.min(mostSeconds, firstSeconds * 2 ** (failuresInARow - 1))
}

/**
 * Work that others need not wait for: it can be interrupted between its steps. What it works on is whole for whoever
 * looks at it meanwhile, and what it gives is there at its end.
 */
export type Steps<T> = Generator<undefined, T, undefined>

/** A step is the work on so many containers: a millisecond, or a few. */
export const containersPerStep = 2048

/** Does all of the work at once. */
export function withoutPause<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Does the work, with a pause after each step. */
export async function withPauses<T>(steps: Steps<T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await pause()
  }
}

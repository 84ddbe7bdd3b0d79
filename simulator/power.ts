/** What a container draws, in watts, as a function of the node's own time in seconds. Never negative. */
export type PowerProfile =
  | { readonly kind: 'constant'; readonly watts: number }
  /** Swings around `meanWatts`; `amplitudeWatts` is at most the mean. `phaseSeconds` moves the curve to the left. */
  | {
      readonly kind: 'sine'
      readonly meanWatts: number
      readonly amplitudeWatts: number
      readonly periodSeconds: number
      readonly phaseSeconds?: number
    }
  /** `peakWatts` for the first `burstSeconds` of every period, `baseWatts` for the rest of it. */
  | {
      readonly kind: 'burst'
      readonly baseWatts: number
      readonly peakWatts: number
      readonly periodSeconds: number
      readonly burstSeconds: number
      readonly phaseSeconds?: number
    }

export function constant(watts: number): PowerProfile {
  return { kind: 'constant', watts }
}

/**
 * Joules drawn between two times, integrated exactly: an hour in one step is worth the same as an hour in
 * 3600 steps.
 */
export function joulesDrawn(power: PowerProfile, fromSeconds: number, toSeconds: number): number {
  return joulesDrawnUntil(power, toSeconds) - joulesDrawnUntil(power, fromSeconds)
}

function joulesDrawnUntil(power: PowerProfile, seconds: number): number {
  switch (power.kind) {
    case 'constant':
      return power.watts * seconds
    case 'sine': {
      const angularSpeed = (2 * Math.PI) / power.periodSeconds
      const angle = angularSpeed * (seconds + (power.phaseSeconds ?? 0))
      return power.meanWatts * seconds - (power.amplitudeWatts / angularSpeed) * Math.cos(angle)
    }
    case 'burst': {
      const shifted = seconds + (power.phaseSeconds ?? 0)
      const wholePeriods = Math.floor(shifted / power.periodSeconds)
      const burstSeconds =
        wholePeriods * power.burstSeconds +
        Math.min(shifted - wholePeriods * power.periodSeconds, power.burstSeconds)
      return power.baseWatts * seconds + (power.peakWatts - power.baseWatts) * burstSeconds
    }
  }
}

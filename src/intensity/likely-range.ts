import type { IntensityMethod } from './fact.ts'

/** Between which multiples of a figure nine of ten true values lie, where it is not a measurement. */
export type LikelyRange = { readonly low: number; readonly high: number }

/**
 * How far off a stand-in may be. Indicative: the wider of two grids in 2023, hour by hour (Spain, much of it wind and
 * sun; Norway, nearly all of it water; life-cycle figures of Electricity Maps, ODbL).
 *
 * - An annual average: an hour lies between 0.49 and 1.69 times its year's mean in Spain, 0.74 and 1.60 in Norway.
 * - An estimate or a forecast, up to six hours from what was measured: an hour lies between 0.57 and 1.78 times the
 *   one six hours before in Spain, 0.69 and 1.44 in Norway.
 */
export function likelyRangeOf(method: IntensityMethod): LikelyRange {
  switch (method.kind) {
    case 'measured':
    case 'configured':
      return exactly
    case 'annual-average':
      return { low: 0.49, high: 1.69 }
    case 'estimated':
    case 'forecast':
      return { low: 0.57, high: 1.78 }
  }
}

const exactly: LikelyRange = { low: 1, high: 1 }

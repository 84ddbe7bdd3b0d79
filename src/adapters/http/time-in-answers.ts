import { type Instant, isoWithMicroseconds } from '../../units.ts'
import * as Type from './json-schema.ts'

export const Time = Type.String({ format: 'date-time' })
export const TimeOrNull = Type.Union([Time, Type.Null()])

/** As ISO 8601; null for none, and since JSON knows no infinite time, for that too. */
export function timeOrNull(at: Instant | undefined): string | null {
  return at === undefined || !Number.isFinite(at) ? null : isoWithMicroseconds(at)
}

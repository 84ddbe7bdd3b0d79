/*
 * COPY takes no parameters, so that values stand in its text: times and numbers only, never names.
 */

/** 0001-01-01 and 9999-12-31: the years that ISO 8601 writes with four digits. */
const earliest = -62_135_596_800_000
const latest = 253_402_214_400_000

/** The millisecond in or before which `at` lies. What is beyond four-digit years is as good as infinite. */
export function timeLiteral(at: number): string {
  if (at > latest) return `timestamptz 'infinity'`
  if (at < earliest) return `timestamptz '-infinity'`
  return `timestamptz '${new Date(Math.floor(at)).toISOString()}'`
}

export function integersLiteral(values: Iterable<number>): string {
  return `'{${Array.from(values, (value) => Math.trunc(value)).join(',')}}'::int[]`
}

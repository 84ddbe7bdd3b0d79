import { type Instant, secondsBetween } from '../units.ts'
import { type Finding, findingsOn } from './finding.ts'

/** Beyond this, energy and intensity are put together at wrong times. A Date header is a second coarse. */
const mostSkewSeconds = 5

/** Whether another machine's clock, read between two readings of ours, tells the same time. */
export function examineClock(
  subject: string,
  { theirs, before, after }: { readonly theirs: Instant; readonly before: Instant; readonly after: Instant },
): Finding {
  const { ok, warn } = findingsOn(subject)
  const early = secondsBetween(theirs, before)
  const late = secondsBetween(after, theirs)
  const skew = Math.max(early, late, 0)
  if (skew <= mostSkewSeconds) return ok('its clock and ours tell the same time')
  const side = early > late ? 'behind' : 'ahead of'
  return warn(
    `its clock is ${skew.toFixed(0)} s ${side} ours`,
    'Let both machines set their clocks by the network (NTP, chrony): carbon intensities are looked up by time.',
  )
}

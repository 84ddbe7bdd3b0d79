import { type IntensitySource, SourceError, type SourceFailure } from '../intensity/source.ts'
import { type Instant, instant, secondsBetween } from '../units.ts'
import { type Finding, findingsOn } from './finding.ts'

const secondsPerSource = 20

/** Asks each source once about one zone: one of `zones` that it can tell about, else the first that it knows. */
export async function examineSources(
  sources: readonly IntensitySource[],
  { zones, now }: { readonly zones: readonly string[]; readonly now: () => Instant },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  return await Promise.all(
    sources.map(async (source) => {
      const known = source.zones()
      const zone = zones.find((wanted) => known.includes(wanted)) ?? known[0]
      const { ok, warn } = findingsOn(`intensities of ${source.id}`)
      if (zone === undefined) return warn('it can tell about no zone', 'Take it out of INTENSITY_SOURCES.')
      const timeout = AbortSignal.timeout(secondsPerSource * 1000)
      try {
        const facts = await source.latest(zone, AbortSignal.any([signal, timeout]))
        const newest = facts.toSorted((a, b) => b.valid.from - a.valid.from)[0]
        if (newest === undefined)
          return warn(
            `it has nothing about ${zone} now`,
            'Other sources, or the annual average, stand in; try again later.',
          )
        const ended = secondsBetween(instant(Math.min(newest.valid.to, now())), now())
        const age = ended <= 0 ? 'for now' : `until ${(ended / 60).toFixed(0)} min ago`
        return ok(`${zone} ${newest.intensity.toFixed(0)} g/kWh ${age}`)
      } catch (cause) {
        signal.throwIfAborted()
        if (timeout.aborted)
          return warn(`it did not answer within ${secondsPerSource} s`, adviceOn({ kind: 'timed-out' }))
        if (!(cause instanceof SourceError)) throw cause
        return findingOn(source.id, cause)
      }
    }),
  )
}

/** Zones that are to be kept current and that no live source tells about. */
export function examineZones(
  zones: readonly string[],
  sources: readonly IntensitySource[],
): readonly Finding[] {
  const told = new Set(sources.flatMap((source) => source.zones()))
  return zones
    .filter((zone) => !told.has(zone))
    .map((zone) =>
      findingsOn(`intensities of ${zone}`).warn(
        'no live source tells about it: its annual average stands in, if there is one',
        'Set the key of a source that covers it (docs/intensity.md), or figures of your own in INTENSITY_FILE.',
      ),
    )
}

function findingOn(id: string, { failure, message }: SourceError): Finding {
  const { warn, fail } = findingsOn(`intensities of ${id}`)
  const say = failure.kind === 'refused' ? fail : warn
  return say(message, adviceOn(failure))
}

function adviceOn(failure: SourceFailure): string {
  switch (failure.kind) {
    case 'refused':
      return 'Its key is missing, wrong, or not good for this zone: mend it, or leave the source out of INTENSITY_SOURCES.'
    case 'unreachable':
      return 'Is there a way from here to the Internet? Without one set INTENSITY_SOURCES=none, and the annual averages stand in.'
    case 'rate-limited':
      return 'It was asked too often; the service will wait as long as it says.'
    case 'timed-out':
    case 'server-error':
      return 'Try again later; until then other sources, or the annual average, stand in.'
    case 'unknown-zone':
    case 'unexpected-answer':
      return 'It may have changed; other sources stand in. Report it if it stays so.'
  }
}

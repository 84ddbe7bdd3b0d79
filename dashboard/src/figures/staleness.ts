/** Whether the figures are those of now. Times are milliseconds since 1970. */
export type Staleness =
  | { readonly kind: 'current' }
  /** Nothing new has been measured for a while. */
  | { readonly kind: 'stale'; readonly lastAt: number | undefined; readonly seconds: number | undefined }

const intervalsToStale = 3
/** A scrape takes its time, and so does its way here. */
const graceSeconds = 5

export function stalenessAt(
  now: number,
  heard: {
    readonly lastAt: number | undefined
    readonly since: number
    readonly intervalSeconds: number
  },
): Staleness {
  const patience = (intervalsToStale * heard.intervalSeconds + graceSeconds) * 1000
  const quietSince = heard.lastAt ?? heard.since
  if (now - quietSince <= patience) return { kind: 'current' }
  return {
    kind: 'stale',
    lastAt: heard.lastAt,
    seconds: heard.lastAt === undefined ? undefined : (now - heard.lastAt) / 1000,
  }
}

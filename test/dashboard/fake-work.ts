import { type FakeContainer, type FakeZone, fakeZones } from './fake-cluster.ts'

/** What state the service behind a page is in. */
export type FakeState = {
  readonly now: () => number
  /** Since when there are measurements. */
  readonly measuredSince: number
  /** Until when; before now where scraping has stopped. */
  readonly measuredUntil?: number
  /** Times without measurements. */
  readonly outages?: readonly { readonly from: number; readonly to: number }[]
  readonly containers?: number
  /** Every question about figures is answered with this status. */
  readonly failsWith?: number
  /** Questions about figures are never answered. */
  readonly isSilent?: boolean
  readonly intervalSeconds?: number
  readonly targetError?: string
  readonly home?: string
  /** The token that is asked for. */
  readonly token?: string
  /** The token sees some namespaces only: what is about all of them is refused. */
  readonly isOfATeam?: boolean
}

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

export const dimensions = ['namespace', 'workload', 'pod', 'container', 'node'] as const
export type Dimension = (typeof dimensions)[number]

export function asQuery(query: unknown): Query {
  return typeof query === 'object' && query !== null ? { ...query } : {}
}

export const one = (value: Query[string]): string | undefined =>
  typeof value === 'string' ? value : value?.[0]
export const several = (value: Query[string]): readonly string[] =>
  value === undefined ? [] : [value].flat().flatMap((each) => each.split(','))
export const iso = (at: number) => new Date(at).toISOString().replace('Z', '000+00:00')

export function zoneOf(code: string): FakeZone {
  const found = fakeZones.find(({ zone }) => zone === code)
  if (found === undefined)
    throw Object.assign(new Error(`zone is "${code}", which is no known country`), { statusCode: 400 })
  return found
}

export function zonesIn(query: Query, { home = 'DE' }: FakeState): readonly FakeZone[] {
  const asked = several(query['zone'])
  return (asked.length === 0 ? [home] : asked).map(zoneOf)
}

function timeOf(text: string | undefined, now: number, usual: number): number {
  if (text === undefined) return usual
  if (text === 'now') return now
  const [, count, unit = 's'] = /^now-(\d+)([smhd])$/.exec(text) ?? []
  return count === undefined ? Date.parse(text) : now - Number(count) * (units[unit] ?? 1) * 1000
}

/** What of a time was measured, as pieces. */
function measuredPieces(from: number, to: number, state: FakeState): readonly { from: number; to: number }[] {
  const until = Math.min(to, state.measuredUntil ?? state.now(), state.now())
  let pieces = [{ from: Math.max(from, state.measuredSince), to: until }].filter(
    (piece) => piece.from < piece.to,
  )
  for (const outage of state.outages ?? []) {
    pieces = pieces.flatMap((piece) =>
      [
        { from: piece.from, to: Math.min(piece.to, outage.from) },
        { from: Math.max(piece.from, outage.to), to: piece.to },
      ].filter((each) => each.from < each.to),
    )
  }
  return pieces
}

/** Joules of containers between two times, by the power at the middle of each measured piece of at most a sixth. */
export function joulesBetween(
  containers: readonly FakeContainer[],
  from: number,
  to: number,
  state: FakeState,
): number {
  let joules = 0
  for (const piece of measuredPieces(from, to, state)) {
    const parts = Math.min(6, Math.max(1, Math.round((piece.to - piece.from) / 600_000)))
    for (let part = 0; part < parts; part += 1) {
      const length = (piece.to - piece.from) / parts
      const middle = piece.from + length * (part + 0.5)
      for (const container of containers) joules += container.watts(middle) * (length / 1000)
    }
  }
  return joules
}

function coverageBetween(from: number, to: number, state: FakeState): number {
  const measured = measuredPieces(from, to, state).reduce((sum, piece) => sum + piece.to - piece.from, 0)
  return measured / (to - from)
}

export function chosen(query: Query, containers: readonly FakeContainer[]): readonly FakeContainer[] {
  return containers.filter((container) =>
    dimensions.every((dimension) => {
      const names = several(query[dimension])
      return names.length === 0 || names.includes(container[dimension])
    }),
  )
}

export function workOf(query: Query, state: FakeState, containers: readonly FakeContainer[]) {
  const now = state.now()
  const from = timeOf(one(query['from']), now, now - 3.6e6)
  const to = timeOf(one(query['to']), now, now)
  const joules = joulesBetween(chosen(query, containers), from, to, state)
  return { from, to, joules, coverage: coverageBetween(from, to, state), at: (from + to) / 2 }
}

/** What one scrape of one node said: its power and, by zone, its grams per hour. */
export type NodeRate = {
  readonly target: string
  readonly node: string
  /** The end of the interval that was measured, in milliseconds since 1970. */
  readonly at: number
  readonly watts: number
  readonly gramsPerHour: Readonly<Record<string, number | null>>
}

/** The latest rates of all nodes, and what they came to over the last while. Immutable. */
export type LiveTotals = {
  /** By target and node: the next scrape of the same replaces it. */
  readonly nodes: ReadonlyMap<string, NodeRate>
  readonly history: readonly LivePoint[]
}

export type LivePoint = {
  readonly at: number
  /** How many targets it is the sum of: fewer than there are, until each was heard of. */
  readonly targets: number
  readonly watts: number
  readonly gramsPerHour: Readonly<Record<string, number | null>>
}

export const nothingLive: LiveTotals = { nodes: new Map(), history: [] }

/** An hour and a half of scrapes at 10 s. */
const mostPoints = 540
/** A node that was not heard of for so many intervals is gone, or its target fails. */
const intervalsToForget = 3

/** The totals after one more scrape. */
export function withScrape(totals: LiveTotals, rate: NodeRate, intervalSeconds: number): LiveTotals {
  const oldest = rate.at - intervalsToForget * intervalSeconds * 1000
  const nodes = new Map([...totals.nodes].filter(([, { at }]) => at >= oldest))
  nodes.set(JSON.stringify([rate.target, rate.node]), rate)
  const point = { at: rate.at, ...sumOf([...nodes.values()]) }
  const last = totals.history.at(-1)
  // Scrapes of several targets within half an interval are one point.
  const isSamePoint = last !== undefined && rate.at - last.at < intervalSeconds * 500
  const before = isSamePoint ? totals.history.slice(0, -1) : totals.history.slice(-(mostPoints - 1))
  return { nodes, history: [...before, isSamePoint ? { ...point, at: Math.max(last.at, rate.at) } : point] }
}

/** What all nodes together draw and emit now; a zone is unknown where it is for one of them. */
function sumOf(rates: readonly NodeRate[]): Omit<LivePoint, 'at'> {
  const gramsPerHour: Record<string, number | null> = {}
  for (const zone of new Set(rates.flatMap((rate) => Object.keys(rate.gramsPerHour)))) {
    gramsPerHour[zone] = rates.reduce<number | null>((sum, rate) => {
      const grams = rate.gramsPerHour[zone] ?? null
      return sum === null || grams === null ? null : sum + grams
    }, 0)
  }
  const targets = new Set(rates.map(({ target }) => target)).size
  return { targets, watts: rates.reduce((sum, { watts }) => sum + watts, 0), gramsPerHour }
}

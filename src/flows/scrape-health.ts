import { type Instant, secondsBetween } from '../units.ts'
import type { ScrapeFailure, TargetScrape, UnreadLine } from './energy-source.ts'

/** How the reading of one exporter goes. */
export type TargetHealth = {
  readonly target: string
  readonly dialect: string | undefined
  readonly nodes: readonly { readonly node: string; readonly basis: string }[]
  readonly lastSuccessAt: Instant | undefined
  readonly lastFailure:
    | { readonly at: Instant; readonly failure: ScrapeFailure | 'other'; readonly message: string }
    | undefined
  /** How many scrapes have failed since the last success. */
  readonly failuresInARow: number
  readonly notes: readonly string[]
  /** Lines of the last good scrape that could not be read. */
  readonly unreadLines: { readonly count: number; readonly first: readonly UnreadLine[] }
}

/**
 * `never`: not scraped with success yet. `stale`: the last success is too old. `failing`: the last scrape failed, though
 * the last success is young enough.
 */
export const targetStates = ['ok', 'failing', 'stale', 'never'] as const
export type TargetState = (typeof targetStates)[number]

/** How the reading of one exporter goes at a moment. */
export type TargetStatus = TargetHealth & {
  readonly state: TargetState
  /** How long its last good scrape took. */
  readonly lastScrapeSeconds: number | undefined
}

/** A scrape is late once the last success is older than this: three intervals and five seconds. */
export function staleAfterSeconds(scrapeIntervalSeconds: number): number {
  return 3 * scrapeIntervalSeconds + 5
}

export type ScrapeHealth = {
  /** From now on the target is one that should be read. */
  expect(target: string): void
  /** It should not be read any more; what is still told of it is of no interest. */
  forget(target: string): void
  succeeded(target: string, at: Instant, scrape: TargetScrape): void
  failed(target: string, failure: NonNullable<TargetHealth['lastFailure']>): void
  targets(): readonly TargetHealth[]
  stateOf(target: TargetHealth, now: Instant): TargetState
  readonly lastSuccessAt: Instant | undefined
  readonly lastFailureAt: Instant | undefined
  /**
   * Why the fleet cannot be trusted at `now`, each as a sentence; none while at least one target is read in time, or
   * none is expected. Of many targets some stand for all.
   */
  reasonsNotReady(now: Instant): readonly string[]
  /** What is wrong at `now` although the fleet is ready: single targets that are lost, lines that were left out. */
  warnings(now: Instant): readonly string[]
}

export function createScrapeHealth(targets: readonly string[], scrapeIntervalSeconds: number): ScrapeHealth {
  const states = new Map<string, TargetHealth>(targets.map((target) => [target, untouched(target)]))
  const limitSeconds = staleAfterSeconds(scrapeIntervalSeconds)
  let lastSuccessAt: Instant | undefined
  let lastFailureAt: Instant | undefined

  function isStale({ lastSuccessAt: at }: TargetHealth, now: Instant): boolean {
    return at === undefined || secondsBetween(at, now) > limitSeconds
  }

  function update(target: string, change: Partial<TargetHealth>): void {
    const before = states.get(target)
    if (before !== undefined) states.set(target, { ...before, ...change })
  }

  return {
    expect(target) {
      if (!states.has(target)) states.set(target, untouched(target))
    },

    forget(target) {
      states.delete(target)
    },

    succeeded(target, at, scrape) {
      lastSuccessAt = at
      update(target, {
        lastSuccessAt: at,
        failuresInARow: 0,
        dialect: scrape.dialect,
        nodes: scrape.nodes.map(({ node, basis }) => ({ node, basis })),
        notes: scrape.notes,
        unreadLines: scrape.unreadLines,
      })
    },

    failed(target, failure) {
      lastFailureAt = failure.at
      update(target, { lastFailure: failure, failuresInARow: (states.get(target)?.failuresInARow ?? 0) + 1 })
    },

    targets: () => [...states.values()],

    stateOf(target, now) {
      if (target.lastSuccessAt === undefined) return 'never'
      if (isStale(target, now)) return 'stale'
      return target.failuresInARow > 0 ? 'failing' : 'ok'
    },

    get lastSuccessAt() {
      return lastSuccessAt
    },
    get lastFailureAt() {
      return lastFailureAt
    },

    reasonsNotReady(now) {
      const all = [...states.values()]
      if (all.some((target) => !isStale(target, now))) return []
      return someOf(all.map((target) => sentenceOnStale(target, { now, limitSeconds })))
    },

    warnings(now) {
      const all = [...states.values()]
      const isFleetLost = all.every((target) => isStale(target, now))
      const lost = isFleetLost ? [] : all.filter((target) => isStale(target, now))
      const failing = all.filter((target) => target.failuresInARow > 0 && !isStale(target, now))
      return [
        ...someOf(lost.map((target) => sentenceOnStale(target, { now, limitSeconds }))),
        ...someOf(failing.map(sentenceOnFailure)),
        ...someOf(all.flatMap(({ target, notes }) => notes.map((note) => `${target}: ${note}`))),
        ...someOf(all.flatMap(unreadSentence)),
      ]
    },
  }
}

/** As many sentences of one kind are given at most. */
const mostSentences = 20

function someOf(sentences: readonly string[]): readonly string[] {
  if (sentences.length <= mostSentences) return sentences
  return [
    ...sentences.slice(0, mostSentences),
    `Likewise for ${sentences.length - mostSentences} more; /readyz?verbose shows every target.`,
  ]
}

function untouched(target: string): TargetHealth {
  return {
    target,
    dialect: undefined,
    nodes: [],
    lastSuccessAt: undefined,
    lastFailure: undefined,
    failuresInARow: 0,
    notes: [],
    unreadLines: { count: 0, first: [] },
  }
}

function sentenceOnStale(
  target: TargetHealth,
  { now, limitSeconds }: { readonly now: Instant; readonly limitSeconds: number },
): string {
  const why = target.lastFailure === undefined ? '' : ` Last failure: ${target.lastFailure.message}`
  if (target.lastSuccessAt === undefined)
    return `${target.target} has not been scraped successfully yet.${why}`
  const age = secondsBetween(target.lastSuccessAt, now)
  return `${target.target} was last scraped ${age.toFixed(1)} s ago; that is too old after ${limitSeconds} s.${why}`
}

function sentenceOnFailure({ failuresInARow, lastFailure }: TargetHealth): string {
  const times = failuresInARow === 1 ? 'The last scrape' : `The last ${failuresInARow} scrapes`
  return `${times} failed: ${lastFailure?.message ?? ''}`
}

function unreadSentence({ target, unreadLines }: TargetHealth): readonly string[] {
  const [first] = unreadLines.first
  if (unreadLines.count === 0 || first === undefined) return []
  return [
    `${target}: ${unreadLines.count} line(s) of the last scrape were left out, such as ${JSON.stringify(first.excerpt)}: ${first.reason}`,
  ]
}

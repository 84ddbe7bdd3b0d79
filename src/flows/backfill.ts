import type { TrailReader } from '../energy/counter-trail.ts'
import { createEnergyLedger } from '../energy/energy-ledger.ts'
import type { LedgerPage, Measurement } from '../energy/ledger-page.ts'
import type { MeasurementStore } from '../energy/measurement-store.ts'
import type { LedgerLimits } from '../energy/node-ledger.ts'
import { pagesPerStep } from '../energy/step-pages.ts'
import { type Instant, type Interval, instant, secondsBetween } from '../units.ts'
import { backOffSeconds } from './back-off.ts'
import { type BackfilledNode, type BackfillTally, createBackfillTally } from './backfill-tally.ts'
import type { Clock } from './clock.ts'
import type { EnergyHistory, HistoryReading, HistorySource, RecordedScrape } from './energy-history.ts'
import { createNodeOwners } from './node-owners.ts'
import { staleAfterSeconds } from './scrape-health.ts'
import { HistoryError } from './series-history.ts'
import { readStoredCoverage, type StoredCoverage } from './stored-coverage.ts'

/** What a backfill tells whoever watches. */
export type BackfillEvent =
  | { readonly kind: 'found'; readonly exporters: number }
  /** `share` of the work is done; `at` is the moment in the history that was reached. */
  | { readonly kind: 'progress'; readonly share: number; readonly at: Instant }
  /** What a person should know, once. */
  | { readonly kind: 'note'; readonly note: string }
  | { readonly kind: 'tried-again'; readonly reason: string }

export type BackfillOutcome = {
  /** `stopped`: by the signal. What was written stays. */
  readonly kind: 'complete' | 'stopped'
  /** Everything until then is done; a run from there goes on. */
  readonly doneUntil: Instant
  readonly nodes: readonly BackfilledNode[]
  readonly setAside: number
}

export type Backfill = {
  readonly history: EnergyHistory
  readonly store: Pick<MeasurementStore, 'write' | 'nodeStates'> & TrailReader
  /** Samples that end in `(from, to]` are written. */
  readonly during: Interval
  /** One measurement for each step instead of one for each scrape; undefined keeps each. */
  readonly stepSeconds: number | undefined
  /** As in the service; `scrapeIntervalSeconds` is taken where the history does not show any. */
  readonly limits: LedgerLimits
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly onEvent: (event: BackfillEvent) => void
}

/** All sources are brought to the end of a stretch before the next one begins, so that a run that was stopped can go on. */
const stretchSeconds = 86_400
const mostWarmUpSeconds = 86_400
/** What one answer of the history should hold: some 4 MB of text, ten times as much in memory. */
const valuesPerReading = 100_000
/** A time without any value does not tell how many the next one has. */
const mostSecondsAfterNothing = 3 * 3600
const firstReadingSeconds = 300
const fewestReadingSeconds = 1
const mostMeasurementsPerBatch = 10_000
const mostFailuresInARow = 5

/**
 * Counts the energy of the past as the service would have, had it scraped then: the recorded scrapes go through the
 * same ledger. It begins to read as long before `during` as the ledger remembers containers, at most a day, so that it
 * knows them and where their counters stood.
 *
 * Nothing is counted twice: of a container that has samples in the store nothing is written for the same time, and
 * nothing later than where the service's own counters stand, since its next scrape covers the time from there. To run
 * it again, or again over a part, changes nothing.
 *
 * Throws HistoryError and StoreError. When `signal` aborts it ends with what is done.
 */
export async function backfill(options: Backfill, signal: AbortSignal): Promise<BackfillOutcome> {
  const { history, store, during, limits, onEvent } = options
  const warmUpSeconds = Math.min(limits.retentionSeconds, mostWarmUpSeconds)
  const tally = createBackfillTally()
  let doneUntil = during.from
  try {
    signal.throwIfAborted()
    for (const { node, at } of await store.nodeStates()) tally.of(node).countedByServiceFrom = at
    const all = { from: instant(during.from - warmUpSeconds * 1000), to: during.to }
    const sources = await persistently(options, signal, () => history.sourcesWithin(all, signal))
    onEvent({ kind: 'found', exporters: sources.reduce((sum, { exporters }) => sum + exporters.length, 0) })
    // Before anything is written: what this run adds must not be taken for somebody else's.
    const coverage = await readStoredCoverage(store, all.from, signal)
    const replays = sources.map((source) => createReplay(source, { options, tally, coverage }))
    for (const stretch of stretchesOf(during, options.stepSeconds)) {
      const from = stretch.from === during.from ? all.from : stretch.from
      for (const [index, replay] of replays.entries()) {
        for (let at = from; at < stretch.to; ) {
          signal.throwIfAborted()
          at = await replay({ from: at, to: stretch.to }, signal)
          const ofStretch = (index + (at - from) / (stretch.to - from)) / replays.length
          const reached = stretch.from + ofStretch * (stretch.to - stretch.from)
          onEvent({ kind: 'progress', share: (reached - during.from) / (during.to - during.from), at })
        }
      }
      doneUntil = stretch.to
    }
    return { kind: 'complete', doneUntil, ...tally.result() }
  } catch (failure) {
    if (!signal.aborted) throw failure
    return { kind: 'stopped', doneUntil, ...tally.result() }
  }
}

/** They end at whole multiples of the step, lest a step be cut. */
function* stretchesOf({ from, to }: Interval, stepSeconds = 1): Generator<Interval> {
  const step = stepSeconds * 1000
  for (let start = from; start < to; ) {
    const end = Math.floor((start + stretchSeconds * 1000) / step) * step
    const stretch = { from: start, to: instant(Math.min(to, Math.max(end, start + 1))) }
    yield stretch
    start = stretch.to
  }
}

type Context = {
  readonly options: Backfill
  readonly tally: BackfillTally
  readonly coverage: StoredCoverage
}

/** Plays the scrapes of one source; each turn goes from `during.from` as far as is fit, and says how far. */
type Replay = (during: Interval, signal: AbortSignal) => Promise<Instant>

function createReplay(source: HistorySource, context: Context): Replay {
  const { options, tally } = context
  const { limits, stepSeconds = 1, onEvent } = options
  const told = new Set<string>()
  let readingSeconds = Math.max(firstReadingSeconds, stepSeconds)
  let intervalSeconds = limits.scrapeIntervalSeconds
  let ledger = createEnergyLedger(limits)
  let owners = createNodeOwners(staleAfterSeconds(intervalSeconds))

  function windowWithin({ from, to }: Interval): Interval {
    const step = stepSeconds * 1000
    const end = Math.floor((from + readingSeconds * 1000) / step) * step
    return { from, to: instant(Math.min(to, Math.max(end, from + step))) }
  }

  /** Reads as much as fits into an answer. */
  async function read(
    during: Interval,
    signal: AbortSignal,
  ): Promise<{ readonly reading: HistoryReading; readonly window: Interval }> {
    for (;;) {
      const window = windowWithin(during)
      try {
        const reading = await persistently(options, signal, () => source.read(window, signal))
        readingSeconds = nextReadingSeconds(readingSeconds, { window, values: reading.values })
        return { reading, window }
      } catch (failure) {
        const isTooMuch = failure instanceof HistoryError && failure.failure === 'too-much'
        if (!isTooMuch || readingSeconds <= Math.max(fewestReadingSeconds, stepSeconds)) throw failure
        readingSeconds = Math.max(fewestReadingSeconds, stepSeconds, Math.floor(readingSeconds / 4))
      }
    }
  }

  /** The pace of the history may change; what is late is told by it. The counters stay where they are. */
  function keepPaceWith(scrapes: readonly RecordedScrape[]): void {
    const pace = paceOf(scrapes)
    if (pace === undefined || Math.abs(pace - intervalSeconds) < 0.2 * intervalSeconds) return
    intervalSeconds = pace
    const next = createEnergyLedger({ ...limits, scrapeIntervalSeconds: pace })
    next.restore(ledger.books().flatMap(({ node }) => ledger.stateOf(node) ?? []))
    ledger = next
    owners = createNodeOwners(staleAfterSeconds(pace))
  }

  function record(scrapes: readonly RecordedScrape[]): readonly LedgerPage[] {
    const pages: LedgerPage[] = []
    for (const { exporter, scrape } of scrapes) {
      const { node, basis, at } = scrape
      const owner = owners.claim(node, { target: exporter, basis, at })
      if (owner !== exporter) {
        tally.of(node).claimedTwice += 1
        continue
      }
      const entry = ledger.record(scrape)
      if (entry.kind === 'recorded' && at > options.during.from) pages.push(entry.page)
    }
    return pages
  }

  return async (during, signal) => {
    const { reading, window } = await read(during, signal)
    for (const note of reading.notes.filter((text) => !told.has(text))) {
      told.add(note)
      onEvent({ kind: 'note', note })
    }
    keepPaceWith(reading.scrapes)
    await keep(record(reading.scrapes), context, signal)
    return window.to
  }
}

function nextReadingSeconds(
  seconds: number,
  { window, values }: { readonly window: Interval; readonly values: number },
): number {
  if (values === 0) return Math.max(seconds, Math.min(4 * seconds, mostSecondsAfterNothing))
  const fit = (secondsBetween(window.from, window.to) * valuesPerReading) / values
  return Math.max(fewestReadingSeconds, Math.min(fit, 4 * seconds, stretchSeconds))
}

/** The usual time between two scrapes of a node by one exporter; undefined where no node was scraped twice. */
function paceOf(scrapes: readonly RecordedScrape[]): number | undefined {
  const last = new Map<string, Instant>()
  const distances: number[] = []
  for (const { exporter, scrape } of scrapes) {
    const key = JSON.stringify([exporter, scrape.node])
    const before = last.get(key)
    if (before !== undefined && before < scrape.at) distances.push(scrape.at - before)
    last.set(key, scrape.at)
  }
  const middle = distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)]
  return middle === undefined ? undefined : middle / 1000
}

/** Writes what is not there already. */
async function keep(
  pages: readonly LedgerPage[],
  { options, tally, coverage }: Context,
  signal: AbortSignal,
): Promise<void> {
  const { store, stepSeconds } = options
  const ours = pages.filter((page) => {
    const account = tally.of(page.node)
    const isOurs = account.countedByServiceFrom === undefined || page.at <= account.countedByServiceFrom
    if (!isOurs) account.leftToService += page.measurements.length
    return isOurs
  })
  const byNode = Map.groupBy(ours, ({ node }) => node)
  const fresh: LedgerPage[] = []
  for (const ofNode of byNode.values()) {
    const missing = ofNode.map((page) => withoutCovered(page, coverage, tally))
    fresh.push(...(stepSeconds === undefined ? missing : pagesPerStep(missing, stepSeconds)))
  }
  for (const batch of batchesOf(fresh.filter(isWorthKeeping))) {
    signal.throwIfAborted()
    tally.wrote(batch, await store.write({ pages: batch, states: [] }))
  }
}

/** A container whose time is counted in part gets a gap for the rest: a sample cannot be cut without guessing. */
function withoutCovered(page: LedgerPage, coverage: StoredCoverage, tally: BackfillTally): LedgerPage {
  const { node } = page
  const measurements: Measurement[] = []
  const gaps = page.gaps.filter(({ during }) => !coverage.hasSamplesOn(node, during))
  for (const measurement of page.measurements) {
    const { containerId, workload, during } = measurement
    const covered = coverage.shareOf({ node, containerId, workload }, during)
    if (covered.kind === 'none') measurements.push(measurement)
    if (covered.kind === 'part') {
      const rest = { node, containerId, component: '*', workload, during: covered.rest }
      gaps.push({ ...rest, cause: { kind: 'seam' } })
    }
  }
  tally.of(node).alreadyThere += page.measurements.length - measurements.length
  // Whoever counted the node then has learned the names as well.
  const isCounted = coverage.hasSamplesOn(node, { from: instant(page.at - 1), to: page.at })
  return { ...page, measurements, gaps, renamings: isCounted ? [] : page.renamings }
}

function isWorthKeeping({ measurements, renamings, gaps }: LedgerPage): boolean {
  return measurements.length + renamings.length + gaps.length > 0
}

function* batchesOf(pages: readonly LedgerPage[]): Generator<readonly LedgerPage[]> {
  let batch: LedgerPage[] = []
  let size = 0
  for (const page of pages) {
    if (size > 0 && size + page.measurements.length > mostMeasurementsPerBatch) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(page)
    size += page.measurements.length
  }
  if (batch.length > 0) yield batch
}

/** Asks again after a failure that may pass by itself. */
async function persistently<T>(
  { clock, random, onEvent }: Pick<Backfill, 'clock' | 'random' | 'onEvent'>,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await ask()
    } catch (failure) {
      signal.throwIfAborted()
      if (!(failure instanceof HistoryError) || !mayPass(failure) || failures >= mostFailuresInARow)
        throw failure
      onEvent({ kind: 'tried-again', reason: failure.message })
      await clock.waitUntil(instant(clock.now() + backOffSeconds(failures, random) * 1000), signal)
      signal.throwIfAborted()
    }
  }
}

function mayPass({ failure }: HistoryError): boolean {
  return failure === 'unreachable' || failure === 'timed-out' || failure === 'server-error'
}

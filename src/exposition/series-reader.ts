import { BodyReader } from './body-reader.ts'
import { closeBrace, hash, isInName, lineEndFrom, openBrace, skipBlanks } from './bytes.ts'
import type { ExpositionFormat } from './format.ts'
import { headIn, KnownSeries } from './known-series.ts'
import type { ExpositionOutcome } from './outcome.ts'
import { KnownLine, Passages } from './passages.ts'
import type { Label } from './sample-line.ts'
import { UnwantedMetric } from './unwanted-metric.ts'
import { WholeLines } from './whole-lines.ts'

export type SampleListener<Series> = (series: Series, value: number, timestampMs?: number) => void

/** What is known of a body after its last piece. */
export type SeriesOutcome = ExpositionOutcome & {
  /** Whether there was any sample at all, wanted or not. */
  readonly hasSamples: boolean
}

/** A body on its way. */
export type BodyInPieces = {
  /** The next piece, cut anywhere. Its bytes are needed only during the call. Throws LongLineError. */
  push(piece: Uint8Array): void
  /** There is no more. */
  end(): SeriesOutcome
}

/** Reads body after body of one exporter, and makes out each series only once. */
export type SeriesReader<Series> = {
  /**
   * Begins another body; one that was begun before is given up. Hands over every sample of a wanted series, in the
   * body's order, as `parseExposition` would.
   *
   * Lines of series that are not wanted are looked at only as far as it takes to know them: what is malformed behind
   * their labels, or anywhere under a name that is not wanted, may go unreported.
   */
  begin(format: ExpositionFormat, onSample: SampleListener<Series>): BodyInPieces
  /** How many series it remembers, wanted or not. */
  readonly knownSeries: number
}

/** A series is forgotten once it was absent from this many reads; the test for it runs as rarely. */
const readsUntilForgotten = 8
/** Absent series may be this many times as many as the present ones before they are forgotten at once... */
const mostAbsentShare = 2
/** ...but so few are not worth the work. */
const fewSeries = 1000

/**
 * A reader for one exporter.
 *
 * `recognise` says what a series is to the caller, or undefined if it is not wanted. It is asked once, and again only
 * after the series was absent for a while or the format changed: so it must look things up rather than make them anew.
 * `wantsName`, asked first, spares all lines of a metric: they are then neither parsed nor remembered, and of most of
 * them not a byte is looked at, since the lines of a metric stand together, as the format demands.
 *
 * After a series the one that followed it last time is expected. The bytes are compared, always; if they differ, the
 * line is parsed in full and its head is looked up by hash, and compared again. Memory: about 40 bytes for each series
 * not skipped by name, and each name and label set once. No series is remembered through 16 reads without it. Lines from
 * which nothing is taken are expected as they came last time, too, and compared.
 */
export function createSeriesReader<Series>(
  recognise: (name: string, labels: readonly Label[]) => Series | undefined,
  wantsName: (name: string) => boolean = () => true,
): SeriesReader<Series> {
  let known = new KnownSeries<Series>()
  let passages = new Passages()
  let knownFormat: ExpositionFormat | undefined
  let reads = 0
  /** How many series were known before the body that is under way. */
  let knownBefore: number | undefined

  function forgetAbsent(): void {
    reads++
    const absent = known.count - known.met
    if (absent > Math.max(fewSeries, mostAbsentShare * known.met)) known.forgetUnmetFor(1)
    else if (reads % readsUntilForgotten === 0) known.forgetUnmetFor(readsUntilForgotten)
  }

  return {
    get knownSeries() {
      return known.count
    },

    begin(format, onSample) {
      // Of a body that was given up nothing was taken, and it may have held any number of series, other ones each time.
      if (knownBefore !== undefined) known.forgetAllBut(knownBefore)
      // The same bytes may mean another series in the other format, so nothing carries over.
      if (format !== knownFormat) {
        known = new KnownSeries()
        passages = new Passages()
      }
      knownFormat = format
      knownBefore = known.count
      known.beginRead()
      passages.beginRead()
      const reading = new Reading(format, { known, passages }, { recognise, wantsName, onSample })
      const lines = new WholeLines((run) => reading.read(run))
      return {
        push(piece) {
          lines.push(piece)
        },
        end() {
          lines.end()
          knownBefore = undefined
          forgetAbsent()
          return reading.outcome()
        },
      }
    },
  }
}

type Caller<Series> = {
  readonly recognise: (name: string, labels: readonly Label[]) => Series | undefined
  readonly wantsName: (name: string) => boolean
  readonly onSample: SampleListener<Series>
}

/** What earlier bodies held. */
type Remembered<Series> = { readonly known: KnownSeries<Series>; readonly passages: Passages }

const noVisitor = {}

/** One pass over one body. A class, so that its steps are compiled as functions and not with the loop around them. */
class Reading<Series> {
  /** For the reason that BodyReader keeps one. */
  static readonly kept: Reading<never> = new Reading<never>(
    'prometheus-text',
    { known: new KnownSeries(), passages: new Passages() },
    { recognise: () => undefined, wantsName: () => false, onSample: () => {} },
  )

  readonly #reader: BodyReader
  readonly #known: KnownSeries<Series>
  readonly #passages: Passages
  readonly #caller: Caller<Series>
  #samples = 0
  #hasUnwanted = false
  #skipped: UnwantedMetric | undefined

  constructor(format: ExpositionFormat, { known, passages }: Remembered<Series>, caller: Caller<Series>) {
    this.#reader = new BodyReader(format)
    this.#known = known
    this.#passages = passages
    this.#caller = caller
  }

  /** Reads a run of whole lines. */
  read(run: Uint8Array): void {
    const reader = this.#reader
    reader.turnTo(run)
    while (reader.at < run.length) {
      if (!this.#readExpectedLine() && !this.#skipLines() && !this.#skipPassage()) this.#readAnyLine()
    }
  }

  outcome(): SeriesOutcome {
    return { ...this.#reader.outcome(), samples: this.#samples, hasSamples: this.#hasSamples }
  }

  get #hasSamples(): boolean {
    return this.#samples > 0 || this.#hasUnwanted
  }

  /** Passes over lines of the metric that was turned down last. */
  #skipLines(): boolean {
    const reader = this.#reader
    const end = this.#skipped?.endOfLinesAt(reader.sample.view, reader.at) ?? reader.at
    if (end === reader.at) return false
    reader.at = end
    return true
  }

  /** Passes over what stood here last time. A body must show one sample that is read before a metric is taken for some. */
  #skipPassage(): boolean {
    const reader = this.#reader
    const passage = this.#passages.expected()
    const isLine = passage instanceof KnownLine
    if (passage === undefined || !(isLine || this.#hasSamples)) return false
    const end = passage.endOfLinesAt(reader.sample.view, reader.at)
    if (end === reader.at) return false
    this.#passages.meet()
    if (!isLine) {
      this.#hasUnwanted = true
      this.#skipped = passage
    }
    reader.at = end
    return true
  }

  /** Reads the line if it is of the series that followed the one before it last time. */
  #readExpectedLine(): boolean {
    const known = this.#known
    const reader = this.#reader
    const id = known.expected()
    if (id < 0) return false
    const start = reader.at
    const headEnd = known.headEndAt(id, reader.sample.view, start)
    if (headEnd < 0 || !this.#endsHead(headEnd)) return false
    known.meet(id)
    const series = known.series[id]
    if (series === undefined) {
      this.#passOver(headEnd)
      return true
    }
    const { sample } = reader
    const next = sample.readAfterHead(headEnd)
    if (next < 0) {
      reader.addBadSample(start)
      return true
    }
    reader.at = next
    this.#samples++
    this.#caller.onSample(series, sample.value, sample.timestampMs)
    return true
  }

  #readAnyLine(): void {
    const known = this.#known
    const { sample, at: start, badLines: badLinesBefore } = this.#reader
    if (!this.#reader.readLine(noVisitor)) {
      if (this.#reader.badLines === badLinesBefore) this.#rememberLine(start)
      return
    }
    const head = headIn(sample.view, sample.headStart, sample.headEnd)
    let id = known.find(head)
    if (id < 0) {
      const name = sample.name()
      if (!this.#caller.wantsName(name)) {
        this.#hasUnwanted = true
        this.#skipped = this.#unwantedMetric()
        return
      }
      id = known.add(head, this.#caller.recognise(name, sample.labels()))
    }
    known.meet(id)
    const series = known.series[id]
    if (series === undefined) {
      this.#hasUnwanted = true
      return
    }
    this.#samples++
    this.#caller.onSample(series, sample.value, sample.timestampMs)
  }

  /** The metric of the sample that was just read. */
  #unwantedMetric(): UnwantedMetric | undefined {
    const { sample } = this.#reader
    const expected = this.#passages.expected()
    if (
      expected instanceof UnwantedMetric &&
      expected.endOfLinesAt(sample.view, sample.headStart) > sample.headStart
    ) {
      this.#passages.meet()
      return expected
    }
    const metric = UnwantedMetric.at(sample, this.#caller.wantsName)
    if (metric !== undefined) this.#passages.add(metric)
    return metric
  }

  /** The line at `start`, which is no sample, was just read. */
  #rememberLine(start: number): void {
    const { at: end, hasEnded, sample } = this.#reader
    const isWhole = end <= sample.bytes.length
    if (sample.bytes[start] !== hash || hasEnded || !isWhole) return
    const line = KnownLine.of(sample.bytes, start, end)
    if (line !== undefined) this.#passages.add(line)
  }

  #passOver(from: number): void {
    this.#hasUnwanted = true
    this.#reader.at = lineEndFrom(this.#reader.sample.view, from) + 1
  }

  /** Whether a head may end here: a bare name could go on, or labels could follow it. */
  #endsHead(headEnd: number): boolean {
    const { bytes } = this.#reader.sample
    if (bytes[headEnd - 1] === closeBrace) return true
    return !isInName(bytes[headEnd] ?? 0) && bytes[skipBlanks(bytes, headEnd)] !== openBrace
  }
}

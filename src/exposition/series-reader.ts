import { BodyReader } from './body-reader.ts'
import { closeBrace, isInName, lineEndFrom, openBrace, sameBytes, skipBlanks } from './bytes.ts'
import type { ExpositionFormat } from './format.ts'
import { headIn, KnownSeries } from './known-series.ts'
import type { ExpositionOutcome } from './outcome.ts'
import type { Label } from './sample-line.ts'

export type SampleListener<Series> = (series: Series, value: number, timestampMs?: number) => void

/** Reads body after body of one exporter, and makes out each series only once. */
export type SeriesReader<Series> = {
  /**
   * Hands over every sample of a wanted series, in the body's order, as `parseExposition` would.
   *
   * Lines of series that are not wanted are looked at only as far as it takes to know them: what is malformed behind
   * their labels, or anywhere under a name that is not wanted, may go unreported.
   */
  read(
    body: Uint8Array,
    format: ExpositionFormat,
    onSample: SampleListener<Series>,
  ): ExpositionOutcome & { readonly unwantedSamples: number }
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
 * `wantsName`, asked first, spares all lines of a metric: they are then neither parsed nor remembered.
 *
 * After a series the one that followed it last time is expected. The bytes are compared, always; if they differ, the
 * line is parsed in full and its head is looked up by hash, and compared again. Memory: about 40 bytes for each series
 * not skipped by name, and each name and label set once. No series is remembered through 16 reads without it.
 */
export function createSeriesReader<Series>(
  recognise: (name: string, labels: readonly Label[]) => Series | undefined,
  wantsName: (name: string) => boolean = () => true,
): SeriesReader<Series> {
  let known = new KnownSeries<Series>()
  let knownFormat: ExpositionFormat | undefined
  let reads = 0

  return {
    get knownSeries() {
      return known.count
    },

    read(body, format, onSample) {
      // The same bytes may mean another series in the other format, so nothing carries over.
      if (format !== knownFormat) known = new KnownSeries()
      knownFormat = format
      known.beginRead()
      const reading = new Reading(new BodyReader(body, format), known, { recognise, wantsName, onSample })
      const outcome = reading.toTheEnd()

      reads++
      const absent = known.count - known.met
      if (absent > Math.max(fewSeries, mostAbsentShare * known.met)) known.forgetUnmetFor(1)
      else if (reads % readsUntilForgotten === 0) known.forgetUnmetFor(readsUntilForgotten)
      return outcome
    },
  }
}

type Caller<Series> = {
  readonly recognise: (name: string, labels: readonly Label[]) => Series | undefined
  readonly wantsName: (name: string) => boolean
  readonly onSample: SampleListener<Series>
}

const noVisitor = {}

/** One pass over one body. A class, so that its steps are compiled as functions and not with the loop around them. */
class Reading<Series> {
  /** For the reason that BodyReader keeps one. */
  static readonly kept: Reading<never> = new Reading<never>(BodyReader.kept, new KnownSeries(), {
    recognise: () => undefined,
    wantsName: () => false,
    onSample: () => {},
  })

  readonly #reader: BodyReader
  readonly #known: KnownSeries<Series>
  readonly #caller: Caller<Series>
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #samples = 0
  #unwantedSamples = 0
  /** The bare name that was turned down last: its lines come in a row. */
  #skippedNameStart = 0
  #skippedNameLength = 0

  constructor(reader: BodyReader, known: KnownSeries<Series>, caller: Caller<Series>) {
    this.#reader = reader
    this.#known = known
    this.#caller = caller
    this.#bytes = reader.sample.bytes
    this.#view = reader.view
  }

  toTheEnd(): ExpositionOutcome & { readonly unwantedSamples: number } {
    const reader = this.#reader
    const { length } = this.#bytes
    while (reader.at < length) {
      if (!this.#skipLine() && !this.#readExpectedLine()) this.#readAnyLine()
    }
    return { ...reader.outcome(), samples: this.#samples, unwantedSamples: this.#unwantedSamples }
  }

  /** Passes over a line that begins with the name turned down last. */
  #skipLine(): boolean {
    const length = this.#skippedNameLength
    const start = this.#reader.at
    const end = start + length
    const view = this.#view
    if (length === 0 || end >= view.byteLength) return false
    if (!sameBytes(view, this.#skippedNameStart, view, start, length)) return false
    if (isInName(view.getUint8(end))) return false
    this.#passOver(end)
    return true
  }

  /** Reads the line if it is of the series that followed the one before it last time. */
  #readExpectedLine(): boolean {
    const known = this.#known
    const reader = this.#reader
    const id = known.expected()
    if (id < 0) return false
    const start = reader.at
    const headEnd = known.headEndAt(id, this.#view, start)
    if (headEnd < 0 || !this.#endsHead(headEnd)) return false
    known.meet(id)
    const series = known.series[id]
    if (series === undefined) {
      this.#passOver(headEnd)
      return true
    }
    reader.line++
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
    const { sample } = this.#reader
    if (!this.#reader.readLine(noVisitor)) return
    const head = headIn(this.#view, sample.headStart, sample.headEnd)
    let id = known.find(head)
    if (id < 0) {
      const name = sample.name()
      if (!this.#caller.wantsName(name)) {
        this.#unwantedSamples++
        this.#skipName(sample.headStart)
        return
      }
      id = known.add(head, this.#caller.recognise(name, sample.labels()))
    }
    known.meet(id)
    const series = known.series[id]
    if (series === undefined) {
      this.#unwantedSamples++
      return
    }
    this.#samples++
    this.#caller.onSample(series, sample.value, sample.timestampMs)
  }

  #passOver(from: number): void {
    this.#reader.line++
    this.#unwantedSamples++
    this.#reader.at = lineEndFrom(this.#view, from) + 1
  }

  /** A quoted name has no bare bytes to be known by, so its lines are parsed each time. */
  #skipName(start: number): void {
    let end = start
    while (isInName(this.#bytes[end] ?? 0)) end++
    this.#skippedNameStart = start
    this.#skippedNameLength = end - start
  }

  /** Whether a head may end here: a bare name could go on, or labels could follow it. */
  #endsHead(headEnd: number): boolean {
    const bytes = this.#bytes
    if (bytes[headEnd - 1] === closeBrace) return true
    return !isInName(bytes[headEnd] ?? 0) && bytes[skipBlanks(bytes, headEnd)] !== openBrace
  }
}

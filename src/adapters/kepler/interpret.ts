import { expositionFormatOf } from '../../exposition/format.ts'
import type { ExpositionOutcome } from '../../exposition/outcome.ts'
import type { Label } from '../../exposition/sample-line.ts'
import { createSeriesReader, type SeriesReader } from '../../exposition/series-reader.ts'
import { LongLineError } from '../../exposition/whole-lines.ts'
import {
  ScrapeError,
  type ScrapeFailure,
  type TargetScrape,
  type UnreadLine,
} from '../../flows/energy-source.ts'
import {
  acceleratorsName,
  isKeplerEnergyName,
  isPartOfTotal,
  type KeplerSeries,
  recogniseKeplerSeries,
} from './kepler-series.ts'
import type { MetricsHead } from './metrics-client.ts'
import { createValueGatherer, type ShownValues } from './shown-values.ts'
import { isPossible, type ShownSeries, scrapeOf, type Translation, translate } from './translate.ts'
import type { ZoneChoice } from './zones.ts'

const mostUnreadLinesKept = 8

/** One answer of the target, on its way. What it says is taken at its end, or not at all. */
export type BodyReading = {
  /** The next piece, cut anywhere, which is needed only during the call. Throws ScrapeError. */
  push(piece: Uint8Array): void
  /** There is no more. Throws ScrapeError for a body from which nothing can be taken. */
  end(): Interpretation
}

export type Interpretation =
  | { readonly kind: 'scrape'; readonly scrape: TargetScrape }
  /** The exporter is another than before, and what of its answer was passed over is needed now: it has to be asked again. */
  | { readonly kind: 'changed' }

/** Makes energy readings of one target's answers. It remembers the target's series and the zones chosen for its nodes. */
export type Interpreter = {
  /** Throws ScrapeError for a content type that is no exposition. */
  begin(head: MetricsHead): BodyReading
}

export type InterpreterOptions = {
  readonly target: string
  /** The node of an answer that names none; the target unless it is known. */
  readonly standInNode?: string | undefined
  /** The most series with energy that an answer may show. */
  readonly maxSeries: number
}

export function createInterpreter({
  target,
  standInNode = target,
  maxSeries,
}: InterpreterOptions): Interpreter {
  const zoneChoices = new Map<string, ZoneChoice>()
  let memory = createMemory({ readsParts: false })

  const fail = (failure: ScrapeFailure, what: string) =>
    new ScrapeError(failure, `${target} answered ${what}`)

  /** Translates a list of series, unless it is the very list that was translated last. */
  function translationOf(shown: ShownValues): Translation {
    if (shown.series !== memory.shown.series || memory.translation === undefined) {
      memory.translation = translate(shown.series, { standInNode, zoneChoices })
    }
    memory.shown = shown
    return memory.translation
  }

  return {
    begin({ contentType, receivedAt }) {
      const format = expositionFormatOf(contentType)
      if (format.kind === 'unknown') {
        throw fail(
          'not-an-exposition',
          `with content type "${format.given}"; text/plain or application/openmetrics-text was expected`,
        )
      }
      const gatherer = createValueGatherer(memory.shown)
      const impossible: { count: number; readonly first: UnreadLine[] } = { count: 0, first: [] }
      let bytes = 0

      function noteImpossible(series: KeplerSeries, value: number): void {
        impossible.count += 1
        if (impossible.first.length === mostUnreadLinesKept) return
        impossible.first.push({ reason: `a counter cannot be ${value}`, excerpt: describe(series) })
      }

      const body = memory.reader.begin(format.format, (shown, value) => {
        if (isPossible(value)) gatherer.add(shown, value)
        else noteImpossible(shown.series, value)
      })

      return {
        push(piece) {
          bytes += piece.length
          try {
            body.push(piece)
          } catch (cause) {
            if (!(cause instanceof LongLineError)) throw cause
            throw fail('too-large', `with a body in which ${cause.message}`)
          }
          if (gatherer.count + impossible.count > maxSeries) {
            throw fail('too-large', `with more than the ${maxSeries} series that EXPORTER_MAX_SERIES allows`)
          }
        },

        end() {
          if (bytes === 0) throw fail('empty', 'with an empty body')
          const outcome = body.end()
          if (outcome.ending !== 'complete') {
            throw fail('cut-off', `with a body that is not whole: ${endings[outcome.ending]}`)
          }
          if (!outcome.hasSamples) throw fail('not-an-exposition', 'with a body without a single sample')
          const translation = translationOf(gatherer.gathered())
          if (lacksParts(memory, translation)) {
            memory = createMemory({ readsParts: needsParts(translation) })
            return { kind: 'changed' }
          }
          if (translation.kind === 'no-power-families') {
            throw fail(
              'no-power-families',
              'without any energy counter: Kepler could not compute (it must be allowed to read all of /proc), or this is not Kepler',
            )
          }
          const unreadLines = {
            count: outcome.badLines.count + impossible.count,
            first: [...outcome.badLines.first, ...impossible.first].slice(0, mostUnreadLinesKept),
          }
          const { dialect, nodes, notes } = translation
          const about = { at: receivedAt, unreadLines: unreadLines.count }
          const scrapes = nodes.map((node) => scrapeOf(node, memory.shown.values, about))
          if (translation.hasTotal && memory.readsParts) memory = createMemory({ readsParts: false })
          return { kind: 'scrape', scrape: { dialect, nodes: scrapes, unreadLines, notes, bytes } }
        },
      }
    },
  }
}

/** Whether something was passed over that is needed, now that the exporter is seen to be another than before. */
function lacksParts(memory: Memory, translation: Translation): boolean {
  if (memory.readsParts) return false
  if (needsParts(translation)) return memory.passesOverParts
  return translation.kind === 'nodes' && translation.dialect === 'current' && memory.passesOverAccelerators
}

/** Without its total, a legacy container is counted by its parts. */
function needsParts(translation: Translation): boolean {
  if (translation.kind === 'no-power-families') return true
  return translation.dialect === 'legacy' && !translation.hasTotal
}

/** What is remembered of an exporter's answers. */
type Memory = {
  /** Whether the parts of legacy totals are read. It takes more to read them than all that is needed. */
  readonly readsParts: boolean
  /** Whether there were any, which were not read. */
  readonly passesOverParts: boolean
  /** Whether the part of the accelerators is among them, whose name current Kepler has too. */
  readonly passesOverAccelerators: boolean
  readonly reader: SeriesReader<ShownSeries>
  shown: ShownValues
  /** Of `shown.series`. */
  translation: Translation | undefined
}

function createMemory({ readsParts }: { readonly readsParts: boolean }): Memory {
  let passesOverParts = false
  let passesOverAccelerators = false
  const recognise = (name: string, labels: readonly Label[]): ShownSeries | undefined => {
    const series = recogniseKeplerSeries(name, new Map(labels))
    const isPart = series?.kind === 'legacy-container' && series.component !== 'total'
    if (isPart && !readsParts) {
      passesOverParts = true
      passesOverAccelerators = true
    }
    return series === undefined || (isPart && !readsParts) ? undefined : { series, counter: undefined }
  }
  const wantsName = (name: string) => {
    if (readsParts || !isPartOfTotal(name))
      return isKeplerEnergyName(name) && !(passesOverAccelerators && name === acceleratorsName)
    passesOverParts = true
    return false
  }
  return {
    readsParts,
    get passesOverParts() {
      return passesOverParts
    },
    get passesOverAccelerators() {
      return passesOverAccelerators
    },
    reader: createSeriesReader(recognise, wantsName),
    shown: { series: [], values: new Float64Array(0) },
    translation: undefined,
  }
}

const endings: Readonly<Record<Exclude<ExpositionOutcome['ending'], 'complete'>, string>> = {
  'no-final-newline': 'its last line does not end',
  'missing-eof': 'the closing "# EOF" is missing',
  'text-after-eof': 'there is text after "# EOF"',
}

function describe(series: KeplerSeries): string {
  return Object.values(series).filter(Boolean).join(' ').slice(0, 80)
}

import { expositionFormatOf } from '../../exposition/format.ts'
import type { ExpositionOutcome } from '../../exposition/outcome.ts'
import { createSeriesReader } from '../../exposition/series-reader.ts'
import { LongLineError } from '../../exposition/whole-lines.ts'
import { ScrapeError, type TargetScrape, type UnreadLine } from '../../flows/energy-source.ts'
import { isKeplerEnergyName, recogniseKeplerSeries } from './kepler-series.ts'
import type { MetricsHead } from './metrics-client.ts'
import { type KeplerValue, translate } from './translate.ts'
import type { ZoneChoice } from './zones.ts'

const mostUnreadLinesKept = 8

/** One answer of the target, on its way. What it says is taken at its end, or not at all. */
export type BodyReading = {
  /** The next piece, cut anywhere, which is needed only during the call. Throws ScrapeError. */
  push(piece: Uint8Array): void
  /** There is no more. Throws ScrapeError for a body from which nothing can be taken. */
  end(): TargetScrape
}

/** Makes energy readings of one target's answers. It remembers the target's series and the zones chosen for its nodes. */
export type Interpreter = {
  /** Throws ScrapeError for a content type that is no exposition. */
  begin(head: MetricsHead): BodyReading
}

/** `standInNode` is the node of an answer that names none. */
export function createInterpreter(target: string, standInNode: string = target): Interpreter {
  const reader = createSeriesReader(
    (name, labels) => recogniseKeplerSeries(name, new Map(labels)),
    isKeplerEnergyName,
  )
  const zoneChoices = new Map<string, ZoneChoice>()

  return {
    begin({ contentType, receivedAt }) {
      const format = expositionFormatOf(contentType)
      if (format.kind === 'unknown') {
        throw new ScrapeError(
          'not-an-exposition',
          `${target} answered with content type "${format.given}"; text/plain or application/openmetrics-text was expected`,
        )
      }
      const values: KeplerValue[] = []
      const impossible: UnreadLine[] = []
      let bytes = 0
      const body = reader.begin(format.format, (series, value) => {
        // A counter is a finite number that is not negative; build information has the value 1.
        if (value >= 0 && value < Number.POSITIVE_INFINITY) values.push({ series, value })
        else impossible.push({ reason: `a counter cannot be ${value}`, excerpt: describe(series) })
      })

      return {
        push(piece) {
          bytes += piece.length
          try {
            body.push(piece)
          } catch (cause) {
            if (!(cause instanceof LongLineError)) throw cause
            throw new ScrapeError('too-large', `${target} answered with a body in which ${cause.message}`)
          }
        },

        end() {
          if (bytes === 0) throw new ScrapeError('empty', `${target} answered with an empty body`)
          const outcome = body.end()
          if (outcome.ending !== 'complete') {
            throw new ScrapeError(
              'cut-off',
              `${target} answered with a body that is not whole: ${endings[outcome.ending]}`,
            )
          }
          if (!outcome.hasSamples) {
            throw new ScrapeError(
              'not-an-exposition',
              `${target} answered with a body without a single sample`,
            )
          }
          const unreadLines = {
            count: outcome.badLines.count + impossible.length,
            first: [...outcome.badLines.first, ...impossible].slice(0, mostUnreadLinesKept),
          }
          const translation = translate(values, {
            standInNode,
            at: receivedAt,
            unreadLines: unreadLines.count,
            zoneChoices,
          })
          if (translation.kind === 'no-power-families') {
            throw new ScrapeError(
              'no-power-families',
              `${target} answered without any energy counter: Kepler could not compute (it must be allowed to read all of /proc), or this is not Kepler`,
            )
          }
          const { dialect, scrapes: nodes, notes } = translation
          return { dialect, nodes, unreadLines, notes, bytes }
        },
      }
    },
  }
}

const endings: Readonly<Record<Exclude<ExpositionOutcome['ending'], 'complete'>, string>> = {
  'no-final-newline': 'its last line does not end',
  'missing-eof': 'the closing "# EOF" is missing',
  'text-after-eof': 'there is text after "# EOF"',
}

function describe(series: KeplerValue['series']): string {
  return Object.values(series).filter(Boolean).join(' ').slice(0, 80)
}

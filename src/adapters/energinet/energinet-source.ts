import { unknownZone } from '../../intensity/answer-failure.ts'
import { type AnswerReader, createAnswerReader } from '../../intensity/answer-reader.ts'
import { minuteOf, monthsOf, pastOf } from '../../intensity/calendar.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import { expectedAfter, type Figure, factsFrom, holdingWithin } from '../../intensity/source-facts.ts'
import { heldUntilNext } from '../../intensity/steps.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import { instant } from '../../units.ts'

const id = 'energinet'

const about: AboutSource = {
  name: 'Energinet',
  url: 'https://www.energidataservice.dk/tso-electricity/CO2Emis',
  licence: 'CC-BY-4.0',
  attribution: 'Energinet (www.energidataservice.dk)',
  signal: 'average',
  basis: 'direct',
  everySeconds: 300,
  secondsBetweenRequests: 60,
}

const defaultBaseUrl = new URL('https://api.energidataservice.dk')

/** Zones and the price areas that they are to Energinet. */
const areas = new Map([
  ['DK-DK1', 'DK1'],
  ['DK-DK2', 'DK2'],
])

type Dataset = {
  readonly name: 'CO2Emis' | 'CO2EmisProg'
  readonly kind: 'measured' | 'forecast'
}

const emissions: Dataset = { name: 'CO2Emis', kind: 'measured' }
const prognosis: Dataset = { name: 'CO2EmisProg', kind: 'forecast' }

const hour = 3600 * 1000
/** Denmark is at most this far ahead of UTC. */
const aheadOfUtc = 2 * hour
/** More records than a month can bring, at 288 a day. Without a limit only 100 come, the newest. */
const mostRecords = '10000'

/**
 * Carbon intensity of electricity in West and East Denmark (DK1, DK2), from Energi Data Service of the system operator
 * Energinet, `GET /dataset/CO2Emis` and `CO2EmisProg`. No key.
 *
 * - Unit: gCO2 per kWh consumed, exchange with neighbours included. Average. Direct: what the power plants emit; heat
 *   that they also deliver is set off at an efficiency of 125 %.
 * - Kind: measured (`CO2Emis`); forecast for at least 9 hours (`CO2EmisProg`).
 * - Step: 5 minutes; inferred from the answer.
 * - Licence: CC BY 4.0 (terms of 2024-03-19). Limit: 1 request a minute for each data set and address.
 * - Source: the two data sets' pages on energidataservice.dk; evcc-io/evcc#23591 for the limit of 100 records.
 *   `Minutes5UTC` is UTC without a Z. `start` and `end` are Danish time: asking up to 2 hours too much covers both.
 */
export function createEnerginetSource(options: WebSourceOptions): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl } = options
  const read = createAnswerReader(about.name, now)

  async function figuresOf(
    zone: string,
    { dataset, start, end }: { readonly dataset: Dataset; readonly start: string; readonly end?: string },
    signal: AbortSignal,
  ): Promise<readonly Figure[]> {
    const area = areas.get(zone)
    if (area === undefined) throw unknownZone(about.name, zone)
    const address = addressBelow(baseUrl, `dataset/${dataset.name}`, {
      start,
      ...(end === undefined ? {} : { end }),
      filter: JSON.stringify({ PriceArea: [area] }),
      sort: 'Minutes5UTC desc',
      limit: mostRecords,
    })
    return figuresIn(read.json(await httpGet(address, { signal })), { area, kind: dataset.kind }, read)
  }

  const factsOf = (zone: string, figures: readonly Figure[]) =>
    factsFrom({ id, about, rank, learnedAt: now() }, zone, figures)

  return {
    id,
    about,
    zones: () => [...areas.keys()],

    async latest(zone, signal) {
      return factsOf(zone, await figuresOf(zone, { dataset: emissions, start: 'now-PT2H' }, signal))
    },

    /** One request a month, 1 MB of JSON: requests are dear here. */
    async history(zone, during, signal) {
      const facts: IntensityFact[] = []
      for (const month of monthsOf(pastOf(during, now()))) {
        const start = minuteOf(instant(month.from - hour))
        const end = minuteOf(instant(month.to + aheadOfUtc + hour))
        const figures = await figuresOf(zone, { dataset: emissions, start, end }, signal)
        facts.push(...factsOf(zone, holdingWithin(figures, month)))
      }
      return facts
    },

    async forecast(zone, signal) {
      const figures = await figuresOf(zone, { dataset: prognosis, start: 'now' }, signal)
      return factsOf(zone, expectedAfter(figures, now()))
    },
  }
}

function figuresIn(
  answer: unknown,
  { area, kind }: { readonly area: string; readonly kind: Dataset['kind'] },
  read: AnswerReader,
): readonly Figure[] {
  const records = read.list(read.object(answer, 'a body')['records'], 'records')
  const points = records.map((record, index) => {
    const field = `records[${index}]`
    const { Minutes5UTC, PriceArea, CO2Emission } = read.object(record, field)
    if (PriceArea !== area) throw read.unexpected(PriceArea, `${field}.PriceArea`, area)
    return {
      at: read.time(Minutes5UTC, `${field}.Minutes5UTC`),
      grams: read.numberOrNull(CO2Emission, `${field}.CO2Emission`),
    }
  })
  return heldUntilNext(points).flatMap(({ valid, grams }) =>
    grams === undefined ? [] : [{ valid, grams, method: { kind } }],
  )
}

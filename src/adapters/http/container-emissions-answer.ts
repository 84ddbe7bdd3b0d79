import type { Emission } from '../../emissions/emission.ts'
import type { ZoneEmissions } from '../../emissions/emissions-report.ts'
import type { EnergySample } from '../../energy/energy-sample.ts'
import type { EmissionsAnswer } from '../../flows/report-emissions.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import type { IntensityShare } from '../../intensity/timeline.ts'
import { emissionRateOf, isoWithMicroseconds, meanPower, secondsBetween } from '../../units.ts'
import type { UnderstoodQuery } from './container-emissions-query.ts'
import type { ContainerEmissions } from './container-emissions-schema.ts'
import { provenanceAnswer } from './provenance-answer.ts'

type Found = Extract<EmissionsAnswer, { kind: 'found' }>
type CountryResult = ContainerEmissions['results'][string]

const measurementsPerChunk = 500

/**
 * The answer's body as JSON text, in pieces that together are one ContainerEmissions: a range of a month is never held
 * as text at once. `found` has at least one sample.
 */
export function* answerText(query: UnderstoodQuery, found: Found): Generator<string> {
  const { workload, selection, zones, asOf, series } = query.question
  const first = found.samples[0]
  const last = found.samples.at(-1)
  if (first === undefined || last === undefined) throw new Error('an answer needs at least one measurement')
  const head: Omit<ContainerEmissions, 'results'> = {
    pod: workload.pod,
    container: workload.container,
    namespace: workload.namespace,
    selection_mode: selection.kind === 'range' ? 'range' : 'last_n',
    measurement_count: found.samples.length,
    start_time: isoWithMicroseconds(first.during.to),
    end_time: isoWithMicroseconds(last.during.to),
    defaults: [...query.defaults],
    basis: series.basis,
    signal: series.signal,
    ...(asOf === undefined ? {} : { as_of: isoWithMicroseconds(asOf) }),
    ...(found.warnings.length === 0 ? {} : { warnings: [...found.warnings] }),
  }
  yield `${JSON.stringify(head).slice(0, -1)},"results":{`
  const textOf = createSampleTexts(found.samples.length)
  for (const [at, emissions] of found.perZone.entries()) {
    const separator = at === 0 ? '' : ','
    yield `${separator}${JSON.stringify(query.writtenCountries[at])}:`
    yield* resultText(zones[at] ?? '', emissions, textOf)
  }
  yield '}}'
}

function* resultText(zone: string, emissions: ZoneEmissions, textOf: SampleTexts): Generator<string> {
  const head: Omit<CountryResult, 'measurements'> = {
    zone,
    co2_g: emissions.emitted,
    energy_j: emissions.energy,
    energy_without_intensity_j: emissions.energyWithoutIntensity,
    coverage: emissions.coverage,
    co2_g_low: emissions.provenance.likely.low,
    co2_g_high: emissions.provenance.likely.high,
    ...provenanceAnswer(emissions.provenance),
  }
  yield `${JSON.stringify(head).slice(0, -1)},"measurements":[`
  const figuresText = createFiguresTexts()
  let piece = ''
  let at = 0
  for (const emission of emissions.emissions) {
    const { before, after } = textOf(emission.sample, at)
    const separator = at === 0 ? '' : ','
    piece += `${separator}${before}${emissionText(emission, figuresText)}${after}`
    at += 1
    if (at % measurementsPerChunk !== 0) continue
    yield piece
    piece = ''
  }
  yield `${piece}]}`
}

/*
 * Measurements are most of an answer and of the time that it takes. Their text is put together of few parts, each made
 * once for all countries or for all measurements that share it: a third of the time that objects and JSON.stringify take,
 * and half of the memory. The tests hold it against the schema.
 */

/** What stands before and after the emission in the text of a measurement: the same in every country. */
type SampleText = { readonly before: string; readonly after: string }
type SampleTexts = (sample: EnergySample, at: number) => SampleText

const mostTextsHeld = 1000

/** Those of a short answer are made once for all countries. */
function createSampleTexts(samples: number): SampleTexts {
  const texts: SampleText[] = []
  // Where one ends, the next mostly begins.
  let lastEnd = { at: Number.NaN, text: '' }

  function textOf({ during, energy, flags }: EnergySample): SampleText {
    const power = numberText(meanPower(energy, during))
    const seconds = numberText(secondsBetween(during.from, during.to))
    const flagsText = flags.length === 0 ? '[]' : JSON.stringify(flags)
    const from = during.from === lastEnd.at ? lastEnd.text : isoWithMicroseconds(during.from)
    const to = isoWithMicroseconds(during.to)
    lastEnd = { at: during.to, text: to }
    return {
      before: `{"timestamp":"${to}","joules_per_second":${power},"energy_j":${numberText(energy)}`,
      after: `,"from":"${from}","interval_s":${seconds},"flags":${flagsText}}`,
    }
  }

  return (sample, at) => {
    const text = texts[at] ?? textOf(sample)
    if (samples <= mostTextsHeld) texts[at] = text
    return text
  }
}

const unknownText =
  ',"co2_gps":null,"co2_g":null,"intensity_g_per_kwh":null,"intensity_source":null,"intensity_method":null'

function emissionText(emission: Emission, figuresText: (emission: KnownEmission) => string): string {
  if (emission.kind === 'unknown') return unknownText
  const { energy, during } = emission.sample
  const rate = emissionRateOf(meanPower(energy, during), emission.meanIntensity)
  return `,"co2_gps":${numberText(rate)},"co2_g":${numberText(emission.emitted)}${figuresText(emission)}`
}

type KnownEmission = Extract<Emission, { kind: 'known' }>

/** Of the figures that an emission is worked out with. Those that follow each other mostly have the same. */
function createFiguresTexts(): (emission: KnownEmission) => string {
  let last: { readonly shares: readonly IntensityShare[]; readonly text: string } | undefined
  return ({ meanIntensity, shares }) => {
    if (last?.shares !== shares) {
      const figures = {
        intensity_g_per_kwh: meanIntensity,
        ...provenanceOf(shares.map(({ fact }) => fact)),
      }
      last = { shares, text: `,${JSON.stringify(figures).slice(1, -1)}` }
    }
    return last.text
  }
}

/** As JSON has it, which knows no infinity. */
function numberText(number: number): string {
  return Number.isFinite(number) ? String(number) : 'null'
}

type Provenance = { intensity_source: string; intensity_method: string; intensity_year?: number }

/** Whose figures these are; the label of an annual average never goes without its year. */
export function provenanceOf(facts: readonly IntensityFact[]): Provenance {
  const years = facts.flatMap(({ method }) => (method.kind === 'annual-average' ? [method.year] : []))
  const year = years.at(-1)
  return {
    intensity_source: listed(facts.map(({ source }) => source)),
    intensity_method: listed(facts.map(({ method }) => method.kind)),
    ...(year === undefined ? {} : { intensity_year: year }),
  }
}

function listed(texts: readonly string[]): string {
  const [only] = texts
  if (texts.length === 1 && only !== undefined) return only
  return [...new Set(texts)].join(', ')
}

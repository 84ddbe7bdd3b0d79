import type { Emission } from '../../emissions/emission.ts'
import type { ZoneEmissions } from '../../emissions/emissions-report.ts'
import type { EmissionsAnswer } from '../../flows/report-emissions.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import { emissionRateOf, isoWithMicroseconds, meanPower, secondsBetween } from '../../units.ts'
import type { UnderstoodQuery } from './container-emissions-query.ts'
import type { ContainerEmissions } from './container-emissions-schema.ts'

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
  for (const [at, emissions] of found.perZone.entries()) {
    const separator = at === 0 ? '' : ','
    yield `${separator}${JSON.stringify(query.writtenCountries[at])}:`
    yield* resultText(zones[at] ?? '', emissions)
  }
  yield '}}'
}

function* resultText(zone: string, emissions: ZoneEmissions): Generator<string> {
  const head: Omit<CountryResult, 'measurements'> = {
    zone,
    co2_g: emissions.emitted,
    energy_j: emissions.energy,
    energy_without_intensity_j: emissions.energyWithoutIntensity,
    coverage: emissions.coverage,
    co2_g_low: emissions.provenance.likely.low,
    co2_g_high: emissions.provenance.likely.high,
    provenance: emissions.provenance.parts.map(({ source, method, energyShare }) => ({
      intensity_source: source,
      intensity_method: method.kind,
      ...(method.kind === 'annual-average' ? { intensity_year: method.year } : {}),
      energy_share: energyShare,
    })),
    worst_age_s: emissions.provenance.worstAgeSeconds ?? null,
  }
  yield `${JSON.stringify(head).slice(0, -1)},"measurements":[`
  let pieces: string[] = []
  let isFirst = true
  for (const emission of emissions.emissions) {
    pieces.push(JSON.stringify(measurementOf(emission)))
    if (pieces.length < measurementsPerChunk) continue
    yield (isFirst ? '' : ',') + pieces.join(',')
    isFirst = false
    pieces = []
  }
  if (pieces.length > 0) yield (isFirst ? '' : ',') + pieces.join(',')
  yield ']}'
}

function measurementOf(emission: Emission): CountryResult['measurements'][number] {
  const { during, energy, flags } = emission.sample
  const power = meanPower(energy, during)
  const measured = {
    timestamp: isoWithMicroseconds(during.to),
    joules_per_second: power,
    energy_j: energy,
  }
  const interval = {
    from: isoWithMicroseconds(during.from),
    interval_s: secondsBetween(during.from, during.to),
    flags: [...flags],
  }
  if (emission.kind === 'unknown') {
    return {
      ...measured,
      co2_gps: null,
      co2_g: null,
      intensity_g_per_kwh: null,
      intensity_source: null,
      intensity_method: null,
      ...interval,
    }
  }
  return {
    ...measured,
    co2_gps: emissionRateOf(power, emission.meanIntensity),
    co2_g: emission.emitted,
    intensity_g_per_kwh: emission.meanIntensity,
    ...provenanceOf(emission.shares.map(({ fact }) => fact)),
    ...interval,
  }
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
  return [...new Set(texts)].join(', ')
}

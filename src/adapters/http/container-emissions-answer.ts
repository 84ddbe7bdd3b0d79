import type { Emission } from '../../emissions/emission.ts'
import type { ZoneEmissions } from '../../emissions/emissions-report.ts'
import type { IntensityFact } from '../../intensity/fact.ts'
import { emissionRateOf, isoWithMicroseconds, meanPower, secondsBetween } from '../../units.ts'
import type { UnderstoodQuery } from './container-emissions-query.ts'
import type { ContainerEmissions } from './container-emissions-schema.ts'

/** The answer's body. `perZone` is in the order of the query's countries and has at least one measurement each. */
export function answerOf(query: UnderstoodQuery, perZone: readonly ZoneEmissions[]): ContainerEmissions {
  const { workload, selection } = query.question
  const emissions = perZone[0]?.emissions ?? []
  const first = emissions[0]
  const last = emissions.at(-1)
  if (first === undefined || last === undefined) throw new Error('an answer needs at least one measurement')
  const results = perZone.map((zone, at) => [
    query.writtenCountries[at] ?? '',
    resultOf(query.question.zones[at] ?? '', zone),
  ])
  return {
    pod: workload.pod,
    container: workload.container,
    namespace: workload.namespace,
    selection_mode: selection.kind === 'range' ? 'range' : 'last_n',
    measurement_count: emissions.length,
    start_time: isoWithMicroseconds(first.sample.during.to),
    end_time: isoWithMicroseconds(last.sample.during.to),
    defaults: [...query.defaults],
    results: Object.fromEntries(results),
  }
}

type CountryResult = ContainerEmissions['results'][string]

function resultOf(zone: string, emissions: ZoneEmissions): CountryResult {
  return {
    zone,
    co2_g: emissions.emitted,
    energy_j: emissions.energy,
    energy_without_intensity_j: emissions.energyWithoutIntensity,
    coverage: emissions.coverage,
    measurements: emissions.emissions.map(measurementOf),
  }
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

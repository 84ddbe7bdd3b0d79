import { type MetricFamily, type MetricSample, writeLabels } from '../exposition/print.ts'
import type { IntensityFact } from '../intensity/fact.ts'
import type { Instant } from '../units.ts'
import type { EmissionMeter, Reading } from './emission-meter.ts'

/** Why these zones and no others. */
export type ZoneChoice = 'METRICS_ZONES' | 'COUNTRIES' | 'default'

export type EmissionState = {
  readonly meter: EmissionMeter
  readonly zonesChosenBy: ZoneChoice
  /** The fact in force now for each of the meter's zones that has one. */
  readonly intensities: readonly IntensityFact[]
  readonly now: Instant
}

/** Energy, power and emissions as metric families. Their samples are made one by one, as they are printed. */
export function emissionMetrics(state: EmissionState): readonly MetricFamily[] {
  const { meter, zonesChosenBy, intensities, now } = state
  const zoneLabels = meter.zones.map((zone) => writeLabels({ zone }))
  const withZone = (written: string, place: number) => `${written},${zoneLabels[place] ?? ''}`
  const containers = () => meter.containers(now)
  const namespaces = () => meter.namespaces(now)
  const counts = meter.counts()
  return [
    ...readingFamilies({ of: 'container', subject: 'a container has', readings: containers, withZone }),
    ...readingFamilies({
      of: 'namespace',
      subject: 'all containers of a namespace have',
      readings: namespaces,
      withZone,
    }),
    {
      name: 'co2_unnamed_emissions_grams',
      help: 'Emissions of containers without names, as CO2 equivalent; it decreases when they get some.',
      type: 'gauge',
      samples: meter
        .unnamed()
        .grams.map((value, place) => ({ writtenLabels: zoneLabels[place] ?? '', value })),
    },
    {
      name: 'co2_energy_without_intensity_joules_total',
      help: 'Energy in whose time no carbon intensity of a zone was known: it is in none of the zone’s emissions.',
      type: 'counter',
      samples: meter
        .joulesWithoutIntensity()
        .map((value, place) => ({ writtenLabels: zoneLabels[place] ?? '', value })),
    },
    {
      name: 'co2_grid_intensity_grams_per_kwh',
      help: 'Carbon intensity of a zone’s electricity now, as CO2 equivalent, with whose figure it is.',
      type: 'gauge',
      samples: intensities.map(({ zone, source, method, intensity }) => ({
        labels: { zone, source, method: method.kind },
        value: intensity,
      })),
    },
    {
      name: 'co2_api_metrics_zone_info',
      help: 'A metric with the constant value 1 for each zone whose emissions are exported, labelled with what chose it.',
      type: 'gauge',
      samples: meter.zones.map((zone) => ({ labels: { zone, chosen_by: zonesChosenBy }, value: 1 })),
    },
    {
      name: 'co2_api_exported_containers',
      help: 'Containers that have metrics of their own.',
      type: 'gauge',
      samples: [{ value: counts.metered }],
    },
    {
      name: 'co2_api_exported_containers_limit',
      help: 'The most containers that have metrics of their own.',
      type: 'gauge',
      samples: [{ value: counts.most }],
    },
    {
      name: 'co2_api_containers_beyond_limit',
      help: 'Containers that are counted together as (others), since there are too many.',
      type: 'gauge',
      samples: [{ value: counts.beyond }],
    },
  ]
}

function readingFamilies({
  of,
  subject,
  readings,
  withZone,
}: {
  readonly of: string
  /** With its verb. */
  readonly subject: string
  readonly readings: () => Iterable<Reading>
  readonly withZone: (written: string, place: number) => string
}): readonly MetricFamily[] {
  return [
    {
      name: `co2_${of}_energy_joules_total`,
      help: `Dynamic energy that ${subject} used, since the service started.`,
      type: 'counter',
      samples: samplesOf(readings, function* ({ writtenLabels, joules }) {
        yield { writtenLabels, value: joules }
      }),
    },
    {
      name: `co2_${of}_emissions_grams_total`,
      help: `What ${subject} emitted, or would have in another zone, as CO2 equivalent; as it was known when it was measured.`,
      type: 'counter',
      samples: samplesOf(readings, function* ({ writtenLabels, grams }) {
        for (const [place, value] of grams.entries())
          yield { writtenLabels: withZone(writtenLabels, place), value }
      }),
    },
    {
      name: `co2_${of}_power_watts`,
      help: `Mean power that ${subject} drawn, in the time of the last scrape.`,
      type: 'gauge',
      samples: samplesOf(readings, function* ({ writtenLabels, watts }) {
        if (watts !== undefined) yield { writtenLabels, value: watts }
      }),
    },
  ]
}

function* samplesOf(
  readings: () => Iterable<Reading>,
  of: (reading: Reading) => Iterable<MetricSample>,
): Generator<MetricSample> {
  for (const reading of readings()) yield* of(reading)
}

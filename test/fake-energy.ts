import { flagBitsOf, type SampleFlag } from '../src/energy/energy-sample.ts'
import type { EnergyFilter, EnergyQuestion, EnergySeries, EnergySpans } from '../src/energy/energy-spans.ts'
import type { Workload } from '../src/energy/workload.ts'
import type { EnergyReading } from '../src/flows/read-energy.ts'

/** Energy of a container on a node between two moments, in milliseconds since 1970. */
export type MeasuredEnergy = {
  readonly node: string
  readonly workload: Workload | undefined
  readonly from: number
  readonly to: number
  readonly joules: number
  readonly flags?: readonly SampleFlag[]
}

/** A reader of energy out of a list, that gives every sample as it is, `perPortion` of them at once. */
export function readerOf(
  measured: readonly MeasuredEnergy[],
  perPortion = 1000,
): EnergyReading & { readonly questions: readonly EnergyQuestion[] } {
  const questions: EnergyQuestion[] = []
  return {
    questions,
    warnings: [],
    async *energyWithin(question, signal) {
      questions.push(question)
      const { during, where } = question
      const wanted = measured.filter(
        (energy) => energy.from < during.to && energy.to > during.from && isWanted(energy, where),
      )
      for (let at = 0; at < wanted.length; at += perPortion) {
        signal.throwIfAborted()
        yield spansOf(wanted.slice(at, at + perPortion))
      }
    },
  }
}

function isWanted({ node, workload }: MeasuredEnergy, where: EnergyFilter): boolean {
  const among = (value: string | undefined, wanted: readonly string[] | undefined) =>
    wanted === undefined || (value !== undefined && wanted.includes(value))
  return (
    among(node, where.nodes) &&
    among(workload?.namespace, where.namespaces) &&
    among(workload?.pod, where.pods) &&
    among(workload?.container, where.containers)
  )
}

/** The rows of a portion, each container once among the series. */
export function spansOf(rows: readonly MeasuredEnergy[], grainSeconds?: number): EnergySpans {
  const series = new Map<string, EnergySeries>()
  for (const { node, workload } of rows) series.set(JSON.stringify([node, workload]), { node, workload })
  const places = new Map([...series.keys()].map((key, at) => [key, at]))
  return {
    series: [...series.values()],
    length: rows.length,
    seriesAt: Uint32Array.from(
      rows,
      ({ node, workload }) => places.get(JSON.stringify([node, workload])) ?? 0,
    ),
    from: Float64Array.from(rows, ({ from }) => from),
    to: Float64Array.from(rows, ({ to }) => to),
    joules: Float64Array.from(rows, ({ joules }) => joules),
    samples: new Uint32Array(rows.length).fill(1),
    flagBits: Uint8Array.from(rows, ({ flags = [] }) => flagBitsOf(flags)),
    grainSeconds,
  }
}

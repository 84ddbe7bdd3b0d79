import assert from 'node:assert/strict'
import { eachSpan, partWithin } from '../../src/energy/clip-spans.ts'
import type { EnergyQuestion, EnergyReader, EnergySeries } from '../../src/energy/energy-spans.ts'
import type { SpanRow } from '../../src/energy/span-columns.ts'
import type { Workload } from '../../src/energy/workload.ts'
import { instant } from '../../src/units.ts'
import { never } from './measured.ts'

/** Each sample that there is. */
export const everyEnergy: EnergyQuestion = {
  during: { from: instant(-Infinity), to: instant(Infinity) },
  where: {},
  grainSeconds: undefined,
}

/** What a question's answer comes to in a grain of time, for the containers of a node that share names. */
export type Bin = { joules: number; samples: number; flagBits: number }

/** By node, names, and the beginning of the grain in milliseconds. */
export type Bins = ReadonlyMap<string, Bin>

/** Rows of energy, cut at the ends of the question and at its grains, and added up. */
export function createBins({ during, grainSeconds }: EnergyQuestion) {
  const bins = new Map<string, Bin>()
  const grainMs = (grainSeconds ?? 1e9) * 1000

  function add({ node, workload }: EnergySeries, row: SpanRow): void {
    const end = Math.min(row.to, during.to)
    let from = Math.max(row.from, during.from)
    assert.ok(from < end, `a row from ${row.from} to ${row.to} shares no time with the question`)
    while (from < end) {
      const grain = Math.floor(from / grainMs) * grainMs
      const to = Math.min(grain + grainMs, end)
      const part = partWithin(row, { from: instant(from), to: instant(to) })
      const key = binKey(node, workload, grain)
      const bin = bins.get(key) ?? { joules: 0, samples: 0, flagBits: 0 }
      bins.set(key, {
        joules: bin.joules + (part?.joules ?? 0),
        samples: bin.samples + (part?.samples ?? 0),
        flagBits: bin.flagBits | row.flagBits,
      })
      from = to
    }
  }

  return { add, bins }
}

function binKey(node: string, workload: Workload | undefined, grain: number): string {
  const names = workload === undefined ? null : [workload.namespace, workload.pod, workload.container]
  return JSON.stringify([node, names, grain])
}

export async function binsIn(reader: EnergyReader, question: EnergyQuestion): Promise<Bins> {
  const { add, bins } = createBins(question)
  for await (const spans of reader.energyWithin(question, never)) {
    assert.ok(spans.length <= 100_000, `a portion of ${spans.length} rows`)
    if (spans.grainSeconds !== undefined) assert.equal((question.grainSeconds ?? 1) % spans.grainSeconds, 0)
    eachSpan(spans, add)
  }
  return bins
}

/** Below this a double has fewer digits, so that parts do not add up. */
const leastJoules = 1e-300

/** To 1e-9 of each sum; flags and numbers of samples exactly. */
export function assertSameBins(found: Bins, expected: Bins, about: string): void {
  assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort(), about)
  for (const [key, { joules, ...rest }] of expected) {
    const { joules: foundJoules, ...foundRest } = found.get(key) ?? { joules: Number.NaN }
    assert.ok(
      Math.abs(foundJoules - joules) <= 1e-9 * joules + leastJoules,
      `${key}: ${foundJoules} J instead of ${joules} J, ${about}`,
    )
    assert.deepEqual(foundRest, rest, `${key}, ${about}`)
  }
}

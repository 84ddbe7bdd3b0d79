import { type Instant, instant, joules } from '../units.ts'
import { flagsOfBoth } from './energy-sample.ts'
import type { LedgerPage, Measurement } from './ledger-page.ts'

/**
 * The pages of one node, oldest first, with one page for each step of time instead of one for each scrape. Steps begin
 * at the whole multiples since 1970. Measurements of a container that follow each other without a hole become one, with
 * the energy of all of them; the others stay apart.
 */
export function pagesPerStep(pages: readonly LedgerPage[], stepSeconds: number): readonly LedgerPage[] {
  const bySteps = Map.groupBy(pages, ({ at }) => Math.ceil(at / (stepSeconds * 1000)))
  return Array.from(bySteps.values(), joined)
}

function joined(pages: readonly LedgerPage[]): LedgerPage {
  const measurements: Measurement[] = []
  const lastOf = new Map<string, number>()
  for (const measurement of pages.flatMap(({ measurements: ofPage }) => ofPage)) {
    const index = lastOf.get(measurement.containerId)
    const before = index === undefined ? undefined : measurements[index]
    if (index !== undefined && before?.during.to === measurement.during.from) {
      measurements[index] = added(before, measurement)
    } else {
      lastOf.set(measurement.containerId, measurements.length)
      measurements.push(measurement)
    }
  }
  return {
    node: pages[0]?.node ?? '',
    at: endOf(pages),
    measurements,
    renamings: pages.flatMap(({ renamings }) => renamings),
    gaps: pages.flatMap(({ gaps }) => gaps),
  }
}

function endOf(pages: readonly LedgerPage[]): Instant {
  return pages.at(-1)?.at ?? instant(-Infinity)
}

function added(before: Measurement, after: Measurement): Measurement {
  return {
    containerId: after.containerId,
    workload: after.workload ?? before.workload,
    during: { from: before.during.from, to: after.during.to },
    energy: joules(before.energy + after.energy),
    counter: after.counter,
    flags: flagsOfBoth(before.flags, after.flags),
  }
}

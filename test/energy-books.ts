import { createEnergyLedger, type EnergyLedger } from '../src/energy/energy-ledger.ts'
import type { EnergySample } from '../src/energy/energy-sample.ts'
import { mergeSamples } from '../src/energy/merge-samples.ts'
import type { SampleSelection } from '../src/energy/node-history.ts'
import type { LedgerLimits, ScrapeEntry } from '../src/energy/node-ledger.ts'
import type { NodeScrape } from '../src/energy/reading.ts'
import { createRecentSamples, type RecentSamples } from '../src/energy/recent-samples.ts'
import { type Steps, withoutPause } from '../src/energy/steps.ts'
import type { Workload } from '../src/energy/workload.ts'

/** A ledger whose pages go straight to the samples in memory, as they do in the service. */
export type EnergyBooks = EnergyLedger & {
  readonly recent: RecentSamples
  samplesOf(workload: Workload, selection: SampleSelection): readonly EnergySample[]
}

export function createEnergyBooks(limits: LedgerLimits): EnergyBooks {
  const ledger = createEnergyLedger(limits)
  const recent = createRecentSamples(limits.retentionSeconds)

  function* recording(scrape: NodeScrape): Steps<ScrapeEntry> {
    const entry = yield* ledger.recording(scrape)
    if (entry.kind === 'recorded') yield* recent.adding(entry.page)
    return entry
  }

  return {
    ...ledger,
    recent,
    record: (scrape) => withoutPause(recording(scrape)),
    recording,
    samplesOf(workload, selection) {
      const merged = mergeSamples(recent.samplesOf(workload, selection))
      return selection.kind === 'last' ? merged.slice(-selection.count) : merged
    },
    forgetNodesBefore(at) {
      ledger.forgetNodesBefore(at)
      recent.forgetNodesBefore(at)
    },
  }
}

import type { EnergyLedger } from '../energy/energy-ledger.ts'
import type { Gap } from '../energy/gap.ts'
import type { LedgerPage } from '../energy/ledger-page.ts'
import type { ScrapeEntry } from '../energy/node-ledger.ts'
import { withPauses } from '../energy/steps.ts'
import { type Instant, secondsBetween } from '../units.ts'
import { type EnergySource, ScrapeError, type TargetScrape } from './energy-source.ts'
import type { NodeOwners } from './node-owners.ts'
import type { ScrapeHealth } from './scrape-health.ts'

/** What a turn of scraping tells whoever watches: a log, a metric. */
export type ScrapeEvent =
  | {
      readonly kind: 'scraped'
      readonly target: string
      readonly seconds: number
      readonly scrape: TargetScrape
    }
  | { readonly kind: 'recorded'; readonly target: string; readonly node: string; readonly entry: ScrapeEntry }
  | { readonly kind: 'gap'; readonly target: string; readonly gap: Gap }
  | { readonly kind: 'failed'; readonly target: string; readonly failure: string; readonly message: string }
  /** Two targets answer for one node; counting both would count its energy twice. */
  | {
      readonly kind: 'node-claimed-twice'
      readonly target: string
      readonly node: string
      readonly by: string
    }

export type EnergyScrape = {
  readonly source: EnergySource
  readonly ledger: Pick<EnergyLedger, 'recording'>
  readonly health: Pick<ScrapeHealth, 'succeeded' | 'failed'>
  readonly owners: NodeOwners
  /**
   * Lets the ledger go on from what others have kept of a node that it does not know. What it throws makes the scrape
   * one that failed: nothing was taken, and the next one covers its time.
   */
  readonly meet?: (node: string) => Promise<void>
  /** Takes over what a scrape added. It is awaited, so that pages of a node stay in order. */
  readonly keep: (page: LedgerPage) => void | Promise<void>
  /** Gives others their turn while a large scrape is entered. */
  readonly pause: () => Promise<void>
  readonly now: () => Instant
  readonly onEvent: (event: ScrapeEvent) => void
}

/**
 * One turn: read the source and enter what it says into the ledger. Of a scrape that fails nothing is taken; it is
 * recorded as a failure and does not throw, since the next scrape covers its time.
 */
export async function scrapeEnergy(scrape: EnergyScrape, signal: AbortSignal): Promise<void> {
  const { source, ledger, health, owners, keep, pause, now, onEvent } = scrape
  const { target } = source
  const begunAt = now()
  let read: TargetScrape
  try {
    read = await source.read(signal)
    for (const { node } of read.nodes) await scrape.meet?.(node)
  } catch (cause) {
    if (signal.aborted) return
    const failure = cause instanceof ScrapeError ? cause.failure : 'other'
    const message = cause instanceof Error ? cause.message : String(cause)
    health.failed(target, { at: now(), failure, message })
    onEvent({ kind: 'failed', target, failure, message })
    return
  }
  const endedAt = now()
  onEvent({ kind: 'scraped', target, seconds: secondsBetween(begunAt, endedAt), scrape: read })
  let conflict: string | undefined
  for (const nodeScrape of read.nodes) {
    const { node, basis, at } = nodeScrape
    const owner = owners.claim(node, { target, basis, at })
    if (owner !== target) {
      onEvent({ kind: 'node-claimed-twice', target, node, by: owner })
      conflict = `${target} answers for node "${node}", which ${owner} already counts in another way; it is left out, since its energy would be counted twice`
      continue
    }
    const entry = await withPauses(ledger.recording(nodeScrape), pause)
    onEvent({ kind: 'recorded', target, node, entry })
    if (entry.kind === 'stale') continue
    for (const gap of entry.page.gaps) onEvent({ kind: 'gap', target, gap })
    await keep(entry.page)
  }
  if (conflict === undefined) health.succeeded(target, endedAt, read)
  else health.failed(target, { at: endedAt, failure: 'other', message: conflict })
}

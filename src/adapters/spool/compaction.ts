import type { LedgerPage } from '../../energy/ledger-page.ts'
import { carriedInto, withoutMeasurements } from '../../flows/dropped-page.ts'
import { pagesOf, type RunRecord, runRecord, statePartOf } from './run-record.ts'
import type { SpoolEntry } from './segment.ts'

/**
 * The records that stand for `records`, which are those of `entries`, once their measurements are dropped: the first
 * `spared` as they are, and then one for each node, with what remains of its pages and the state after the last of
 * them.
 */
export function compactedRecords(
  entries: readonly SpoolEntry[],
  { records, spared }: { readonly records: readonly Buffer[]; readonly spared: number },
): { readonly dropped: readonly LedgerPage[]; readonly remains: readonly RunRecord[] } {
  const kept: RunRecord[] = []
  const dropped: LedgerPage[] = []
  const remainsOfNodes = new Map<string, { page: LedgerPage; state: Buffer }>()
  for (const [index, { header }] of entries.entries()) {
    const bytes = records[index]
    if (bytes === undefined) throw new Error('an entry has no record')
    if (index < spared) {
      kept.push({ header, bytes })
      continue
    }
    let page = remainsOfNodes.get(header.node)?.page
    for (const next of pagesOf(bytes, header)) {
      page = withoutMeasurements(page === undefined ? next : carriedInto(next, page))
      if (next.measurements.length > 0) dropped.push(next)
    }
    if (page !== undefined) remainsOfNodes.set(header.node, { page, state: statePartOf(bytes, header) })
  }
  const remains = Array.from(remainsOfNodes.values(), ({ page, state }) => runRecord([page], state))
  return { dropped, remains: [...kept, ...remains] }
}

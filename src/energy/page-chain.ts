import type { LedgerBatch, LedgerPage } from './ledger-page.ts'
import type { SupersededPages } from './measurement-store.ts'
import type { StateMark } from './node-state.ts'

/** What of a batch is to be written; the batch itself where that is all of it. */
export type AcceptedPages = {
  readonly batch: LedgerBatch
  /** Measurements of pages that were accepted before. */
  readonly repeated: number
  readonly superseded: readonly SupersededPages[]
}

/**
 * Judges the pages of each node by the state of it that is held. The state after a last page that falls, falls too. A
 * node that is not named in `held` is one of which no state can be held; its pages are set aside later.
 */
export function acceptedOf(
  batch: LedgerBatch,
  held: ReadonlyMap<string, StateMark | undefined>,
): AcceptedPages {
  const accepted = new Set<LedgerPage>()
  const fallen = new Set<string>()
  const superseded: SupersededPages[] = []
  let repeated = 0
  for (const [node, pages] of Map.groupBy(batch.pages, (page) => page.node)) {
    const judged = held.has(node)
      ? judgePages(pages, held.get(node))
      : pages.map((page) => ({ page, verdict: 'accepted' as const }))
    for (const { page, verdict } of judged) {
      if (verdict === 'accepted') accepted.add(page)
      if (verdict === 'repeated') repeated += page.measurements.length
    }
    const last = judged.at(-1)
    if (last !== undefined && last.verdict !== 'accepted') fallen.add(node)
    const lost = judged.filter(({ verdict }) => verdict === 'superseded').map(({ page }) => page)
    const lastLost = lost.at(-1)
    if (lastLost === undefined) continue
    superseded.push({
      node,
      measurements: lost.reduce((sum, { measurements }) => sum + measurements.length, 0),
      until: lastLost.at,
      isMended: last?.verdict !== 'superseded',
    })
  }
  if (accepted.size === batch.pages.length) return { batch, repeated, superseded }
  return {
    batch: {
      pages: batch.pages.filter((page) => accepted.has(page)),
      states: batch.states.filter(({ node }) => !fallen.has(node)),
    },
    repeated,
    superseded,
  }
}

/**
 * `accepted`: it goes on from what is held, or nothing is held, or it does not tell what it goes on from. `repeated`: it was accepted before.
 * `superseded`: another process has gone on meanwhile from where it goes on, so that its time is counted already.
 */
type PageVerdict = 'accepted' | 'repeated' | 'superseded'

/**
 * Judges pages of one node, given in order, by the state of the node that a store holds. A page that tells which state
 * it goes on from is accepted where that state is held, or would be after the page before it. So the accepted pages of a
 * node, whoever wrote them, are one chain without overlap or gap, and the energy of no time is kept twice.
 */
function judgePages(
  pages: readonly LedgerPage[],
  held: StateMark | undefined,
): readonly { readonly page: LedgerPage; readonly verdict: PageVerdict }[] {
  let end = held
  return pages.map((page) => {
    const verdict = verdictOn(page, { held, end })
    if (verdict === 'accepted') end = { at: page.at, by: page.link?.by ?? '' }
    return { page, verdict }
  })
}

function verdictOn(
  { at, link }: LedgerPage,
  { held, end }: { readonly held: StateMark | undefined; readonly end: StateMark | undefined },
): PageVerdict {
  if (link === undefined || end === undefined || isSame(link.after, end)) return 'accepted'
  // A process hands out the pages of a node in order, and they are kept together with the state after them.
  const isRepeated = held !== undefined && link.by === held.by && at <= held.at + clockToleranceMs
  return isRepeated ? 'repeated' : 'superseded'
}

/** A store may keep no more than microseconds of a time. */
const clockToleranceMs = 0.001

function isSame(a: StateMark | undefined, b: StateMark): boolean {
  return a !== undefined && a.by === b.by && Math.abs(a.at - b.at) <= clockToleranceMs
}

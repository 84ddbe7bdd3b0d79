import type { Gap } from '../energy/gap.ts'
import type { LedgerPage, Measurement, PageLink, Renaming } from '../energy/ledger-page.ts'
import { whyUnstorable } from '../energy/storable.ts'
import { type Instant, type Interval, instant } from '../units.ts'

/** Gaps, and renamings, that one page may carry on from dropped pages; a bound on what a long outage can pile up. */
const mostCarried = 2000

/** Stands for all containers of a node in a gap that several gaps were joined into. */
const everyContainer = '*'

/**
 * What remains of a page whose measurements are dropped: its renamings and gaps, and a gap for the time of each
 * measurement. The dropped times of a container that follow each other are one gap, so that what remains of many
 * pages is no more than what remains of one.
 */
export function withoutMeasurements(page: LedgerPage): LedgerPage {
  return { ...page, measurements: [], gaps: fewest(page, withDropped(page)) }
}

/** `page` with what remains of the pages of its node before it. */
export function carriedInto(page: LedgerPage, remains: LedgerPage): LedgerPage {
  return {
    ...page,
    ...linkThrough(page, remains),
    renamings: newestNames([...remains.renamings, ...page.renamings]),
    gaps: fewest(page, [...remains.gaps, ...page.gaps]),
  }
}

/** The place of `page` in the chain once the page before it is gone: it goes on from where that one went on from. */
function linkThrough({ link }: LedgerPage, before: LedgerPage): { readonly link?: PageLink } {
  const follows = link?.after
  const isNext = follows !== undefined && follows.at === before.at && follows.by === before.link?.by
  if (link === undefined || before.link === undefined || !isNext) return {}
  const { after } = before.link
  return { link: after === undefined ? { by: link.by } : { by: link.by, after } }
}

/** The time that the measurements of a page cover; the moment of the page where there are none. */
export function timeOf({ at, measurements }: LedgerPage): Interval {
  return hull(
    at,
    measurements.map(({ during }) => during),
  )
}

function withDropped({ node, gaps, measurements }: LedgerPage): readonly Gap[] {
  const all = [...gaps]
  const lastDropped = new Map<string, number>()
  for (const [index, { containerId, cause }] of gaps.entries()) {
    if (cause.kind === 'dropped') lastDropped.set(containerId, index)
  }
  for (const measurement of measurements) {
    // What no store can hold is no energy that is missing from it.
    if (whyUnstorable(measurement) !== undefined) continue
    const index = lastDropped.get(measurement.containerId)
    const before = index === undefined ? undefined : all[index]
    if (index !== undefined && before !== undefined && before.during.to === measurement.during.from) {
      all[index] = {
        ...before,
        workload: measurement.workload ?? before.workload,
        during: { from: before.during.from, to: measurement.during.to },
      }
    } else {
      lastDropped.set(measurement.containerId, all.length)
      all.push(droppedGap(node, measurement))
    }
  }
  return all
}

function droppedGap(node: string, { containerId, workload, during }: Measurement): Gap {
  return { node, containerId, component: '*', workload, during, cause: { kind: 'dropped' } }
}

/** Joins the oldest gaps into one of the whole node when there are too many to carry on. */
function fewest({ node, at }: LedgerPage, gaps: readonly Gap[]): readonly Gap[] {
  if (gaps.length <= mostCarried) return gaps
  const joined = gaps.slice(0, gaps.length - mostCarried + 1)
  const ofNode: Gap = {
    node,
    containerId: everyContainer,
    component: '*',
    workload: undefined,
    during: hull(
      at,
      joined.map(({ during }) => during),
    ),
    cause: { kind: 'dropped' },
  }
  return [ofNode, ...gaps.slice(joined.length)]
}

function newestNames(renamings: readonly Renaming[]): readonly Renaming[] {
  const newest = new Map<string, Renaming>()
  for (const renaming of renamings) {
    newest.delete(renaming.containerId)
    newest.set(renaming.containerId, renaming)
  }
  return [...newest.values()].slice(-mostCarried)
}

function hull(at: Instant, intervals: readonly Interval[]): Interval {
  let from: number = at
  let to: number = Number.NEGATIVE_INFINITY
  for (const interval of intervals) {
    if (Number.isFinite(interval.from)) from = Math.min(from, interval.from)
    if (Number.isFinite(interval.to)) to = Math.max(to, interval.to)
  }
  return { from: instant(from), to: instant(Number.isFinite(to) ? to : at) }
}

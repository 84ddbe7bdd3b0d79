import type { TrailReader, TrailSample } from '../energy/counter-trail.ts'
import { type Workload, wholePod, workloadKey } from '../energy/workload.ts'
import { type Instant, type Interval, instant } from '../units.ts'

/** For which times a store has samples of which containers. */
export type StoredCoverage = {
  /** How much of this time is counted already for a container. */
  shareOf(container: CountedContainer, during: Interval): CoveredShare
  /** Whether any of this time is counted already for any container of the node. */
  hasSamplesOn(node: string, during: Interval): boolean
}

export type CountedContainer = Pick<TrailSample, 'node' | 'containerId' | 'workload'>

export type CoveredShare =
  | { readonly kind: 'none' }
  /** `rest` is what is not: all of the time, where more than one end of it is not. */
  | { readonly kind: 'part'; readonly rest: Interval }
  | { readonly kind: 'all' }

/**
 * Reads for which times a store has samples that end after `from`. Throws StoreError, or the signal's reason.
 *
 * A container is known by its node and its id. Where the store has a pod as a whole and a container of it is asked
 * about, or the other way round, that is the same energy; and rows of the predecessor, which knew neither node nor id,
 * stand for every container of their names.
 */
export async function readStoredCoverage(
  store: TrailReader,
  from: Instant,
  signal: AbortSignal,
): Promise<StoredCoverage> {
  const stretches = new Map<string, Stretches>()
  const placeOf = (key: string) => {
    const known = stretches.get(key) ?? createStretches()
    stretches.set(key, known)
    return known
  }
  const always = { from, to: instant(8.64e15) }
  for await (const portion of store.trailWithin(always, signal)) {
    for (const sample of portion) for (const key of keysOf(sample)) placeOf(key).add(sample.during)
  }
  return {
    shareOf(container, during) {
      const shares = keysToAsk(container).map((key) => stretches.get(key)?.shareOf(during) ?? noShare)
      return (
        shares.find(({ kind }) => kind === 'all') ?? shares.find(({ kind }) => kind === 'part') ?? noShare
      )
    },
    hasSamplesOn: (node, during) =>
      (stretches.get(nodeKey(node))?.shareOf(during) ?? noShare).kind !== 'none',
  }
}

const noShare: CoveredShare = { kind: 'none' }

const nodeKey = (node: string) => JSON.stringify(['node', node])
const containerKey = ({ node, containerId }: CountedContainer) =>
  JSON.stringify([node, containerId, 'container'])
const podKey = (what: 'whole pod' | 'parts of a pod', node: string, { namespace, pod }: Workload) =>
  JSON.stringify([what, node, namespace, pod])

/** Where a sample is entered. */
function keysOf({ node, containerId, workload, flags }: TrailSample): readonly string[] {
  if (flags.includes('predecessor')) return workload === undefined ? [] : [workloadKey(workload)]
  const keys = [nodeKey(node), containerKey({ node, containerId, workload })]
  if (workload === undefined) return keys
  return [...keys, podKey(workload.container === wholePod ? 'whole pod' : 'parts of a pod', node, workload)]
}

/** Where the same energy may have been entered. */
function keysToAsk(container: CountedContainer): readonly string[] {
  const { node, workload } = container
  if (workload === undefined) return [containerKey(container)]
  const other = workload.container === wholePod ? 'parts of a pod' : 'whole pod'
  return [containerKey(container), podKey(other, node, workload), workloadKey(workload)]
}

type Stretches = {
  add(time: Interval): void
  shareOf(time: Interval): CoveredShare
}

/** Put in order they are few, but for holes. */
const mostUnordered = 1000

/** Stretches of time, joined where they touch: samples of a container that follow each other take the room of one. */
function createStretches(): Stretches {
  let from: number[] = []
  let to: number[] = []
  let isOrdered = true
  let inOrder = 0

  function order(): void {
    const ordered = Array.from(from, (start, index) => [start, to[index] ?? start] as const).sort(
      ([a], [b]) => a - b,
    )
    from = []
    to = []
    for (const [start, end] of ordered) append(start, end)
    isOrdered = true
    inOrder = from.length
  }

  function append(start: number, end: number): void {
    const last = to.length - 1
    const lastEnd = to[last]
    if (lastEnd !== undefined && start <= lastEnd) to[last] = Math.max(lastEnd, end)
    else {
      from.push(start)
      to.push(end)
    }
  }

  return {
    add({ from: start, to: end }) {
      const lastStart = from.at(-1)
      if (lastStart === undefined || start >= lastStart) append(start, end)
      else {
        // Another container's samples, of the same pod or node.
        from.push(start)
        to.push(end)
        isOrdered = false
        if (from.length > 2 * inOrder + mostUnordered) order()
      }
    },

    shareOf(time) {
      if (!isOrdered) order()
      const index = to.findIndex((end) => end > time.from)
      const [begin = Infinity, end = Infinity] = [from[index], to[index]]
      if (index === -1 || begin >= time.to) return noShare
      const [holdsBegin, holdsEnd] = [begin <= time.from, end >= time.to]
      if (holdsBegin && holdsEnd) return { kind: 'all' }
      if (holdsBegin && (from[index + 1] ?? Infinity) >= time.to)
        return { kind: 'part', rest: { from: instant(end), to: time.to } }
      if (holdsEnd) return { kind: 'part', rest: { from: time.from, to: instant(begin) } }
      return { kind: 'part', rest: time }
    },
  }
}

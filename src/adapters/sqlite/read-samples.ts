import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ContainerSample } from '../../energy/measurement-store.ts'
import type { SampleSelection } from '../../energy/node-history.ts'
import type { Workload } from '../../energy/workload.ts'
import { type Instant, instant } from '../../units.ts'
import type { Database } from './database.ts'
import {
  type Direction,
  type Range,
  type SampleCursor,
  sampleCursor,
  storedContainerIn,
} from './sample-cursor.ts'

const samplesPerPortion = 2000
/** However many containers share the names, each is asked for at least so many at a time. */
const fewestPerRead = 16
/** Containers that are asked one after another before others get their turn. */
const readsPerTurn = 50

/** Samples of all containers that bear the names of `workload`, oldest first. Others may write between two portions. */
export async function* samplesOf(
  database: Database,
  { workload, selection }: { readonly workload: Workload; readonly selection: SampleSelection },
  signal: AbortSignal,
): AsyncGenerator<readonly ContainerSample[]> {
  signal.throwIfAborted()
  const containers = containersNamed(database, workload)
  const merged = (range: Range, direction: Direction, most: number) => {
    const fairShare = Math.ceil(samplesPerPortion / Math.max(1, containers.length))
    const samplesPerRead = Math.min(most, Math.max(fewestPerRead, fairShare))
    const cursors = containers.map((container) =>
      sampleCursor(database, container, { direction, range, samplesPerRead }),
    )
    return mergedSamples(cursors, direction, signal)
  }

  if (selection.kind === 'range') {
    yield* merged(selection, 'oldest-first', samplesPerPortion)
    return
  }
  const always = { from: instant(-Infinity), to: instant(Infinity) }
  const range = await rangeOfLast(merged(always, 'newest-first', selection.count), selection.count)
  if (range !== undefined) yield* merged(range, 'oldest-first', selection.count)
}

function containersNamed(database: Database, { namespace, pod, container }: Workload) {
  return database
    .all(
      `SELECT container.id, node, node.name, container_id FROM container JOIN node ON node.id = node
       WHERE namespace = ? AND pod = ? AND container = ? AND named_at_ms IS NOT NULL ORDER BY container.id`,
      namespace,
      pod,
      container,
    )
    .map(storedContainerIn)
}

/** From the first to the last of the last `count` distinct ends. */
async function rangeOfLast(
  newestFirst: AsyncIterable<readonly ContainerSample[]>,
  count: number,
): Promise<Range | undefined> {
  let latest: Instant | undefined
  let earliest: Instant | undefined
  let distinct = 0
  for await (const portion of newestFirst) {
    for (const { during } of portion) {
      if (during.to === earliest) continue
      if (distinct === count) return rangeBetween(earliest, latest)
      latest ??= during.to
      earliest = during.to
      distinct += 1
    }
  }
  return rangeBetween(earliest, latest)
}

function rangeBetween(from: Instant | undefined, to: Instant | undefined): Range | undefined {
  return from === undefined || to === undefined ? undefined : { from, to }
}

/** Takes from each cursor what no other one can still precede. */
async function* mergedSamples(
  cursors: readonly SampleCursor[],
  direction: Direction,
  signal: AbortSignal,
): AsyncGenerator<readonly ContainerSample[]> {
  const sign = direction === 'oldest-first' ? 1 : -1
  const placeOf = ({ during }: ContainerSample) => sign * during.to
  let active = cursors
  while (active.length > 0) {
    await fill(active, signal)
    const horizon = active.reduce((nearest, { isAtEnd, buffered }) => {
      const last = buffered.at(-1)
      return isAtEnd || last === undefined ? nearest : Math.min(nearest, placeOf(last))
    }, Infinity)
    const ready = active.flatMap((cursor) => takeUntil(cursor, (next) => placeOf(next) > horizon))
    ready.sort((a, b) => placeOf(a) - placeOf(b))
    for (let start = 0; start < ready.length; start += samplesPerPortion) {
      signal.throwIfAborted()
      yield ready.slice(start, start + samplesPerPortion)
      await nextTurn()
    }
    active = active.filter(({ isAtEnd, buffered }) => !isAtEnd || buffered.length > 0)
  }
}

async function fill(cursors: readonly SampleCursor[], signal: AbortSignal): Promise<void> {
  let reads = 0
  for (const cursor of cursors) {
    if (cursor.buffered.length > 0 || cursor.isAtEnd) continue
    signal.throwIfAborted()
    cursor.readMore()
    reads += 1
    if (reads % readsPerTurn === 0) await nextTurn()
  }
}

function takeUntil(
  cursor: SampleCursor,
  isBeyond: (sample: ContainerSample) => boolean,
): readonly ContainerSample[] {
  const end = cursor.buffered.findIndex(isBeyond)
  const taken = end === -1 ? cursor.buffered : cursor.buffered.slice(0, end)
  cursor.buffered = end === -1 ? [] : cursor.buffered.slice(end)
  return taken
}

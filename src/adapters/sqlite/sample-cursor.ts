import { flagsOf } from '../../energy/energy-sample.ts'
import type { ContainerSample } from '../../energy/measurement-store.ts'
import { type Instant, instant, joules } from '../../units.ts'
import type { Database } from './database.ts'
import { numberIn, type Row, textIn } from './row.ts'

export type Range = { readonly from: Instant; readonly to: Instant }
export type Direction = 'oldest-first' | 'newest-first'

/** A container whose samples are read, by its numbers and by its names. */
export type StoredContainer = {
  readonly id: number
  readonly nodeId: number
  readonly node: string
  readonly containerId: string
}

/** From the columns `id`, `node` and `container_id` of a container, and the `name` of its node. */
export function storedContainerIn(row: Row): StoredContainer {
  return {
    id: numberIn(row, 'id'),
    nodeId: numberIn(row, 'node'),
    node: textIn(row, 'name'),
    containerId: textIn(row, 'container_id'),
  }
}

/** The samples of one container in a range, some at a time. No statement stays open in between. */
export type SampleCursor = {
  /** What was read and not yet taken. */
  buffered: ContainerSample[]
  readonly isAtEnd: boolean
  readMore(): void
}

export type Reading = {
  readonly direction: Direction
  /** Both ends belong to it. */
  readonly range: Range
  readonly samplesPerRead: number
}

const columns = 'ends_at_ms, lasts_ms, energy_joules, counter_joules, flags'

/** The values are the container, the range, the end that was read last (or null), and how many. */
function settledBy(order: 'ASC' | 'DESC'): string {
  return `
    SELECT ${columns} FROM settled_sample
    WHERE container = ?1 AND ends_at_ms BETWEEN ?2 AND ?3 AND ends_at_ms IS NOT ?4
    ORDER BY ends_at_ms ${order} LIMIT ?5`
}

/**
 * A node's recent samples lie in the order of time. This goes from one scrape to the next and looks whether the
 * container has a sample there, two look-ups each, instead of over the samples of all its containers. The values are
 * those of `settledBy`, and the node.
 */
function recentBy(nearest: 'min' | 'max', nextBetween: string): string {
  return `
    WITH RECURSIVE scrape (at) AS (
      SELECT ${nearest}(ends_at_ms) FROM recent_sample
      WHERE node = ?6 AND ends_at_ms BETWEEN ?2 AND ?3 AND ends_at_ms IS NOT ?4
      UNION ALL
      SELECT (SELECT ${nearest}(ends_at_ms) FROM recent_sample WHERE node = ?6 AND ${nextBetween})
      FROM scrape WHERE at IS NOT NULL
    )
    SELECT ${columns} FROM scrape CROSS JOIN recent_sample
    WHERE node = ?6 AND ends_at_ms = at AND container = ?1 LIMIT ?5`
}

const queries = {
  'oldest-first': {
    settled: settledBy('ASC'),
    recent: recentBy('min', 'ends_at_ms > at AND ends_at_ms <= ?3'),
  },
  'newest-first': {
    settled: settledBy('DESC'),
    recent: recentBy('max', 'ends_at_ms < at AND ends_at_ms >= ?2'),
  },
} as const

export function sampleCursor(
  database: Database,
  container: StoredContainer,
  { direction, range, samplesPerRead }: Reading,
): SampleCursor {
  const { settled, recent } = queries[direction]
  let { from, to } = range
  let lastEnd: Instant | null = null
  let buffered: ContainerSample[] = []
  let isAtEnd = false

  const readSettled = (count: number) => database.all(settled, container.id, from, to, lastEnd, count)
  const readRecent = (count: number) =>
    database.all(recent, container.id, from, to, lastEnd, count, container.nodeId)

  /** Every settled sample of a container ends before its recent ones begin, so one follows on the other. */
  function readRows(): readonly Row[] {
    const [first, second] =
      direction === 'oldest-first' ? [readSettled, readRecent] : [readRecent, readSettled]
    const rows = first(samplesPerRead)
    return rows.length < samplesPerRead ? [...rows, ...second(samplesPerRead - rows.length)] : rows
  }

  return {
    get buffered() {
      return buffered
    },
    set buffered(rest) {
      buffered = rest
    },
    get isAtEnd() {
      return isAtEnd
    },
    readMore() {
      const samples = readRows().map((row) => sampleIn(row, container))
      isAtEnd = samples.length < samplesPerRead
      buffered.push(...samples)
      lastEnd = samples.at(-1)?.during.to ?? lastEnd
      if (direction === 'oldest-first') from = lastEnd ?? from
      else to = lastEnd ?? to
    },
  }
}

function sampleIn(row: Row, { node, containerId }: StoredContainer): ContainerSample {
  const end = numberIn(row, 'ends_at_ms')
  return {
    node,
    containerId,
    during: { from: instant(end - numberIn(row, 'lasts_ms')), to: instant(end) },
    energy: joules(numberIn(row, 'energy_joules')),
    counter: joules(numberIn(row, 'counter_joules')),
    flags: flagsOf(numberIn(row, 'flags')),
  }
}

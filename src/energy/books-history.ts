import { type Instant, type Interval, instant, secondsBetween } from '../units.ts'
import type { NodeBooks } from './node-ledger.ts'

/** What the books of a node advanced between two of its scrapes. */
export type BooksAdvance = {
  /** From the scrape from which on it is known, to the last scrape within the window. */
  readonly during: Interval
  readonly containerJoules: number
  readonly nodeActiveJoules: number
  readonly nodeIdleJoules: number
}

/** Where the books of each node stood after its last scrapes, so that any recent window can be told from them. */
export type BooksHistory = {
  /** To be told after every scrape of the node. */
  note(books: NodeBooks): void
  /** The nodes that were scraped lately. */
  nodes(): readonly string[]
  /**
   * What the books of a node advanced over `(from, to]`, or over the later part of it that is remembered; undefined when
   * no two scrapes are.
   */
  advance(node: string, window: Interval): BooksAdvance | undefined
  forgetNodesBefore(at: Instant): void
}

/** Of each node, some 40 kB at most: an hour of scrapes every four seconds, or almost three hours at the usual pace. */
const mostPoints = 1000

const [atColumn, containerColumn, activeColumn, idleColumn, columns] = [0, 1, 2, 3, 4]

/** The scrapes of a node since its books were opened at `since`, oldest first, in a ring. */
type Points = { readonly since: Instant; values: Float64Array; first: number; count: number }

export function createBooksHistory(retentionSeconds: number): BooksHistory {
  const nodes = new Map<string, Points>()

  return {
    note({ node, during, containerJoules, nodeActiveJoules, nodeIdleJoules }) {
      const known = nodes.get(node)
      // Books that were opened anew begin at zero.
      const points = known?.since === during.from ? known : emptyPoints(during.from)
      nodes.set(node, points)
      while (
        points.count > 0 &&
        secondsBetween(instant(valueAt(points, 0, atColumn)), during.to) > retentionSeconds
      ) {
        dropOldest(points)
      }
      add(points, [during.to, containerJoules, nodeActiveJoules, nodeIdleJoules])
    },

    nodes: () => [...nodes.keys()],

    advance(node, { from, to }) {
      const points = nodes.get(node)
      if (points === undefined) return undefined
      const last = lastAtOrBefore(points, to)
      const base = Math.max(0, lastAtOrBefore(points, from))
      if (last <= base) return undefined
      const differenceIn = (column: number) => valueAt(points, last, column) - valueAt(points, base, column)
      return {
        during: {
          from: instant(valueAt(points, base, atColumn)),
          to: instant(valueAt(points, last, atColumn)),
        },
        containerJoules: differenceIn(containerColumn),
        nodeActiveJoules: differenceIn(activeColumn),
        nodeIdleJoules: differenceIn(idleColumn),
      }
    },

    forgetNodesBefore(at) {
      for (const [node, points] of nodes) {
        if (valueAt(points, points.count - 1, atColumn) < at) nodes.delete(node)
      }
    },
  }
}

function emptyPoints(since: Instant): Points {
  return { since, values: new Float64Array(8 * columns), first: 0, count: 0 }
}

function capacityOf({ values }: Points): number {
  return values.length / columns
}

function valueAt(points: Points, index: number, column: number): number {
  const place = (points.first + index) % capacityOf(points)
  return points.values[place * columns + column] ?? Number.NaN
}

function dropOldest(points: Points): void {
  points.first = (points.first + 1) % capacityOf(points)
  points.count -= 1
}

function add(points: Points, row: readonly number[]): void {
  if (points.count === capacityOf(points)) {
    if (points.count >= mostPoints) dropOldest(points)
    else grow(points)
  }
  const place = (points.first + points.count) % capacityOf(points)
  points.values.set(row, place * columns)
  points.count += 1
}

function grow(points: Points): void {
  const values = new Float64Array(Math.min(2 * capacityOf(points), mostPoints) * columns)
  for (let index = 0; index < points.count; index += 1) {
    for (let column = 0; column < columns; column += 1) {
      values[index * columns + column] = valueAt(points, index, column)
    }
  }
  points.values = values
  points.first = 0
}

/** The index of the last point at `at` or before; -1 where there is none. */
function lastAtOrBefore(points: Points, at: Instant): number {
  let low = 0
  let high = points.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (valueAt(points, middle, atColumn) <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}

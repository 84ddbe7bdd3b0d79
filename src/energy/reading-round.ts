import { indexAt } from './columns.ts'
import type { ContainerAccount } from './container-account.ts'
import type { EnergyCounter } from './reading.ts'

/**
 * Whose the readings of a list of counters are. It holds for every scrape that shows the very same list, and a steady
 * exporter shows it for hours: then no counter is looked up by its names.
 */
export type ReadingRound = {
  readonly counters: readonly EnergyCounter[]
  readonly containers: readonly ContainerAccount[]
  /** The readings of all containers, one container's behind the other's, as indices into the list. */
  readonly readings: Int32Array
  /** Where in `readings` those of each container end. */
  readonly ends: Int32Array
  /** For each reading of the list, the place of its counter in the columns. */
  readonly places: Int32Array
  /** For each reading of the list, 1 if it is of dynamic energy. */
  readonly isDynamic: Uint8Array
  /** Every counter is running, and none is shown twice. */
  readonly isPlain: boolean
}

/** `find` gives a counter's container and its place. */
export function roundOf(
  counters: readonly EnergyCounter[],
  find: (counter: EnergyCounter) => { readonly container: ContainerAccount; readonly place: number },
): ReadingRound {
  const places = new Int32Array(counters.length)
  const isDynamic = new Uint8Array(counters.length)
  const groups = new Int32Array(counters.length)
  const containers: ContainerAccount[] = []
  const groupOf = new Map<ContainerAccount, number>()
  let isPlain = true
  for (const [reading, counter] of counters.entries()) {
    const { container, place } = find(counter)
    const group = groupOf.get(container) ?? containers.push(container) - 1
    groupOf.set(container, group)
    groups[reading] = group
    places[reading] = place
    isDynamic[reading] = counter.mode === 'dynamic' ? 1 : 0
    if (counter.state !== 'running') isPlain = false
  }
  if (new Set(places).size < places.length) isPlain = false
  return { counters, containers, ...grouped(groups, containers.length), places, isDynamic, isPlain }
}

/** The indices of all members, one group's behind the other's, and where those of each group end. */
function grouped(groups: Int32Array, count: number): Pick<ReadingRound, 'readings' | 'ends'> {
  const begins = new Int32Array(count + 1)
  for (const group of groups) begins[group + 1] = indexAt(begins, group + 1) + 1
  for (let group = 1; group <= count; group++)
    begins[group] = indexAt(begins, group) + indexAt(begins, group - 1)
  const ends = begins.slice(0, count)
  const readings = new Int32Array(groups.length)
  for (const [reading, group] of groups.entries()) {
    const end = indexAt(ends, group)
    readings[end] = reading
    ends[group] = end + 1
  }
  return { readings, ends }
}

import type { SQLInputValue } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EnergyFilter, EnergySeries } from '../../energy/energy-spans.ts'
import type { Snapshot } from './database.ts'
import { numberAt, optionalTextAt } from './row.ts'

const containersPerTurn = 5000

/** A container whose energy is read, under its number. */
export type WantedContainer = { readonly nodeId: number; readonly series: EnergySeries }

/** The containers that count, by their numbers. */
export async function wantedContainers(
  snapshot: Snapshot,
  filter: EnergyFilter,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, WantedContainer>> {
  const found = new Map<number, WantedContainer>()
  const { conditions, values } = conditionsOf(filter)
  for (let last = 0; ; ) {
    signal.throwIfAborted()
    const rows = snapshot.rows(
      `SELECT container.id, node, name, namespace, pod, container FROM container JOIN node ON node.id = node
       WHERE container.id > ? ${conditions} ORDER BY container.id LIMIT ?`,
      last,
      ...values,
      containersPerTurn,
    )
    for (const row of rows) {
      last = numberAt(row, 0)
      const [namespace, pod, container] = [
        optionalTextAt(row, 3),
        optionalTextAt(row, 4),
        optionalTextAt(row, 5),
      ]
      const workload =
        namespace === undefined || pod === undefined || container === undefined
          ? undefined
          : { namespace, pod, container }
      found.set(last, { nodeId: numberAt(row, 1), series: { node: optionalTextAt(row, 2) ?? '', workload } })
    }
    if (rows.length < containersPerTurn) return found
    await nextTurn()
  }
}

function conditionsOf(filter: EnergyFilter): {
  readonly conditions: string
  readonly values: readonly SQLInputValue[]
} {
  const restrictions = [
    { column: 'name IN', names: filter.nodes },
    { column: 'name NOT IN', names: filter.exceptNodes },
    { column: 'namespace IN', names: filter.namespaces },
    { column: 'pod IN', names: filter.pods },
    { column: 'container.container IN', names: filter.containers },
  ].flatMap(({ column, names = [] }) => (names.length === 0 ? [] : [{ column, names }]))
  return {
    conditions: restrictions.map(({ column }) => `AND ${column} (SELECT value FROM json_each(?))`).join(' '),
    values: restrictions.map(({ names }) => JSON.stringify(names)),
  }
}

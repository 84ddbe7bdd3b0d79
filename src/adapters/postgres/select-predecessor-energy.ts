import { flagBit } from '../../energy/energy-sample.ts'
import type { EnergyFilter, EnergyQuestion, EnergySeries, EnergySpans } from '../../energy/energy-spans.ts'
import { createSpanColumns } from '../../energy/span-columns.ts'
import { workloadKey } from '../../energy/workload.ts'
import { instant } from '../../units.ts'
import { time } from './binary-parameters.ts'
import { milliseconds, numberAt, type Row, textAt } from './columns.ts'
import { cursorPortions } from './cursor-portions.ts'
import type { Lease } from './database.ts'
import { createRepetitionFilter, predecessorNode } from './predecessor-rows.ts'

/**
 * The energy of rows of the predecessor, as samples of the scrape interval: see select-samples.ts. They are in no sums;
 * an index finds them, and finds out fast where there are none.
 */
export async function* selectPredecessorEnergy(
  lease: Lease,
  { during, where }: EnergyQuestion,
  sampleIntervalSeconds: number,
): AsyncGenerator<EnergySpans, void, undefined> {
  if (!isNodeWanted(where)) return
  const lengthMs = sampleIntervalSeconds * 1000
  const { condition, values } = namesCondition(where)
  const portions = cursorPortions(
    lease,
    `select ${milliseconds('time')}, coalesce(namespace, ''), pod_id, container_name, energy_consumption, joules_total
     from container_metrics
     where started_at is null and time > $1 and time < $2 ${condition} order by time`,
    [time(during.from), time(instant(during.to + lengthMs + 1)), ...values],
  )
  const isNew = createRepetitionFilter([1, 2, 3, 4, 5])
  const seriesOf = createSeries()
  const columns = createSpanColumns(undefined)
  for await (const rows of portions) {
    for (const row of rows) {
      const to = Math.floor(numberAt(row, 0))
      const from = to - lengthMs
      if (from >= during.to || to <= during.from || !isNew(row)) continue
      const joules = numberAt(row, 4) * sampleIntervalSeconds
      columns.add(seriesOf(row), { from, to, joules, samples: 1, flagBits: flagBit('predecessor') })
    }
    if (columns.length > 0) yield columns.take()
  }
}

function isNodeWanted({ nodes = [], exceptNodes = [] }: EnergyFilter): boolean {
  return (nodes.length === 0 || nodes.includes(predecessorNode)) && !exceptNodes.includes(predecessorNode)
}

/** Rows of three empty names are nobody's: no filter of names finds them. */
function namesCondition({ namespaces, pods, containers }: EnergyFilter) {
  const restrictions = [
    { column: `coalesce(namespace, '')`, names: namespaces },
    { column: 'pod_id', names: pods },
    { column: 'container_name', names: containers },
  ].flatMap(({ column, names = [] }) => (names.length === 0 ? [] : [{ column, names }]))
  const conditions = restrictions.map(({ column }, index) => `and ${column} = any($${index + 3}::text[])`)
  const isNamed = `and (coalesce(namespace, ''), pod_id, container_name) <> ('', '', '')`
  return {
    condition: restrictions.length === 0 ? '' : [...conditions, isNamed].join(' '),
    values: restrictions.map(({ names }) => names),
  }
}

function createSeries(): (row: Row) => EnergySeries {
  const known = new Map<string, EnergySeries>()
  return (row) => {
    const workload = { namespace: textAt(row, 1), pod: textAt(row, 2), container: textAt(row, 3) }
    const key = workloadKey(workload)
    const isUnnamed = workload.namespace === '' && workload.pod === '' && workload.container === ''
    const series = known.get(key) ?? { node: predecessorNode, workload: isUnnamed ? undefined : workload }
    known.set(key, series)
    return series
  }
}

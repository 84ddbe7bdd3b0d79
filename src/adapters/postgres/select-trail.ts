import type { TrailSample } from '../../energy/counter-trail.ts'
import { type Interval, instant } from '../../units.ts'
import { time } from './binary-parameters.ts'
import { numberAt, textAt, workloadAt } from './columns.ts'
import { unwrittenMilliseconds } from './container-refs.ts'
import { cursorPortions } from './cursor-portions.ts'
import type { Lease } from './database.ts'
import { createRepetitionFilter } from './predecessor-rows.ts'
import { ownSample, predecessorSample, sampleColumns } from './select-samples.ts'

/** Rows of so many containers are put in order by the server at once. */
const containersPerQuery = 200

/**
 * Samples of all containers that end in `(from, to]`, container by container, oldest first; then the rows of the
 * predecessor, oldest first, as samples of the container `predecessor` of the node ''.
 */
export async function* selectTrail(
  lease: Lease,
  { during, sampleIntervalSeconds }: { readonly during: Interval; readonly sampleIntervalSeconds: number },
): AsyncGenerator<readonly TrailSample[], void, undefined> {
  const containers = await containersMeasuredSince(lease, during)
  const refs = [...containers.keys()]
  const ends = [time(during.from), time(during.to)]
  for (let at = 0; at < refs.length; at += containersPerQuery) {
    const some = refs.slice(at, at + containersPerQuery)
    for await (const rows of cursorPortions(lease, ofContainers, [some, ...ends])) {
      yield rows.flatMap((row) => {
        const container = containers.get(numberAt(row, 2))
        return container === undefined ? [] : [{ ...ownSample(row, container), workload: container.workload }]
      })
    }
  }
  const isNew = createRepetitionFilter([3, 5, 7, 8, 9])
  for await (const rows of cursorPortions(lease, ofPredecessor, ends)) {
    const samples = rows.filter(isNew).map((row) => ({
      ...predecessorSample(row, sampleIntervalSeconds),
      workload: workloadAt(row, 7),
    }))
    // Their ends lie in the millisecond of their times.
    const within = samples.filter(({ during: { to } }) => to > during.from && to <= during.to)
    if (within.length > 0) yield within
  }
}

type KnownContainer = Pick<TrailSample, 'node' | 'containerId' | 'workload'>

/** By number. Those that were measured for the last time before it are left out. */
async function containersMeasuredSince(
  lease: Lease,
  { from }: Interval,
): Promise<ReadonlyMap<number, KnownContainer>> {
  const rows = await lease.during(
    lease.session.rows(
      'select ref, node, container_id, namespace, pod, container from container_refs where last_measured_at > $1 order by ref',
      [time(instant(from - unwrittenMilliseconds))],
    ),
  )
  return new Map(
    rows.map((row) => [
      numberAt(row, 0),
      { node: textAt(row, 1), containerId: textAt(row, 2), workload: workloadAt(row, 3) },
    ]),
  )
}

const ofContainers = `select ${sampleColumns} from container_metrics
  where container_ref = any($1::int[]) and time > $2 and time <= $3 and started_at is not null
  order by container_ref, time`

const ofPredecessor = `select ${sampleColumns}, coalesce(namespace, ''), pod_id, container_name from container_metrics
  where started_at is null and time > $1 and time < $2::timestamptz + interval '1 millisecond'
  order by namespace, pod_id, container_name, time`

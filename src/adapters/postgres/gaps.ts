import { type Gap, type GapCause, gapCauseOf } from '../../energy/gap.ts'
import { type GapRange, StoreError } from '../../energy/measurement-store.ts'
import { instant } from '../../units.ts'
import { doubles, time, times } from './binary-parameters.ts'
import { isNullAt, milliseconds, numberAt, type Row, textAt, workloadAt } from './columns.ts'
import { digestOf } from './digest.ts'
import type { Session } from './session.ts'

export async function insertGaps(session: Session, gaps: readonly Gap[]): Promise<void> {
  const byDigest = new Map(
    gaps.map((gap) => {
      const { node, containerId, component, during, cause } = gap
      return [digestOf([node, containerId, component, during.from, during.to, cause]), gap]
    }),
  )
  const kept = [...byDigest.values()]
  await session.rows(
    `insert into energy_gaps
       (digest, node, container_id, component, namespace, pod, container, started_at, ended_at, cause, claimed_joules)
     select digest, node, container_id, component, namespace, pod, container, started_at, ended_at, cause,
       nullif(claimed_joules, 'NaN')
     from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
         $8::timestamptz[], $9::timestamptz[], $10::text[], $11::float8[]) with ordinality
       as g (digest, node, container_id, component, namespace, pod, container, started_at, ended_at, cause, claimed_joules, place)
     order by place
     on conflict (digest) do nothing`,
    [
      [...byDigest.keys()],
      kept.map(({ node }) => node),
      kept.map(({ containerId }) => containerId),
      kept.map(({ component }) => component),
      kept.map(({ workload }) => workload?.namespace ?? null),
      kept.map(({ workload }) => workload?.pod ?? null),
      kept.map(({ workload }) => workload?.container ?? null),
      times(Float64Array.from(kept, ({ during }) => during.from)),
      times(Float64Array.from(kept, ({ during }) => during.to)),
      kept.map(({ cause }) => cause.kind),
      doubles(Float64Array.from(kept, ({ cause }) => (cause.kind === 'refused' ? cause.claimedJoules : NaN))),
    ],
  )
}

export async function selectGaps(session: Session, { from, to, most }: GapRange): Promise<readonly Gap[]> {
  const rows = await session.rows(
    `select node, container_id, component, namespace, pod, container,
       ${milliseconds('started_at')}, ${milliseconds('ended_at')}, cause, claimed_joules
     from energy_gaps where ended_at between $1 and $2 order by ended_at, id limit $3`,
    [time(from), time(to), most ?? null],
  )
  return rows.map(gapOf)
}

function gapOf(row: Row): Gap {
  return {
    node: textAt(row, 0),
    containerId: textAt(row, 1),
    component: textAt(row, 2),
    workload: workloadAt(row, 3),
    during: { from: instant(numberAt(row, 6)), to: instant(numberAt(row, 7)) },
    cause: causeOf(row),
  }
}

function causeOf(row: Row): GapCause {
  const name = textAt(row, 8)
  const cause = gapCauseOf(name, () => (isNullAt(row, 9) ? NaN : numberAt(row, 9)))
  if (cause !== undefined) return cause
  throw new StoreError(`energy_gaps holds a gap of the unknown cause ${JSON.stringify(name)}`)
}

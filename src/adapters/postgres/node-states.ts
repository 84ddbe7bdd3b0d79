import { deflateSync, inflateSync } from 'node:zlib'
import { StoreError } from '../../energy/measurement-store.ts'
import { markOf, type NodeState, type StateMark } from '../../energy/node-state.ts'
import { nodeStateOf } from '../../energy/node-state-text.ts'
import { instant } from '../../units.ts'
import { times } from './binary-parameters.ts'
import { milliseconds, numberAt, textAt } from './columns.ts'
import type { Session } from './session.ts'

/**
 * Keeps the last state of each node: a batch that is delivered again after a later one does not bring back where the
 * counters stood before, or the time in between would be counted twice.
 */
export async function upsertStates(session: Session, states: readonly NodeState[]): Promise<void> {
  const lastOfNode = new Map<string, NodeState>()
  for (const state of states) {
    const other = lastOfNode.get(state.node)
    if (other === undefined || state.at >= other.at) lastOfNode.set(state.node, state)
  }
  const kept = [...lastOfNode.values()]
  await session.rows(
    `insert into node_states as s (node, at, made_by, state)
     select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::bytea[]) order by 1
     on conflict (node) do update set at = excluded.at, made_by = excluded.made_by, state = excluded.state
     where s.at <= excluded.at`,
    [
      kept.map(({ node }) => node),
      times(Float64Array.from(kept, ({ at }) => at)),
      kept.map((state) => markOf(state).by),
      kept.map((state) => deflateSync(JSON.stringify(state), { level: 1 })),
    ],
  )
}

/** Any number that nobody else locks: the letters "co2-nod". */
const firstStates = 0x63_6f_32_2d_6e_6f_64n

/**
 * Which state of each of these nodes is held, undefined for none. Nobody else can hold another until the transaction
 * ends, not even of a node that has none yet.
 */
export async function lockStates(
  session: Session,
  nodes: readonly string[],
): Promise<ReadonlyMap<string, StateMark | undefined>> {
  const lock = () =>
    session.rows(
      `select node, ${milliseconds('at')}, made_by from node_states where node = any($1::text[]) order by node for update`,
      [nodes],
    )
  let rows = await lock()
  if (rows.length < nodes.length) {
    // There is no row to lock: whoever writes the first one waits here, and then sees it.
    await session.rows(`select pg_advisory_xact_lock(${firstStates})`)
    rows = await lock()
  }
  const held = new Map(
    rows.map((row) => [textAt(row, 0), { at: instant(numberAt(row, 1)), by: textAt(row, 2) }]),
  )
  return new Map(nodes.map((node) => [node, held.get(node)]))
}

export async function selectStates(
  session: Session,
  nodes?: readonly string[],
): Promise<readonly NodeState[]> {
  const rows = await session.rows(
    `select node, state from node_states where $1::text[] is null or node = any($1) order by node`,
    [nodes ?? null],
  )
  return rows.map((row) => readState(textAt(row, 0), row[1]))
}

function readState(node: string, packed: unknown): NodeState {
  try {
    if (!Buffer.isBuffer(packed)) throw new TypeError('it is no bytea')
    return nodeStateOf(JSON.parse(inflateSync(packed).toString()))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new StoreError(`the stored state of node ${node} is not understood: ${error.message}`)
  }
}

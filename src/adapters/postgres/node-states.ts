import { deflateSync, inflateSync } from 'node:zlib'
import { StoreError } from '../../energy/measurement-store.ts'
import type { NodeState } from '../../energy/node-state.ts'
import { nodeStateOf } from '../../energy/node-state-text.ts'
import { times } from './binary-parameters.ts'
import { textAt } from './columns.ts'
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
    `insert into node_states as s (node, at, state)
     select * from unnest($1::text[], $2::timestamptz[], $3::bytea[]) order by 1
     on conflict (node) do update set at = excluded.at, state = excluded.state where s.at <= excluded.at`,
    [
      kept.map(({ node }) => node),
      times(Float64Array.from(kept, ({ at }) => at)),
      kept.map((state) => deflateSync(JSON.stringify(state), { level: 1 })),
    ],
  )
}

export async function selectStates(session: Session): Promise<readonly NodeState[]> {
  const rows = await session.rows('select node, state from node_states order by node')
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

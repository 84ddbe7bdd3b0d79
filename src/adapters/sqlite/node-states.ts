import { StoreError } from '../../energy/measurement-store.ts'
import type { NodeState } from '../../energy/node-state.ts'
import { nodeStateOf } from '../../energy/node-state-text.ts'
import type { Database } from './database.ts'
import { textIn } from './row.ts'

/** A state of an earlier time, in a batch that is delivered again, does not replace a later one. */
export function putNodeState(database: Database, node: number, state: NodeState): void {
  database.run(
    `INSERT INTO node_state (node, at_ms, state) VALUES (?, ?, ?)
     ON CONFLICT (node) DO UPDATE SET at_ms = excluded.at_ms, state = excluded.state
     WHERE excluded.at_ms >= at_ms`,
    node,
    state.at,
    JSON.stringify(state),
  )
}

export function allNodeStates(database: Database): readonly NodeState[] {
  return database.all('SELECT state FROM node_state ORDER BY node').map((row) => {
    try {
      return nodeStateOf(JSON.parse(textIn(row, 'state')))
    } catch (cause) {
      throw new StoreError(`The database ${database.path} holds a node state that cannot be read`, { cause })
    }
  })
}

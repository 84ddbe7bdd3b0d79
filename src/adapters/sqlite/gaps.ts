import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Gap, type GapCause, gapCauseOf } from '../../energy/gap.ts'
import type { GapRange } from '../../energy/measurement-store.ts'
import { instant } from '../../units.ts'
import { namesIn } from './containers.ts'
import type { Database } from './database.ts'
import { numberIn, type Row, textIn, unexpected } from './row.ts'

const rowsPerPortion = 2000

export function addGap(database: Database, container: number, { component, during, cause }: Gap): void {
  database.run(
    `INSERT INTO gap (ends_at_ms, container, component, begins_at_ms, cause, claimed_joules)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    during.to,
    container,
    component,
    during.from,
    cause.kind,
    cause.kind === 'refused' ? cause.claimedJoules : null,
  )
}

const afterLast = '(ends_at_ms, gap.container, component, begins_at_ms, cause) > (?, ?, ?, ?, ?)'

/** Gaps that end in [from, to], the oldest `most`, with the names that their containers bear now. */
export async function gapsWithin(
  database: Database,
  { from, to, most = Infinity }: GapRange,
  signal: AbortSignal,
): Promise<readonly Gap[]> {
  const found: Gap[] = []
  let last: readonly [number, number, string, number, string] = [from, 0, '', 0, '']
  for (;;) {
    signal.throwIfAborted()
    const rows = database.all(
      `SELECT gap.*, gap.container AS number, node.name AS node, container_id, namespace, pod,
              container.container, named_at_ms
       FROM gap JOIN container ON container.id = gap.container JOIN node ON node.id = container.node
       WHERE ends_at_ms >= ? AND ends_at_ms <= ? AND ${afterLast}
       ORDER BY ends_at_ms, gap.container, component, begins_at_ms, cause LIMIT ?`,
      from,
      to,
      ...last,
      rowsPerPortion,
    )
    for (const row of rows) found.push(gapIn(row))
    const end = rows.at(-1)
    if (end === undefined || rows.length < rowsPerPortion || found.length >= most) return found.slice(0, most)
    last = [
      numberIn(end, 'ends_at_ms'),
      numberIn(end, 'number'),
      textIn(end, 'component'),
      numberIn(end, 'begins_at_ms'),
      textIn(end, 'cause'),
    ]
    await nextTurn()
  }
}

function gapIn(row: Row): Gap {
  return {
    node: textIn(row, 'node'),
    containerId: textIn(row, 'container_id'),
    component: textIn(row, 'component'),
    workload: namesIn(row),
    during: { from: instant(numberIn(row, 'begins_at_ms')), to: instant(numberIn(row, 'ends_at_ms')) },
    cause: causeIn(row),
  }
}

function causeIn(row: Row): GapCause {
  const cause = gapCauseOf(textIn(row, 'cause'), () => numberIn(row, 'claimed_joules'))
  if (cause === undefined) throw unexpected(row, 'cause')
  return cause
}

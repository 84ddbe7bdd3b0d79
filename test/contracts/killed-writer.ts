/**
 * Writes batch after batch into a SQLite file and says which are written, until it is killed:
 *
 *     node test/contracts/killed-writer.ts <file> <first batch number>
 */
import { openSqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import type { LedgerBatch } from '../../src/energy/ledger-page.ts'
import { joules } from '../../src/units.ts'
import { at, batch, busybox, measured, never, page, stateAt } from './measured.ts'

export const containersPerBatch = 20

/** Batches of any two numbers differ in time, and each has its state. */
export function batchNumbered(number: number): LedgerBatch {
  const measurements = Array.from({ length: containersPerBatch }, (_, index) =>
    measured(10 * number, { containerId: `c${index}`, workload: busybox, energy: joules(number) }),
  )
  return batch([page(measurements)], [stateAt(10 * number)])
}

if (import.meta.main) {
  const [path = '', first = ''] = process.argv.slice(2)
  let number = Number(first)
  const store = await openSqliteStore({ path, retentionDays: undefined, now: () => at(10 * number + 800) })
  for (; ; number += 1) {
    await store.write(batchNumbered(number))
    process.stdout.write(`${number}\n`)
    if (number % 5 === 0) await store.tidy(never)
  }
}

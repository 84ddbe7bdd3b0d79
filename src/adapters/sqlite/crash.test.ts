import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { batchNumbered, containersPerBatch } from '../../../test/contracts/killed-writer.ts'
import { at, busybox, samplesIn } from '../../../test/contracts/measured.ts'
import { temporaryDirectory } from '../../../test/contracts/temporary-directory.ts'
import { instant } from '../../units.ts'
import { openSqliteStore } from './sqlite-store.ts'

const writer = join(import.meta.dirname, '../../../test/contracts/killed-writer.ts')

/** Lets a process write from batch `first` on, kills it after `batches`, and resolves with the last that it acknowledged. */
async function killedAfter(batches: number, path: string, first: number): Promise<number> {
  const child = spawn(process.execPath, [writer, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let acknowledged = first - 1
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line)
    if (acknowledged >= first + batches - 1) child.kill('SIGKILL')
  }
  const [, signal]: unknown[] = await ended
  assert.equal(signal, 'SIGKILL')
  return acknowledged
}

describe('a process that is killed while it writes', () => {
  it('has kept all that was acknowledged, nothing by halves, and can go on at once', async (t) => {
    const path = `${await temporaryDirectory(t)}/store.db`
    let acknowledged = 0
    for (const batches of [3, 11, 1, 26, 17]) {
      acknowledged = await killedAfter(batches, path, acknowledged + 1)

      const opening = performance.now()
      await using store = await openSqliteStore({ path, retentionDays: undefined, now: () => at(0) })
      const took = performance.now() - opening
      assert.ok(took < 2000, `it took ${took} ms to open`)

      const samples = await samplesIn(store, busybox)
      const complete = samples.length / containersPerBatch
      assert.ok(complete >= acknowledged, `${complete} of ${acknowledged} batches`)
      assert.deepEqual(
        samples.map(({ energy }) => energy),
        Array.from({ length: samples.length }, (_, index) => 1 + Math.floor(index / containersPerBatch)),
      )
      const states = await store.nodeStates()
      assert.deepEqual(
        states.map((state) => state.at),
        [instant(at(10 * complete))],
      )

      const redelivered = await store.write(batchNumbered(acknowledged))
      assert.deepEqual(redelivered, { written: 0, repeated: containersPerBatch, setAside: [] })
      const checking = new DatabaseSync(path, { readOnly: true })
      assert.equal(checking.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok')
      assert.equal(checking.prepare('PRAGMA foreign_key_check').get(), undefined)
      checking.close()
    }
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { at, never } from '../../../test/contracts/measured.ts'
import { makeSums } from './make-sums.ts'
import type { Session } from './session.ts'

/** A server that answers every statement with an error. */
function refusing(code: string): Session {
  const refuse = async (): Promise<never> => {
    const error = new pg.DatabaseError('cannot do that', 0, 'error')
    error.code = code
    throw error
  }
  return {
    rows: refuse,
    prepared: refuse,
    script: refuse,
    count: refuse,
    copy: refuse,
    async *copyOut() {
      yield await refuse()
    },
    cursor: () => ({ read: refuse, close: refuse }),
  }
}

async function refusals(code: string): Promise<readonly string[]> {
  const told: string[] = []
  const making = {
    now: at(0),
    layout: () => ({ kind: 'distributed' }) as const,
    signal: never,
    onRefused: (reason: string) => told.push(reason),
  }
  assert.equal(await makeSums((step) => step(refusing(code)), making), 0)
  return told
}

describe('a server that cannot make sums', () => {
  it('is told of, and is no failure', async () => {
    const told = await refusals('0A000')
    assert.deepEqual(new Set(told), new Set(['cannot do that']))
  })

  it('is another than one that is going away', async () => {
    await assert.rejects(refusals('57P01'), /cannot do that/)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTurnstile } from './turnstile.ts'

const never = new AbortController().signal

describe('a turnstile', () => {
  it('lets so many in, and one more for each that leaves', async () => {
    const turnstile = createTurnstile({ inside: 2, waiting: 1 })
    const leaveFirst = await turnstile.enter(never)
    await turnstile.enter(never)
    let isIn = false
    const third = turnstile.enter(never).then((leave) => {
      isIn = true
      return leave
    })
    await Promise.resolve()
    assert.equal(isIn, false)
    leaveFirst?.()
    assert.ok(await third)
  })

  it('sends away who would wait behind too many', async () => {
    const turnstile = createTurnstile({ inside: 1, waiting: 1 })
    await turnstile.enter(never)
    void turnstile.enter(never)
    assert.equal(await turnstile.enter(never), undefined)
  })

  it('is left once, however often one says so', async () => {
    const turnstile = createTurnstile({ inside: 1, waiting: 0 })
    const leave = await turnstile.enter(never)
    leave?.()
    leave?.()
    assert.ok(await turnstile.enter(never))
    assert.equal(await turnstile.enter(never), undefined)
  })

  it('is not waited for by who has gone', async () => {
    const turnstile = createTurnstile({ inside: 1, waiting: 5 })
    const leave = await turnstile.enter(never)
    const gone = new AbortController()
    const waiting = turnstile.enter(gone.signal)
    gone.abort(new Error('gone'))
    await assert.rejects(waiting, /gone/)
    leave?.()
    assert.ok(await turnstile.enter(never))
  })
})

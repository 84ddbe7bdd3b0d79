import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import { createProgress } from './progress-line.ts'

function watched(isScreen: boolean) {
  const said: string[] = []
  let second = 0
  const clock = { now: () => instant(second * 1000), waitUntil: async () => {} }
  const progress = createProgress({ say: (text) => said.push(text), isScreen, clock }, 'backfill')
  return {
    said,
    at: (elapsed: number) => {
      second = elapsed
      return progress
    },
  }
}

describe('progress on a screen', () => {
  it('is one line that is written over, with the time that remains once there is something to go by', () => {
    const { said, at } = watched(true)
    at(1).update(0.01, 'at noon')
    at(30).update(0.25, 'at one')
    assert.deepEqual(said, [
      '\rbackfill 1 %, at noon\u001B[K',
      '\rbackfill 25 %, at one, 1 min 30 s left\u001B[K',
    ])
  })

  it('is not drawn more often than anybody can read', () => {
    const { said, at } = watched(true)
    at(1).update(0.1, 'a')
    at(1.1).update(0.2, 'b')
    at(1.2).update(0.3, 'c')
    assert.equal(said.length, 2)
  })

  it('lets notes stand above it, and goes away at the end', () => {
    const { said, at } = watched(true)
    at(1).update(0.1, 'a')
    at(1).note('a thing to know')
    at(1).end()
    assert.deepEqual(said.slice(1), ['\ra thing to know\u001B[K\nbackfill 10 %, a', '\r\u001B[K'])
  })
})

describe('progress in a log', () => {
  it('is a line every five per cent', () => {
    const { said, at } = watched(false)
    for (let percent = 0; percent <= 20; percent += 1) at(percent).update(percent / 100, 'x')
    at(100).note('a thing to know')
    at(100).update(1, 'x')
    at(100).end()
    assert.deepEqual(said, [
      'backfill 5 %, x, 1 min 35 s left\n',
      'backfill 10 %, x, 1 min 30 s left\n',
      'backfill 15 %, x, 1 min 25 s left\n',
      'backfill 20 %, x, 1 min 20 s left\n',
      'a thing to know\n',
      'backfill 100 %, x\n',
    ])
  })
})

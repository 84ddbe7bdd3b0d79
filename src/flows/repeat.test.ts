import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import type { Clock } from './clock.ts'
import { repeat } from './repeat.ts'

/** A clock that stands still unless it is waited for or set. Seconds. */
function createFakeClock(startSecond: number): Clock & { second: number } {
  const clock = {
    second: startSecond,
    now: () => instant(clock.second * 1000),
    async waitUntil(at: number, signal: AbortSignal) {
      if (!signal.aborted) clock.second = Math.max(clock.second, at / 1000)
    },
  }
  return clock
}

/** The seconds at which so many turns begin; `turn` is told its number, from 1. */
async function beginningsOf(
  about: {
    readonly everySeconds: number
    readonly offsetSeconds?: number
    readonly from: number
    readonly turns: number
  },
  turn: (number: number, clock: { second: number }) => void = () => {},
) {
  const clock = createFakeClock(about.from)
  const stop = new AbortController()
  const beginnings: number[] = []
  const failures: unknown[] = []
  await repeat(
    async () => {
      beginnings.push(clock.second)
      if (beginnings.length === about.turns) stop.abort()
      turn(beginnings.length, clock)
    },
    {
      ...about,
      clock,
      signal: stop.signal,
      onFailure: (failure) => failures.push(failure),
    },
  )
  return { beginnings, failures }
}

describe('a repetition', () => {
  it('takes its turns at the whole multiples of the interval, whenever it begins', async () => {
    const { beginnings } = await beginningsOf({ everySeconds: 10, from: 103.2, turns: 3 })
    assert.deepEqual(beginnings, [110, 120, 130])
  })

  it('waits for the next multiple when it begins at one', async () => {
    const { beginnings } = await beginningsOf({ everySeconds: 10, from: 100, turns: 2 })
    assert.deepEqual(beginnings, [110, 120])
  })

  it('takes them as long after the multiples as it is told to', async () => {
    const offset = { everySeconds: 10, offsetSeconds: 3.25 }
    assert.deepEqual(
      (await beginningsOf({ ...offset, from: 103.2, turns: 3 })).beginnings,
      [103.25, 113.25, 123.25],
    )
    assert.deepEqual((await beginningsOf({ ...offset, from: 103.25, turns: 2 })).beginnings, [113.25, 123.25])
  })

  it('does not drift when every turn takes time', async () => {
    const slow = (_number: number, clock: { second: number }) => {
      clock.second += 3.7
    }
    const { beginnings } = await beginningsOf({ everySeconds: 10, from: 101, turns: 5 }, slow)
    assert.deepEqual(beginnings, [110, 120, 130, 140, 150])
  })

  it('skips the moments that a long turn covers, and does not make up for them', async () => {
    const { beginnings } = await beginningsOf({ everySeconds: 10, from: 101, turns: 4 }, (number, clock) => {
      if (number === 2) clock.second += 35
    })
    assert.deepEqual(beginnings, [110, 120, 160, 170])
  })

  it('skips the moment at which a turn of exactly one interval ends', async () => {
    const { beginnings } = await beginningsOf({ everySeconds: 10, from: 101, turns: 3 }, (number, clock) => {
      if (number === 1) clock.second += 10
    })
    assert.deepEqual(beginnings, [110, 130, 140])
  })

  it('goes on after a turn that throws, and tells of the failure', async () => {
    const failure = new Error('the second turn failed')
    const { beginnings, failures } = await beginningsOf(
      { everySeconds: 10, from: 101, turns: 4 },
      (number) => {
        if (number === 2) throw failure
      },
    )
    assert.deepEqual(beginnings, [110, 120, 130, 140])
    assert.deepEqual(failures, [failure])
  })

  it('goes on by the clock when it is set back', async () => {
    const { beginnings } = await beginningsOf({ everySeconds: 10, from: 1001, turns: 4 }, (number, clock) => {
      if (number === 2) clock.second = 503
    })
    assert.deepEqual(beginnings, [1010, 1020, 510, 520])
  })

  it('goes on by the clock when it is set forward', async () => {
    const { beginnings } = await beginningsOf({ everySeconds: 10, from: 101, turns: 4 }, (number, clock) => {
      if (number === 2) clock.second = 9999
    })
    assert.deepEqual(beginnings, [110, 120, 10_000, 10_010])
  })

  it('takes a turn once when its timer fires a moment early', async () => {
    const clock = createFakeClock(101)
    const stop = new AbortController()
    const beginnings: number[] = []
    const early: Clock = {
      now: () => clock.now(),
      async waitUntil(at) {
        clock.second = at / 1000 - 0.001
      },
    }
    await repeat(
      async () => {
        beginnings.push(clock.second)
        if (beginnings.length === 3) stop.abort()
      },
      { everySeconds: 10, clock: early, signal: stop.signal, onFailure: assert.ifError },
    )
    assert.deepEqual(beginnings, [109.999, 119.999, 129.999])
  })

  it('never takes two turns at once', async () => {
    const clock = createFakeClock(101)
    const stop = new AbortController()
    let running = 0
    let most = 0
    let turns = 0
    await repeat(
      async () => {
        running += 1
        turns += 1
        most = Math.max(most, running)
        clock.second += 25
        for (let tick = 0; tick < 5; tick += 1) await Promise.resolve()
        if (turns === 5) stop.abort()
        running -= 1
      },
      { everySeconds: 10, clock, signal: stop.signal, onFailure: assert.ifError },
    )
    assert.deepEqual([most, running], [1, 0])
  })

  it('ends at once when it is aborted while it waits, without another turn', async () => {
    const stop = new AbortController()
    const waiting = Promise.withResolvers<void>()
    const clock: Clock = {
      now: () => instant(0),
      waitUntil: (_at, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve())
          waiting.resolve()
        }),
    }
    let turns = 0
    const repetition = repeat(
      async () => {
        turns += 1
      },
      { everySeconds: 10, clock, signal: stop.signal, onFailure: assert.ifError },
    )
    await waiting.promise
    stop.abort()
    await repetition
    assert.equal(turns, 0)
  })

  it('takes no turn when it is aborted before it begins', async () => {
    let turns = 0
    await repeat(
      async () => {
        turns += 1
      },
      {
        everySeconds: 10,
        clock: createFakeClock(0),
        signal: AbortSignal.abort(),
        onFailure: assert.ifError,
      },
    )
    assert.equal(turns, 0)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type CounterReading, readingsOf } from '../../test/counter-readings.ts'
import { createEnergyBooks, type EnergyBooks } from '../../test/energy-books.ts'
import { instant, watts } from '../units.ts'
import type { NodeScrape } from './reading.ts'

const atSecond = (second: number) => instant(second * 1000)
const web = { namespace: 'shop', pod: 'web-1', container: 'app' }
const forever = { kind: 'range', from: atSecond(0), to: atSecond(1e9) } as const

function createLedger(): EnergyBooks {
  return createEnergyBooks({ nodeMaxWatts: watts(1000), scrapeIntervalSeconds: 10, retentionSeconds: 3600 })
}

function reading(joules: number, about: Partial<CounterReading> = {}): CounterReading {
  return {
    containerId: 'c1',
    component: 'package',
    mode: 'dynamic',
    state: 'running',
    naming: { kind: 'named', workload: web },
    joules,
    ...about,
  }
}

function scrape(
  second: number,
  readings: readonly CounterReading[],
  about: Partial<NodeScrape> = {},
): NodeScrape {
  return {
    node: 'node-a',
    at: atSecond(second),
    basis: 'current/container/package',
    level: 'container',
    readings: readingsOf(readings),
    nodeReadings: [],
    unreadLines: 0,
    ...about,
  }
}

/** Records scrapes ten seconds apart and returns the samples of `web` as [from, to, joules, ...flags]. */
function samplesAfter(...scrapes: readonly (readonly CounterReading[])[]): readonly unknown[] {
  const ledger = createLedger()
  scrapes.forEach((readings, n) => ledger.record(scrape(n * 10, readings)))
  return shown(ledger)
}

function shown(ledger: EnergyBooks, workload = web): readonly unknown[] {
  return ledger
    .samplesOf(workload, forever)
    .map(({ during, energy, flags }) => [during.from / 1000, during.to / 1000, energy, ...flags])
}

function gapsIn(ledger: EnergyBooks, next: NodeScrape): readonly unknown[] {
  const entry = ledger.record(next)
  assert.equal(entry.kind, 'recorded')
  return entry.kind === 'recorded'
    ? entry.page.gaps.map(({ during, cause }) => [during.from / 1000, during.to / 1000, cause.kind])
    : []
}

describe('the energy ledger', () => {
  it('takes the first scrape of a node as a starting point', () => {
    assert.deepEqual(samplesAfter([reading(500)]), [])
  })

  it('counts what a counter advanced in the time that really passed', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(500)]))
    ledger.record(scrape(10, [reading(530)]))
    ledger.record(scrape(23, [reading(569)]))
    assert.deepEqual(shown(ledger), [
      [0, 10, 30],
      [10, 23, 39],
    ])
  })

  it('keeps the counter at the end of each interval', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(500)]))
    ledger.record(scrape(10, [reading(530)]))
    assert.equal(ledger.samplesOf(web, forever)[0]?.counter, 530)
  })

  it('covers a missed scrape with the next good one, and says so', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(500)]))
    ledger.record(scrape(30, [reading(590)]))
    assert.deepEqual(shown(ledger), [[0, 30, 90, 'gap']])
  })

  it('learns nothing from a scrape that is not later, and loses nothing', () => {
    const ledger = createLedger()
    ledger.record(scrape(10, [reading(500)]))
    assert.deepEqual(ledger.record(scrape(10, [reading(510)])), { kind: 'stale', at: 10_000, last: 10_000 })
    assert.equal(ledger.record(scrape(5, [reading(510)])).kind, 'stale')
    ledger.record(scrape(20, [reading(520)]))
    assert.deepEqual(shown(ledger), [[10, 20, 20]])
  })

  it('counts a reset counter from zero and records the gap', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(500)]))
    assert.deepEqual(gapsIn(ledger, scrape(10, [reading(4)])), [[0, 10, 'reset']])
    assert.deepEqual(shown(ledger), [[0, 10, 4, 'reset']])
  })

  it('counts one zone that began again without touching the others', () => {
    const dram = (joules: number) => reading(joules, { component: 'dram' })
    assert.deepEqual(samplesAfter([reading(100), dram(40)], [reading(110), dram(3)]), [[0, 10, 13, 'reset']])
  })

  it('counts a container that began between two scrapes from zero', () => {
    const other = reading(1, { containerId: 'other', naming: { kind: 'unnamed' } })
    assert.deepEqual(samplesAfter([other], [other, reading(12)]), [[0, 10, 12, 'started']])
  })

  it('counts an accelerator that began to draw power inside a known container', () => {
    const gpu = reading(25, { component: 'gpu' })
    assert.deepEqual(samplesAfter([reading(100)], [reading(110), gpu]), [[0, 10, 35]])
  })

  it('extends a counter by its terminated value, once', () => {
    const ended = reading(533, { state: 'terminated' })
    assert.deepEqual(samplesAfter([reading(500)], [reading(530)], [ended], [ended]), [
      [0, 10, 30],
      [10, 20, 3, 'terminated'],
    ])
  })

  it('takes nothing from a terminated value below the last one, and records the gap', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(500)]))
    assert.deepEqual(gapsIn(ledger, scrape(10, [reading(7, { state: 'terminated' })])), [[0, 10, 'reset']])
    assert.deepEqual(shown(ledger), [[0, 10, 0, 'reset', 'terminated']])
  })

  it('counts a container that began and ended between two scrapes', () => {
    const other = reading(1, { containerId: 'other', naming: { kind: 'unnamed' } })
    const ended = reading(42, { state: 'terminated' })
    assert.deepEqual(samplesAfter([other], [other, ended]), [[0, 10, 42, 'started', 'terminated']])
  })

  it('adds up a terminated life and the next one of the same id in one interval', () => {
    assert.deepEqual(
      samplesAfter([reading(40)], [reading(43, { state: 'terminated' }), reading(19)], [reading(29)]),
      [
        [0, 10, 22, 'reset'],
        [10, 20, 10],
      ],
    )
  })

  it('adds up a life that began and ended unseen and the next one of the same id', () => {
    const other = reading(1, { containerId: 'other', naming: { kind: 'unnamed' } })
    assert.deepEqual(
      samplesAfter([other], [other, reading(43, { state: 'terminated' }), reading(19)], [other, reading(29)]),
      [
        [0, 10, 62, 'reset', 'started'],
        [10, 20, 10],
      ],
    )
  })

  it('counts from zero when an id runs again after its end, even past its old value', () => {
    assert.deepEqual(samplesAfter([reading(40)], [reading(41, { state: 'terminated' })], [reading(60)]), [
      [0, 10, 1, 'terminated'],
      [10, 20, 60, 'reset'],
    ])
  })

  it('counts a whole further life that began and ended unseen', () => {
    assert.deepEqual(
      samplesAfter(
        [reading(40)],
        [reading(41, { state: 'terminated' })],
        [reading(7, { state: 'terminated' })],
      ),
      [
        [0, 10, 1, 'terminated'],
        [10, 20, 7, 'reset', 'terminated'],
      ],
    )
  })

  it('counts a series that is written twice once, by its highest value', () => {
    assert.deepEqual(samplesAfter([reading(100)], [reading(110), reading(108), reading(110)]), [[0, 10, 10]])
  })

  it('records a gap when a container vanishes without its last value', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(500)]))
    assert.deepEqual(gapsIn(ledger, scrape(10, [])), [[0, 10, 'vanished']])
    assert.deepEqual(gapsIn(ledger, scrape(20, [])), [])
  })

  it('goes on with a counter that comes back, over the whole time it was away', () => {
    assert.deepEqual(samplesAfter([reading(500)], [], [reading(520)]), [[0, 20, 20, 'reappeared']])
  })

  it('counts from zero when a counter comes back lower, and records its gap once', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(500)]))
    ledger.record(scrape(10, []))
    assert.deepEqual(gapsIn(ledger, scrape(20, [reading(6)])), [])
    assert.deepEqual(shown(ledger), [[0, 20, 6, 'reset', 'reappeared']])
  })

  it('does not take an unread line for a vanished container', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(500)]))
    assert.deepEqual(gapsIn(ledger, scrape(10, [], { unreadLines: 1 })), [])
    ledger.record(scrape(20, [reading(530)]))
    assert.deepEqual(shown(ledger), [[0, 20, 30]])
  })

  it('takes a first sight after unread lines as a starting point, and records the gap', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [], { unreadLines: 3 }))
    assert.deepEqual(gapsIn(ledger, scrape(10, [reading(9000)])), [[0, 10, 'unread-before']])
    ledger.record(scrape(20, [reading(9010)]))
    assert.deepEqual(shown(ledger), [[10, 20, 10]])
  })
})

describe('a jump beyond what the node can draw', () => {
  it('is refused and recorded, and a counter that returns goes on from where it was', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(100)]))
    assert.deepEqual(gapsIn(ledger, scrape(10, [reading(1e15)])), [[0, 10, 'refused']])
    ledger.record(scrape(20, [reading(130)]))
    assert.deepEqual(shown(ledger), [[0, 20, 30]])
  })

  it('becomes the new starting point when the counter goes on from there', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(100)]))
    ledger.record(scrape(10, [reading(1e9)]))
    ledger.record(scrape(20, [reading(1e9 + 50)]))
    ledger.record(scrape(30, [reading(1e9 + 70)]))
    assert.deepEqual(shown(ledger), [
      [0, 20, 50],
      [20, 30, 20],
    ])
  })

  it('in one zone leaves the sample of the others, marked', () => {
    const dram = (joules: number) => reading(joules, { component: 'dram' })
    assert.deepEqual(samplesAfter([reading(100), dram(1)], [reading(110), dram(1e12)]), [
      [0, 10, 10, 'refused'],
    ])
  })

  it('at first sight is a starting point', () => {
    const other = reading(1, { containerId: 'other', naming: { kind: 'unnamed' } })
    assert.deepEqual(samplesAfter([other], [other, reading(1e12)], [other, reading(1e12 + 5)]), [[0, 20, 5]])
  })

  it('as a last value is not counted', () => {
    assert.deepEqual(
      samplesAfter([reading(100)], [reading(1e12, { state: 'terminated' }), reading(5)], [reading(6)]),
      [
        [0, 10, 5, 'reset', 'refused'],
        [10, 20, 1],
      ],
    )
  })
})

describe('a node that is read in another way than before', () => {
  it('begins anew: counters of two bases are never subtracted', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(500)]))
    const gaps = gapsIn(ledger, scrape(10, [reading(700)], { basis: 'legacy/container/total' }))
    assert.deepEqual(gaps, [[0, 10, 'basis-changed']])
    ledger.record(scrape(20, [reading(710)], { basis: 'legacy/container/total' }))
    assert.deepEqual(shown(ledger), [[10, 20, 10]])
    assert.equal(ledger.books()[0]?.basis, 'legacy/container/total')
  })
})

describe('names', () => {
  const unnamed = { kind: 'unnamed' } as const

  it('that become known attribute the energy from before, in retrospect', () => {
    const start = reading(0, { containerId: 'other', naming: unnamed })
    assert.deepEqual(samplesAfter([start], [start, reading(5, { naming: unnamed })], [start, reading(9)]), [
      [0, 10, 5, 'started'],
      [10, 20, 4],
    ])
  })

  it('that are stand-ins hold until the container has its own', () => {
    const system = { namespace: 'system', pod: 'system_processes', container: 'system_processes' }
    const standIn = { kind: 'provisional', workload: system } as const
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(1, { naming: standIn })]))
    ledger.record(scrape(10, [reading(5, { naming: standIn })]))
    assert.deepEqual(shown(ledger, system), [[0, 10, 4]])
    ledger.record(scrape(20, [reading(6)]))
    ledger.record(scrape(30, [reading(7, { naming: standIn })]))
    assert.deepEqual(shown(ledger, system), [])
    assert.deepEqual(shown(ledger), [
      [0, 10, 4],
      [10, 20, 1],
      [20, 30, 1],
    ])
    assert.deepEqual(ledger.workloads(), [web])
  })

  it('that are used by two containers of a node at once add up', () => {
    const second = (joules: number) => reading(joules, { containerId: 'c2' })
    assert.deepEqual(samplesAfter([reading(1), second(1)], [reading(11), second(3)]), [[0, 10, 12]])
  })

  it('that show on two nodes are kept side by side', () => {
    const ledger = createLedger()
    for (const [node, base] of [
      ['node-a', 100],
      ['node-b', 700],
    ] as const) {
      ledger.record(scrape(0, [reading(base)], { node }))
      ledger.record(scrape(10, [reading(base + 3)], { node }))
    }
    const samples = ledger.samplesOf(web, forever)
    assert.deepEqual(
      samples.map(({ node, energy }) => [node, energy]),
      [
        ['node-a', 3],
        ['node-b', 3],
      ],
    )
    assert.equal(ledger.samplesOf(web, { kind: 'last', count: 1 }).length, 1)
  })
})

describe('the books of a node', () => {
  it('hold containers, the unnamed among them, and the node’s own energy', () => {
    const ledger = createLedger()
    const idle = (joules: number) => reading(joules, { mode: 'idle' })
    const pause = (joules: number) => reading(joules, { containerId: 'pause', naming: { kind: 'unnamed' } })
    const node = (active: number, idleJoules: number) => ({
      nodeReadings: [
        { component: 'package', kind: 'active', joules: active } as const,
        { component: 'package', kind: 'idle', joules: idleJoules } as const,
      ],
    })
    ledger.record(scrape(0, [reading(10), idle(5), pause(1)], node(100, 262_000)))
    ledger.record(scrape(10, [reading(30), idle(9), pause(2)], node(130, 262_040)))
    ledger.record(scrape(20, [reading(31), idle(9), pause(2)], node(140, 7)))
    assert.deepEqual(ledger.books(), [
      {
        node: 'node-a',
        during: { from: 0, to: 20_000 },
        basis: 'current/container/package',
        containerJoules: 22,
        unnamedJoules: 1,
        containerIdleJoules: 4,
        nodeActiveJoules: 40,
        nodeIdleJoules: 40,
      },
    ])
  })

  it('no longer call energy unnamed once its container has a name', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(1, { naming: { kind: 'unnamed' } })]))
    ledger.record(scrape(10, [reading(5, { naming: { kind: 'unnamed' } })]))
    assert.equal(ledger.books()[0]?.unnamedJoules, 4)
    ledger.record(scrape(20, [reading(6)]))
    assert.equal(ledger.books()[0]?.unnamedJoules, 0)
  })
})

describe('what is gone', () => {
  it('is forgotten once the retention has passed', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(1)]))
    ledger.record(scrape(10, [reading(2)]))
    ledger.record(scrape(3600, []))
    assert.deepEqual(ledger.workloads(), [web])
    ledger.record(scrape(3611, []))
    assert.deepEqual(ledger.workloads(), [])
    assert.deepEqual(shown(ledger), [])
  })

  it('goes with its node when that is not read any more', () => {
    const ledger = createLedger()
    ledger.record(scrape(0, [reading(1)]))
    ledger.forgetNodesBefore(atSecond(0))
    assert.deepEqual(ledger.workloads(), [web])
    ledger.forgetNodesBefore(atSecond(1))
    assert.deepEqual(ledger.workloads(), [])
    assert.equal(ledger.recent.bytes, 0)
  })
})

describe('a node that several processes may count', () => {
  const createOne = (by: string) =>
    createEnergyBooks({ nodeMaxWatts: watts(1000), scrapeIntervalSeconds: 10, retentionSeconds: 3600, by })

  function pageOf(ledger: EnergyBooks, next: NodeScrape) {
    const entry = ledger.record(next)
    assert.ok(entry.kind === 'recorded')
    return entry.page
  }

  it('has pages that tell who wrote them, and which state they go on from', () => {
    const ledger = createOne('one')
    assert.deepEqual(pageOf(ledger, scrape(0, [reading(1)])).link, { by: 'one' })
    assert.equal(ledger.stateOf('node-a')?.by, 'one')
    assert.deepEqual(pageOf(ledger, scrape(10, [reading(2)])).link, {
      by: 'one',
      after: { at: atSecond(0), by: 'one' },
    })
  })

  it('has pages that tell nothing of it where only one process counts', () => {
    const ledger = createLedger()
    assert.equal('link' in pageOf(ledger, scrape(0, [reading(1)])), false)
    assert.equal('by' in (ledger.stateOf('node-a') ?? {}), false)
  })

  it('goes on from the state that another process has kept', () => {
    const [one, other] = [createOne('one'), createOne('other')]
    one.record(scrape(0, [reading(100)]))
    const state = one.stateOf('node-a')
    assert.ok(state !== undefined)
    other.restore([state])
    assert.equal(other.knows('node-a'), true)
    assert.deepEqual(pageOf(other, scrape(10, [reading(130)])).link, {
      by: 'other',
      after: { at: atSecond(0), by: 'one' },
    })
    assert.deepEqual(shown(other), [[0, 10, 30]])
  })

  it('goes on from there whatever was counted meanwhile, and its books begin anew', () => {
    const [one, other] = [createOne('one'), createOne('other')]
    one.record(scrape(0, [reading(100)]))
    other.record(scrape(3, [reading(103)]))
    other.record(scrape(13, [reading(133)]))
    const state = one.stateOf('node-a')
    assert.ok(state !== undefined)
    other.adopt(state)
    const [measurement] = pageOf(other, scrape(23, [reading(163)])).measurements
    assert.deepEqual(
      [measurement?.during, measurement?.energy],
      [{ from: atSecond(0), to: atSecond(23) }, 63],
    )
    assert.equal(other.books()[0]?.containerJoules, 63)
  })

  it('is unknown before it is read', () => {
    assert.equal(createOne('one').knows('node-a'), false)
  })

  it('has samples in memory that can be forgotten alone', () => {
    const ledger = createOne('one')
    for (const node of ['node-a', 'node-b']) {
      ledger.record(scrape(0, [reading(1)], { node }))
      ledger.record(scrape(10, [reading(2)], { node }))
    }
    ledger.recent.forgetNode('node-a')
    ledger.recent.forgetNode('node-c')
    assert.deepEqual(
      ledger.recent.samplesOf(web, forever).map(({ node }) => node),
      ['node-b'],
    )
  })
})

describe('a ledger that is shown the very same list of counters', () => {
  const counters: readonly CounterReading[] = [
    reading(0),
    reading(0, { component: 'dram' }),
    reading(0, { mode: 'idle' }),
    reading(0, { containerId: 'c2', naming: { kind: 'unnamed' } }),
    reading(0, { containerId: 'c3', state: 'terminated' }),
    reading(0, { containerId: 'c3' }),
    reading(0, { containerId: 'c3' }),
  ]
  const scrapes = fc.array(
    fc.record({
      seconds: fc.integer({ min: 1, max: 40 }),
      /** How many of the counters are shown. */
      shown: fc.constantFrom(0, 2, 4, 4, 4, 4, counters.length),
      values: fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 1e6 })), {
        minLength: counters.length,
        maxLength: counters.length,
      }),
      basis: fc.constantFrom('a', 'a', 'a', 'a', 'a', 'b'),
      unreadLines: fc.constantFrom(0, 0, 0, 1),
    }),
    { maxLength: 30 },
  )

  it('enters what it would enter if it had to look every counter up', () => {
    const lists = new Map(
      [0, 2, 4, counters.length].map((shown) => [shown, readingsOf(counters.slice(0, shown)).counters]),
    )
    fc.assert(
      fc.property(scrapes, (all) => {
        const looking = createLedger()
        const remembering = createLedger()
        let second = 0
        for (const { seconds, shown, values, ...about } of all) {
          second += seconds
          const joules = Float64Array.from(values.slice(0, shown))
          const fresh = readingsOf(counters.slice(0, shown)).counters
          const same = lists.get(shown) ?? []
          const lookedUp = looking.record(
            scrape(second, [], { ...about, readings: { counters: fresh, joules } }),
          )
          const entry = remembering.record(
            scrape(second, [], { ...about, readings: { counters: same, joules } }),
          )
          assert.deepEqual(entry, lookedUp)
        }
        assert.deepEqual(remembering.stateOf('node-a'), looking.stateOf('node-a'))
        assert.deepEqual(remembering.books(), looking.books())
      }),
      { numRuns: 300 },
    )
  })
})

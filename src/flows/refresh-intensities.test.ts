import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { measuredFact } from '../../test/measured-fact.ts'
import type { IntensityBasis, IntensityFact } from '../intensity/fact.ts'
import { type IntensitySource, SourceError, type SourceFailure } from '../intensity/source.ts'
import { type Instant, type Interval, instant } from '../units.ts'
import type { Clock } from './clock.ts'
import { createIntensityRefresher, type RefreshEvent } from './refresh-intensities.ts'

const start = Date.UTC(2026, 10, 24, 12)
const minutes = (count: number) => count * 60_000

/** Time passes when everyone waits for it: the earliest wait ends first. */
function createTestClock(endAt: number, stop: AbortController): Clock {
  let now = start
  const waits: { at: number; resolve: () => void }[] = []
  let isScheduled = false
  const step = () => {
    isScheduled = false
    waits.sort((a, b) => a.at - b.at)
    const next = waits.shift()
    if (next === undefined) return
    now = Math.max(now, next.at)
    if (now > endAt) stop.abort()
    next.resolve()
    schedule()
  }
  const schedule = () => {
    if (isScheduled || waits.length === 0) return
    isScheduled = true
    setImmediate(step)
  }
  return {
    now: () => instant(now),
    waitUntil(at, signal) {
      if (signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        waits.push({ at, resolve })
        signal.addEventListener('abort', () => resolve(), { once: true })
        schedule()
      })
    },
  }
}

type Script = (request: {
  readonly now: Instant
  readonly count: number
}) => readonly IntensityFact[] | SourceFailure

const fact = (source: string, from: number, grams = 100) =>
  measuredFact(grams, from, from + minutes(15), { source, learnedAt: instant(from) })

const quarterOf = (now: Instant) => Math.floor(now / minutes(15)) * minutes(15)
const always: Script = ({ now }) => [fact('', quarterOf(now))]
const failing =
  (failure: SourceFailure): Script =>
  () =>
    failure

/** Plays `forMinutes` with sources that answer as scripted, in the order of the chain. */
async function play(
  scripts: Readonly<Record<string, Script>>,
  about: {
    readonly forMinutes: number
    readonly basis?: Readonly<Record<string, IntensityBasis>>
    readonly pace?: number
    readonly zones?: readonly string[]
  },
) {
  const stop = new AbortController()
  const clock = createTestClock(start + minutes(about.forMinutes), stop)
  const asked: { source: string; zone: string; what: string; minute: number; during?: Interval }[] = []
  const facts: IntensityFact[] = []
  const events: RefreshEvent[] = []
  const counts = new Map<string, number>()
  const minute = () => (clock.now() - start) / 60_000

  function answer(source: string, script: Script): readonly IntensityFact[] {
    const count = (counts.get(source) ?? 0) + 1
    counts.set(source, count)
    const given = script({ now: clock.now(), count })
    if ('kind' in given) throw new SourceError(given, `${source} failed: ${given.kind}`)
    return given.map((each) => ({ ...each, source, basis: about.basis?.[source] ?? 'lifecycle' }))
  }

  const sources = Object.entries(scripts).map(
    ([id, script]): IntensitySource => ({
      id,
      about: {
        name: id,
        url: '',
        licence: '',
        attribution: '',
        signal: 'average',
        basis: about.basis?.[id] ?? 'lifecycle',
        everySeconds: 900,
        secondsBetweenRequests: about.pace ?? 0,
      },
      zones: () => ['DE', 'FR', 'AT'],
      async latest(zone) {
        asked.push({ source: id, zone, what: 'latest', minute: minute() })
        return answer(id, script)
      },
      async history(zone, during) {
        asked.push({ source: id, zone, what: 'history', minute: minute(), during })
        return answer(id, script)
      },
    }),
  )
  const refresher = createIntensityRefresher({
    sources,
    zones: about.zones ?? ['DE'],
    backfillSeconds: 7200,
    async learn(learned) {
      facts.push(...learned)
    },
    known: (zone, during) =>
      facts.filter(
        (each) => each.zone === zone && each.valid.from <= during.to && each.valid.to > during.from,
      ),
    clock,
    random: () => 0,
    onEvent: (event) => events.push(event),
  })
  await refresher.run(stop.signal)
  const asksOf = (source: string, what = 'latest') =>
    asked.filter((each) => each.source === source && each.what === what)
  return { asked, asksOf, facts, events, states: refresher.states() }
}

describe('the chain of sources of a zone', () => {
  it('ends with the first source that has a figure for now', async () => {
    const { asksOf } = await play({ first: always, second: always }, { forMinutes: 40 })
    assert.ok(asksOf('first').length >= 3)
    assert.equal(asksOf('second').length, 0)
  })

  const failures: readonly SourceFailure[] = [
    { kind: 'unreachable' },
    { kind: 'timed-out' },
    { kind: 'refused' },
    { kind: 'rate-limited', retryAfterSeconds: 120 },
    { kind: 'server-error' },
    { kind: 'unknown-zone' },
    { kind: 'unexpected-answer' },
  ]
  for (const failure of failures) {
    it(`goes on with the next one when the first has failed: ${failure.kind}`, async () => {
      const { asksOf, events, states } = await play(
        { first: failing(failure), second: always },
        { forMinutes: 1 },
      )
      assert.equal(asksOf('second').length, 1)
      assert.ok(events.some((event) => event.kind === 'failed' && event.failure === failure.kind))
      assert.equal(states[0]?.lastFailure?.message, `first failed: ${failure.kind}`)
      assert.equal(states[0]?.failures, 1)
    })
  }

  it('goes on when the first has nothing, or nothing for now', async () => {
    const old: Script = ({ now }) => [fact('', quarterOf(now) - minutes(60))]
    for (const script of [old, () => []]) {
      const { asksOf } = await play({ first: script, second: always }, { forMinutes: 1 })
      assert.equal(asksOf('second').length, 1)
    }
  })

  it('is one for each series: life-cycle figures do not stand in for direct ones', async () => {
    const { asksOf } = await play(
      { cycle: always, chimney: always },
      { forMinutes: 1, basis: { chimney: 'direct' } },
    )
    assert.deepEqual([asksOf('cycle').length, asksOf('chimney').length], [1, 1])
  })

  it('lets the last good figure stand in while no source has a newer one, marked as an estimate', async () => {
    const thenSilent: Script = ({ now, count }) =>
      count <= 2 ? [fact('', quarterOf(now))] : { kind: 'server-error' }
    const { facts, events } = await play({ first: thenSilent }, { forMinutes: 40 })
    const standIn = facts.find(({ method }) => method.kind === 'estimated')
    assert.deepEqual(standIn?.method, { kind: 'estimated', detail: 'last good value' })
    assert.equal(standIn?.rank, 900)
    assert.ok(events.some((event) => event.kind === 'stand-in' && event.isLastGood))
  })

  it('says so when not even a last good figure is there', async () => {
    const { events, facts } = await play({ first: failing({ kind: 'unreachable' }) }, { forMinutes: 1 })
    assert.deepEqual(facts, [])
    assert.ok(events.some((event) => event.kind === 'stand-in' && !event.isLastGood))
  })
})

describe('a source that fails', () => {
  it('is left alone after three failures, for longer and longer', async () => {
    const { asksOf, states } = await play({ first: failing({ kind: 'server-error' }) }, { forMinutes: 600 })
    assert.equal(states[0]?.gate.kind, 'closed')
    assert.ok(asksOf('first').length < 60, String(asksOf('first').length))
  })

  it('is not asked for an hour when it refuses the key', async () => {
    const { asksOf } = await play({ first: failing({ kind: 'refused' }) }, { forMinutes: 59 })
    assert.equal(asksOf('first').length, 1)
  })

  it('is asked again when it said that it may', async () => {
    const { asksOf } = await play(
      { first: failing({ kind: 'rate-limited', retryAfterSeconds: 1800 }) },
      { forMinutes: 29 },
    )
    assert.equal(asksOf('first').length, 1)
  })

  it('is not asked again for a zone that it does not know', async () => {
    const { asksOf } = await play(
      { first: failing({ kind: 'unknown-zone' }), second: always },
      { forMinutes: 120 },
    )
    assert.equal(asksOf('first').length, 1)
  })

  it('is believed again when it is back', async () => {
    const backLater: Script = ({ now, count }) =>
      count <= 3 ? { kind: 'server-error' } : [fact('', quarterOf(now))]
    const { states } = await play({ first: backLater }, { forMinutes: 120 })
    assert.deepEqual(states[0]?.gate, { kind: 'open' })
    assert.equal(states[0]?.failuresInARow, 0)
  })
})

describe('the pace', () => {
  it('of a source is kept over all zones', async () => {
    const { asked } = await play({ first: always }, { forMinutes: 10, pace: 60, zones: ['DE', 'FR', 'AT'] })
    const minutesAsked = asked.map(({ minute }) => minute).toSorted((a, b) => a - b)
    minutesAsked.forEach((at, n) => {
      const before = minutesAsked[n - 1]
      if (before !== undefined) assert.ok(at - before >= 1 - 1e-9, `${before} and ${at}`)
    })
  })
})

describe('history', () => {
  it('is filled in when a zone comes into demand, and not again', async () => {
    const { asksOf } = await play({ first: always }, { forMinutes: 60 })
    const [fill, ...more] = asksOf('first', 'history')
    assert.deepEqual(fill?.during, { from: start - 7_200_000, to: start })
    assert.equal(more.length, 0)
  })

  it('is filled in over the time that a source was away', async () => {
    const away: Script = ({ now, count }) =>
      count > 2 && count < 12 ? { kind: 'server-error' } : [fact('', quarterOf(now))]
    const { asksOf } = await play({ first: away }, { forMinutes: 300 })
    const fills = asksOf('first', 'history')
    assert.equal(fills.length, 2)
    assert.equal(fills[1]?.during?.from, start)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type Instant, instant } from '../units.ts'
import type { Clock } from './clock.ts'
import { createScrapeFleet, type FleetEvent } from './scrape-fleet.ts'
import {
  createFixedTarget,
  type FindingState,
  type Target,
  type TargetDirectory,
} from './target-directory.ts'

const target = (host: string, node?: string): Target => ({
  url: new URL(`http://${host}:28282/metrics`),
  node,
  serverName: undefined,
})

/** A directory that says what a test makes it say. */
function createDirectory(address = 'dns+http://kepler:28282/metrics') {
  let targets: readonly Target[] = []
  let state: FindingState = { kind: 'pending' }
  let tell = () => {}
  const directory: TargetDirectory = {
    address,
    targets: () => targets,
    state: () => state,
    async follow(onChange, signal) {
      tell = onChange
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  }
  return {
    directory,
    say: (next: readonly Target[]) => {
      targets = next
      state = { kind: 'current' }
      tell()
    },
    fail: (message: string) => {
      state = { kind: 'failing', since: instant(0), message }
      tell()
    },
  }
}

/** A fleet that runs until the test ends; its loops write down when they begin and end. */
async function run(
  directories: readonly TargetDirectory[],
  about: { readonly isOurs?: (target: Target) => boolean; readonly hangs?: boolean } = {},
) {
  let now: Instant = instant(0)
  const clock: Clock = {
    now: () => now,
    async waitUntil(at) {
      now = instant(Math.max(now, at))
      await setImmediate()
    },
  }
  const log: string[] = []
  const events: FleetEvent[] = []
  const stop = new AbortController()
  const fleet = createScrapeFleet({
    directories,
    isOurs: about.isOurs ?? (() => true),
    clock,
    async scrape({ url, node }, signal) {
      const name = node === undefined ? url.hostname : `${url.hostname} on ${node}`
      log.push(`${name} begins`)
      if (!signal.aborted)
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      log.push(`${name} ends`)
    },
    onEvent: (event) => events.push(event),
  })
  const running = fleet.run(stop.signal)
  await settled()
  return {
    fleet,
    log,
    events,
    stop: async () => {
      stop.abort()
      await running
    },
  }
}

/** Lets everything that can happen now happen. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await setImmediate()
}

describe('the fleet', () => {
  it('scrapes a fixed target from the beginning to the end', async () => {
    const url = new URL('http://a:28282/metrics')
    const { log, stop, fleet } = await run([createFixedTarget({ address: url.href, url })])
    assert.deepEqual(log, ['a begins'])
    assert.deepEqual([fleet.reasonsNotReady(), fleet.warnings()], [[], []])
    await stop()
    assert.deepEqual(log, ['a begins', 'a ends'])
  })

  it('scrapes targets from when they come until they go', async () => {
    const { directory, say } = createDirectory()
    const { log, stop, events } = await run([directory])
    say([target('a'), target('b')])
    await settled()
    assert.deepEqual(log.splice(0), ['a begins', 'b begins'])
    say([target('b'), target('c')])
    await settled()
    assert.deepEqual(log.splice(0), ['a ends', 'c begins'])
    assert.deepEqual(
      events.map((event) =>
        event.kind === 'changed' ? [event.came.length, event.went.length, event.known] : [],
      ),
      [
        [2, 0, 2],
        [1, 1, 2],
      ],
    )
    await stop()
    assert.deepEqual(log, ['b ends', 'c ends'])
  })

  it('ends the loop of a target before another begins at the same address on another node', async () => {
    const { directory, say } = createDirectory()
    const { log, stop } = await run([directory])
    say([target('a', 'node-1')])
    await settled()
    say([target('a', 'node-2')])
    await settled()
    assert.deepEqual(log, ['a on node-1 begins', 'a on node-1 ends', 'a on node-2 begins'])
    await stop()
  })

  it('scrapes a target once to which several addresses lead', async () => {
    const [one, other] = [createDirectory('one'), createDirectory('other')]
    const { log, stop } = await run([one.directory, other.directory])
    one.say([target('a')])
    other.say([target('a')])
    await settled()
    one.say([])
    await settled()
    assert.deepEqual(log, ['a begins'])
    await stop()
  })

  it('scrapes its own share of the targets, and is ready without any', async () => {
    const { directory, say } = createDirectory()
    const { log, stop, fleet } = await run([directory], { isOurs: ({ url }) => url.hostname === 'b' })
    say([target('a'), target('b')])
    await settled()
    assert.deepEqual(log, ['b begins'])
    say([target('a')])
    await settled()
    assert.deepEqual(fleet.reasonsNotReady(), [])
    assert.deepEqual(fleet.warnings(), ['None of the 1 target(s) belongs to this shard.'])
    await stop()
  })

  it('is not ready while nobody has said where the targets are', async () => {
    const { directory, say } = createDirectory()
    const { fleet, stop } = await run([directory])
    assert.deepEqual(fleet.reasonsNotReady(), [
      'It is not known yet where dns+http://kepler:28282/metrics leads.',
    ])
    say([])
    assert.deepEqual(fleet.reasonsNotReady(), ['dns+http://kepler:28282/metrics leads to no target.'])
    assert.deepEqual(fleet.warnings(), [])
    await stop()
  })

  it('is not ready when nobody can say where they are', async () => {
    const { directory, fail } = createDirectory()
    const { fleet, stop } = await run([directory])
    fail('the name kepler leads to no address')
    assert.deepEqual(fleet.reasonsNotReady(), [
      'It is not known where dns+http://kepler:28282/metrics leads: the name kepler leads to no address',
    ])
    await stop()
  })

  it('goes on with the targets known last while nobody can say where they are, and says so once', async () => {
    const { directory, say, fail } = createDirectory()
    const { fleet, log, events, stop } = await run([directory])
    say([target('a')])
    await settled()
    for (const message of ['no answer', 'still no answer']) {
      fail(message)
      await settled()
    }
    assert.deepEqual(log, ['a begins'])
    assert.deepEqual(fleet.reasonsNotReady(), [])
    assert.deepEqual(fleet.warnings(), [
      'dns+http://kepler:28282/metrics leads to the 1 target(s) known last: still no answer',
    ])
    say([target('a')])
    await settled()
    assert.deepEqual(fleet.warnings(), [])
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['changed', 'finding-failed', 'finding-works'],
    )
    await stop()
  })

  it('warns of an address that leads nowhere beside others that lead somewhere', async () => {
    const [one, other] = [createDirectory('one'), createDirectory('other')]
    const { fleet, stop } = await run([one.directory, other.directory])
    one.say([target('a')])
    other.say([])
    await settled()
    assert.deepEqual(fleet.reasonsNotReady(), [])
    assert.deepEqual(fleet.warnings(), ['other leads to no target.'])
    await stop()
  })
})

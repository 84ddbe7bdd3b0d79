import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import type { Clock } from './clock.ts'
import { createPolledTargets } from './polled-targets.ts'

/** Answers with one set of addresses after another, and stops at the last. An Error is thrown. */
async function followed(...answers: readonly (readonly string[] | Error)[]) {
  const stop = new AbortController()
  let second = 100
  const clock: Clock = {
    now: () => instant(second * 1000),
    async waitUntil(at) {
      second = at / 1000
    },
  }
  const left = [...answers]
  const seen: string[] = []
  const directory = createPolledTargets({
    address: 'dns+http://kepler:9102/metrics',
    everySeconds: 15,
    clock,
    async find() {
      const answer = left.shift()
      if (left.length === 0) stop.abort()
      if (answer === undefined || answer instanceof Error) throw answer
      return answer.map((host) => ({
        url: new URL(`http://${host}/`),
        node: undefined,
        serverName: undefined,
      }))
    },
  })
  const shown = () =>
    `${directory.state().kind}: ${directory
      .targets()
      .map(({ url }) => url.host)
      .join(' ')}`
  seen.push(shown())
  await directory.follow(() => seen.push(shown()), stop.signal)
  return { directory, seen, second }
}

describe('targets that are asked for again and again', () => {
  it('are not known before the first answer', async () => {
    assert.deepEqual((await followed(['a'])).seen, ['pending: ', 'current: a'])
  })

  it('come and go, and nothing is told while nothing changes', async () => {
    const { seen, second } = await followed(['a', 'b'], ['b', 'a'], ['b', 'c'], [])
    assert.deepEqual(seen.slice(1), ['current: a b', 'current: b c', 'current: '])
    assert.equal(second, 160)
  })

  it('are counted once when they are named twice', async () => {
    assert.deepEqual((await followed(['a', 'a'])).directory.targets().length, 1)
  })

  it('stay as they were while nobody answers, and it is said since when and why', async () => {
    const { seen, directory } = await followed(['a'], new Error('no answer'), new Error('still none'), ['a'])
    assert.deepEqual(seen.slice(1), ['current: a', 'failing: a', 'current: a'])
    assert.deepEqual(directory.state(), { kind: 'current' })
    const failing = await followed(
      ['a'],
      new Error('no answer'),
      new Error('still none'),
      new Error('none at all'),
    )
    assert.deepEqual(failing.seen.slice(1), ['current: a', 'failing: a'])
  })
})

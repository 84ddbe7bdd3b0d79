import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import { askOnce, createFixedTarget, type FindingState, type TargetDirectory } from './target-directory.ts'

const url = new URL('http://10.0.0.1:9102/metrics')
const target = { url, node: undefined, serverName: undefined }

/** A directory that learns its target, or that nobody knows any, once it is followed. */
function directoryThat(learns: FindingState | undefined): TargetDirectory & { readonly followers: number } {
  let state: FindingState = { kind: 'pending' }
  let followers = 0
  return {
    address: 'x',
    get followers() {
      return followers
    },
    targets: () => (state.kind === 'current' ? [target] : []),
    state: () => state,
    async follow(onChange, signal) {
      followers += 1
      const aborted = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      )
      if (learns !== undefined) state = learns
      onChange()
      await aborted
      followers -= 1
    },
  }
}

describe('a directory of targets that is asked once', () => {
  it('is not followed when it knows already', async () => {
    const fixed = createFixedTarget({ address: 'x', url })
    assert.deepEqual(await askOnce(fixed, new AbortController().signal), [target])
  })

  it('is followed until it knows, and no longer', async () => {
    const directory = directoryThat({ kind: 'current' })
    assert.deepEqual(await askOnce(directory, new AbortController().signal), [target])
    assert.equal(directory.followers, 0)
  })

  it('gives up when nobody knows', async () => {
    const failing = directoryThat({ kind: 'failing', since: instant(0), message: 'no' })
    assert.deepEqual(await askOnce(failing, new AbortController().signal), [])
  })

  it('gives up with the signal', async () => {
    const stop = new AbortController()
    const asked = askOnce(directoryThat(undefined), stop.signal)
    stop.abort()
    assert.deepEqual(await asked, [])
  })
})

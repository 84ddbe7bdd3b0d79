import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { instant, joules } from '../units.ts'
import type { Measurement } from './ledger-page.ts'
import { whyUnstorable } from './storable.ts'

const workload = { namespace: 'default', pod: 'busybox-worker', container: 'busybox' }

function measurement(differing: Partial<Measurement> = {}): Measurement {
  const during = { from: instant(0), to: instant(10_000) }
  return {
    containerId: 'c1',
    workload,
    during,
    energy: joules(30),
    counter: joules(60),
    flags: [],
    ...differing,
  }
}

const why = (differing: Partial<Measurement>) => whyUnstorable(measurement(differing))

describe('a measurement can be stored when', () => {
  it('its numbers are finite and its names are text', () => {
    assert.equal(why({}), undefined)
  })

  it('it has no names yet', () => {
    assert.equal(why({ workload: undefined }), undefined)
  })

  it('it has no energy', () => {
    assert.equal(why({ energy: joules(0), counter: joules(0) }), undefined)
  })

  it('its names are in any language', () => {
    for (const pod of ['', 'é', '容器', '👩‍👧', `it's`, '\n'])
      assert.equal(why({ workload: { ...workload, pod } }), undefined)
  })

  it('its names are as long as 1024 bytes', () => {
    for (const pod of ['x'.repeat(1024), 'é'.repeat(512), '容'.repeat(341), '👩'.repeat(256)]) {
      assert.equal(why({ workload: { ...workload, pod } }), undefined)
      assert.match(
        why({ workload: { ...workload, pod: `${pod}xx` } }) ?? '',
        /^has a pod of 102[56] bytes; at most 1024/,
      )
    }
  })
})

describe('a measurement cannot be stored when', () => {
  it('its energy or its counter is no finite number', () => {
    assert.equal(why({ energy: joules(Number.NaN) }), 'has an energy of NaN J')
    assert.equal(why({ energy: joules(Infinity) }), 'has an energy of Infinity J')
    assert.equal(why({ counter: joules(-Infinity) }), 'has a counter of -Infinity J')
  })

  it('its interval is open, empty or runs backwards', () => {
    const [early, late] = [instant(0), instant(10_000)]
    assert.equal(why({ during: { from: instant(-Infinity), to: late } }), 'has no finite interval')
    assert.equal(why({ during: { from: early, to: instant(Number.NaN) } }), 'has no finite interval')
    assert.equal(why({ during: { from: late, to: late } }), 'ends before it begins')
    assert.equal(why({ during: { from: late, to: early } }), 'ends before it begins')
  })

  it('a name or its id holds a NUL character', () => {
    assert.equal(why({ containerId: 'a\0' }), 'has a NUL character in its container id')
    for (const name of ['namespace', 'pod', 'container'] as const) {
      assert.equal(why({ workload: { ...workload, [name]: '\0' } }), `has a NUL character in its ${name}`)
    }
  })

  it('a name was cut in the middle of a character', () => {
    assert.equal(why({ workload: { ...workload, pod: '\ud83d' } }), 'has half a character in its pod')
    assert.equal(why({ containerId: '\udc00x' }), 'has half a character in its container id')
  })

  it('its id is too long', () => {
    const reason = 'has a container id of 10000 bytes; at most 1024 are kept'
    assert.equal(why({ containerId: 'x'.repeat(10_000), workload: undefined }), reason)
  })
})

describe('the length of a name', () => {
  it('is counted as in UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 300, maxLength: 600 }), (text) => {
        const pod = text.replaceAll('\0', '')
        const bytes = Buffer.byteLength(pod)
        const reason = bytes > 1024 ? `has a pod of ${bytes} bytes; at most 1024 are kept` : undefined
        assert.equal(why({ workload: { ...workload, pod } }), reason)
      }),
    )
  })
})

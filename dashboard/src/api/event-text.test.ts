import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createEventReader } from './event-text.ts'

const text =
  ': beat\n\nid: 1\nevent: hello\ndata: {"at":"now"}\n\ndata: a\ndata:b\n\nevent: none\n\nevent: last\ndata: x'

describe('the reader of an event stream', () => {
  it('gives each event when it is complete, and leaves out comments and what has no data', () => {
    assert.deepEqual(createEventReader()(text), [
      { name: 'hello', data: '{"at":"now"}' },
      { name: 'message', data: 'a\nb' },
    ])
    assert.deepEqual(createEventReader()(`${text}\n\n`).at(-1), { name: 'last', data: 'x' })
  })

  it('does not mind where its text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length })), (cuts) => {
        const bounds = [0, ...cuts.toSorted((left, right) => left - right), text.length]
        const read = createEventReader()
        const events = bounds.slice(1).flatMap((to, at) => read(text.slice(bounds[at], to)))
        assert.deepEqual(events, createEventReader()(text))
      }),
    )
  })

  it('gives up on a line without end', () => {
    assert.throws(() => createEventReader()('x'.repeat(1_000_001)), RangeError)
  })
})

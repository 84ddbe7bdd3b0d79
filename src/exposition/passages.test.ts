import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bytesOf } from './everything-in.ts'
import { KnownLine, Passages } from './passages.ts'

const bodyOf = (text: string) => new DataView(bytesOf(text).buffer)

function lineOf(text: string): KnownLine {
  const line = KnownLine.of(bytesOf(text), 0, text.length)
  assert.ok(line !== undefined)
  return line
}

describe('a line that is known', () => {
  const line = lineOf('# TYPE a counter\n')

  it('is found where every byte of it stands', () => {
    assert.equal(line.endOfLinesAt(bodyOf('x\n# TYPE a counter\na 1\n'), 2), 19)
  })

  it('is not found where another one begins alike, or is cut off', () => {
    for (const text of ['# TYPE a counter \n', '# TYPE a gauge\n\n\n', '# TYPE a counter', '']) {
      assert.equal(line.endOfLinesAt(bodyOf(text), 0), 0, text)
    }
  })

  it('is not kept when it is very long', () => {
    assert.equal(KnownLine.of(bytesOf('#'.repeat(2000)), 0, 2000), undefined)
  })
})

describe('the passages of a body', () => {
  const [a, b, c] = [lineOf('# a\n'), lineOf('# b\n'), lineOf('# c\n')]

  /** What was expected at each of these passages, which then came. */
  function read(passages: Passages, body: readonly KnownLine[]): readonly boolean[] {
    passages.beginRead()
    return body.map((line) => {
      const isExpected = passages.expected() === line
      if (isExpected) passages.meet()
      else passages.add(line)
      return isExpected
    })
  }

  it('are expected in the next one, in their order', () => {
    const passages = new Passages()
    assert.deepEqual(read(passages, [a, b]), [false, false])
    assert.deepEqual(read(passages, [a, b]), [true, true])
    assert.deepEqual(read(passages, [a]), [true])
    assert.deepEqual(read(passages, [a, b]), [true, true])
  })

  it('are taken down anew from the first other one on', () => {
    const passages = new Passages()
    read(passages, [a, b])
    assert.deepEqual(read(passages, [a, c, b]), [true, false, false])
    assert.deepEqual(read(passages, [a, c, b]), [true, true, true])
  })

  it('are not remembered without bound', () => {
    const passages = new Passages()
    const many = Array.from({ length: 3000 }, () => a)
    read(passages, many)
    assert.equal(read(passages, many).filter(Boolean).length, 1000)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../units.ts'
import { createAnswerReader } from './answer-reader.ts'
import { SourceError } from './source.ts'

const read = createAnswerReader('Test', () => instant(0))

const jsonOf = (text: string, status = 200) => read.json({ status, headers: {}, text })

const refused = (what: string) => (error: unknown) => {
  assert.ok(error instanceof SourceError)
  assert.deepEqual(error.failure, { kind: 'unexpected-answer' })
  assert.equal(error.message, `Test answered with ${what}`)
  return true
}

describe('an answer', () => {
  it('is read as JSON', () => {
    assert.deepEqual(jsonOf('{"data":[1]}'), { data: [1] })
  })

  it('fails with its status, without a word of its body', () => {
    assert.throws(() => jsonOf('secret', 500), /^SourceError: Test answered with status 500$/)
  })

  it('is refused when it is no JSON, without a word of it', () => {
    assert.throws(() => jsonOf('  <html>'), refused('HTML or XML instead of JSON'))
    assert.throws(() => jsonOf('secret'), refused('a body that is not JSON'))
    assert.throws(() => jsonOf(' \n'), refused('an empty body'))
  })
})

describe('a field', () => {
  it('is what is asked for', () => {
    assert.deepEqual(read.object({ a: 1 }, 'x'), { a: 1 })
    assert.deepEqual(read.list([1], 'x'), [1])
    assert.equal(read.number(0, 'x'), 0)
    assert.equal(read.numberOrNull(1.5, 'x'), 1.5)
    assert.equal(read.numberOrNull(null, 'x'), undefined)
    assert.equal(read.text('', 'x'), '')
    assert.equal(read.time('1970-01-01T00:00:01', 'x'), 1000)
    assert.equal(read.time('1970-01-01T02:00:00+02:00', 'x'), 0)
    assert.equal(read.unixTime(1.5, 'x'), 1500)
  })

  it('is refused by its name when it is anything else', () => {
    assert.throws(() => read.object(null, 'x'), refused('x that is null, not an object'))
    assert.throws(() => read.object([], 'x'), refused('x that is a list, not an object'))
    assert.throws(() => read.list(undefined, 'x'), refused('x that is missing, not a list'))
    assert.throws(() => read.list({}, 'x'), refused('x that is an object, not a list'))
    assert.throws(() => read.number('1', 'x'), refused('x that is another text, not a number'))
    assert.throws(() => read.number(null, 'x'), refused('x that is null, not a number'))
    assert.throws(
      () => read.numberOrNull(false, 'x'),
      refused('x that is true or false, not a number or null'),
    )
    assert.throws(() => read.numberOrNull(undefined, 'x'), refused('x that is missing, not a number or null'))
    assert.throws(() => read.text(1, 'x'), refused('x that is another number, not a text'))
    assert.throws(() => read.time('noon', 'x'), refused('x that is another text, not a time'))
    assert.throws(() => read.unixTime(1e13, 'x'), refused('x that is another number, not a time in seconds'))
  })

  it('is no number when it is too large to be one', () => {
    assert.throws(() => read.number(jsonOf('1e999'), 'x'), refused('x that is another number, not a number'))
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseJsonPointer, valueAt } from './json-pointer.ts'

const document = { a: { b: [10, { 'c/d': 1, 'e~f': 2, '': 3 }] }, constructor: 4 }
const at = (text: string) => {
  const pointer = parseJsonPointer(text)
  assert.ok(pointer !== undefined, text)
  return valueAt(document, pointer)
}

describe('a JSON pointer', () => {
  it('leads through objects and lists', () => {
    assert.equal(at(''), document)
    assert.equal(at('/a/b/0'), 10)
    assert.equal(at('/a/b/1/c~1d'), 1)
    assert.equal(at('/a/b/1/e~0f'), 2)
    assert.equal(at('/a/b/1/'), 3)
    assert.equal(at('/constructor'), 4)
  })

  it('leads nowhere where there is nothing of its own', () => {
    for (const text of ['/x', '/a/b/2', '/a/b/01', '/a/b/-', '/a/b/length', '/a/toString', '/a/b/0/c']) {
      assert.equal(at(text), undefined, text)
    }
  })

  it('begins with a slash, and escapes with ~0 and ~1 alone', () => {
    for (const text of ['a', 'a/b', '/a~', '/a~2b']) assert.equal(parseJsonPointer(text), undefined, text)
  })
})

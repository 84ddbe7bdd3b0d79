import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { licenceProblems, permits } from './licences.ts'
import { readLockFile } from './lock-file.ts'

describe('the licences of our packages', () => {
  it('are all on the list', () => {
    const packages = readLockFile()
    assert.ok(packages.length > 100)
    assert.deepEqual(licenceProblems(packages), [])
  })

  it('may be a choice, of which one must be allowed, or several at once, of which all must', () => {
    const allowed = new Set(['A', 'B'])
    const outcomes = [
      ['A', true],
      ['C', false],
      ['C OR B', true],
      ['A AND C', false],
      ['(A AND B)', true],
      ['(A AND C) OR B', true],
      ['C OR A AND C', false],
      ['(A', false],
      ['A B', false],
      ['', false],
    ] as const
    for (const [expression, expected] of outcomes)
      assert.equal(permits(expression, allowed), expected, expression)
  })

  it('are stricter for what we ship than for what we only use', () => {
    const some = {
      path: '',
      name: 'a',
      version: '1',
      resolved: '',
      integrity: '',
      hasInstallScript: false,
      node: undefined,
    }
    assert.deepEqual(licenceProblems([{ ...some, use: 'development', licence: 'MPL-2.0' }]), [])
    assert.deepEqual(licenceProblems([{ ...some, use: 'optional', licence: 'MPL-2.0' }]), [
      'a 1 is under MPL-2.0, which is not on the list for optional',
    ])
    assert.deepEqual(licenceProblems([{ ...some, use: 'development', licence: undefined }]), [
      'a 1 names no licence',
    ])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addressBelow } from './web-source.ts'

describe('an address', () => {
  it('lies below another, with or without a path', () => {
    assert.equal(addressBelow(new URL('https://a.example'), 'b/c').href, 'https://a.example/b/c')
    assert.equal(addressBelow(new URL('https://a.example/x/'), 'b').href, 'https://a.example/x/b')
    assert.equal(addressBelow(new URL('https://a.example/x?y=z'), 'b').href, 'https://a.example/x/b')
  })

  it('carries parameters, escaped', () => {
    assert.equal(
      addressBelow(new URL('https://a.example'), 'b', { q: 'a b&c' }).href,
      'https://a.example/b?q=a+b%26c',
    )
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../units.ts'
import { isMatcher, rawSamplesText, selectorText } from './promql.ts'

describe('a selector in PromQL', () => {
  it('names one value as it is, and several as a pattern', () => {
    const where = { names: ['a_total', 'b_total'], labels: { instance: ['n1:9102'] } }
    assert.equal(selectorText(where, []), '{__name__=~"a_total|b_total",instance="n1:9102"}')
  })

  it('takes values literally, whatever stands in them', () => {
    const where = { names: ['a'], labels: { instance: ['10.0.0.1:9102', 'x"y\\z|\n[::1]'] } }
    assert.equal(
      selectorText(where, []),
      String.raw`{__name__="a",instance=~"10\\.0\\.0\\.1:9102|x\"y\\\\z\\|\n\\[::1\\]"}`,
    )
  })

  it('adds the matchers of whoever asks', () => {
    assert.equal(
      selectorText({ names: ['a'], labels: {} }, ['cluster="prod"', ' job!="x" ']),
      '{__name__="a",cluster="prod",job!="x"}',
    )
  })

  it('of raw samples spans the time before the moment of the question, to the millisecond', () => {
    assert.equal(rawSamplesText('{a="b"}', { from: instant(1500), to: instant(62_001) }), '{a="b"}[60501ms]')
  })
})

describe('a matcher', () => {
  it('is a label, how it is compared, and a text in double quotes', () => {
    for (const text of ['job="kepler"', 'cluster =~ "a|b"', 'pod!=""', 'x!~"a\\"b"'])
      assert.ok(isMatcher(text), text)
    for (const text of ['job=kepler', 'job="a",x="b"', '{job="a"}', 'job="a" or up', '', 'job="a"b"'])
      assert.ok(!isMatcher(text), text)
  })
})

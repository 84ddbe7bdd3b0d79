import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { barChart, stepChart } from './report-chart.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 10) + minute * 60_000).toISOString()

function chartOf(values: readonly (number | null)[], about: { readonly times?: readonly string[] } = {}) {
  const times = about.times ?? values.map((_, minute) => at(minute))
  return { times, end: at(values.length), values, description: 'a <chart>', height: 200 }
}

const matches = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([, found = '']) => found)

describe('a chart of bars', () => {
  it('has a bar for each step, and a hatched stretch where nothing is known', () => {
    const { text } = barChart(chartOf([1, null, 3]))
    assert.deepEqual(matches(text, /<rect class="(\w+)"/g), ['bar', 'unknown', 'bar'])
  })

  it('begins its axis at nothing, in round numbers up to the largest value', () => {
    const { text } = barChart(chartOf([1, 7, 9.5]))
    assert.deepEqual(matches(text, /class="y"[^>]*>([^<]+)</g), ['0.0', '2.5', '5.0', '7.5', '10.0'])
  })

  it('draws bars in proportion to their values', () => {
    const { text } = barChart(chartOf([2, 4]))
    const [small = 0, large = 0] = matches(text, /class="bar"[^>]*height="([\d.]+)"/g).map(Number)
    assert.ok(Math.abs(large - 2 * small) < 0.2, `${small} and ${large}`)
  })

  it('of nothing at all is drawn all the same', () => {
    for (const values of [[], [0, 0], [null]]) assert.ok(!barChart(chartOf(values)).text.includes('NaN'))
  })

  it('tells those who cannot see it what it shows', () => {
    assert.match(barChart(chartOf([1])).text, /role="img" aria-label="a &lt;chart&gt;"/)
  })

  it('names some steps by their time, and none that runs into another', () => {
    const cut = barChart(chartOf([1, 2, 3], { times: [at(0.98), at(1), at(2)] })).text
    assert.deepEqual(matches(cut, /class="x"[^>]*>([^<]+)</g), ['10:01', '10:02'])
    const many = barChart(chartOf(Array.from({ length: 100 }, () => 1))).text
    assert.equal(matches(many, /class="x"[^>]*>([^<]+)</g).length, 7)
  })
})

describe('a chart of steps', () => {
  it('is broken where nothing is known', () => {
    const { text } = stepChart(chartOf([300, 310, null, 305]))
    assert.equal(matches(text, / d="([^"]+)"/g)[0]?.match(/M/g)?.length, 2)
  })

  it('spans the values, not nothing', () => {
    const { text } = stepChart(chartOf([300, 340]))
    assert.deepEqual(matches(text, /class="y"[^>]*>([^<]+)</g), ['300', '310', '320', '330', '340'])
  })
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { bytesOf, everythingIn } from './everything-in.ts'
import type { ExpositionFormat } from './format.ts'
import { parseExposition } from './parse.ts'

const pieces = [
  'm',
  'm_total',
  'x',
  'yy',
  'long_label_name_number_1',
  '{',
  '}',
  '=',
  '"',
  '","',
  '="1"',
  ',',
  ' ',
  '\t',
  '\\',
  '\\"',
]
pieces.push(
  '\\\\',
  '# HELP ',
  '# TYPE ',
  'counter',
  '# EOF',
  ' # {',
  '1',
  '-2.5e3',
  '+Inf',
  'é',
  '\xff',
  '\x00',
  '\r',
  '"x y"',
)
const wholeLines = [
  'm{x="1",yy="2"} 1',
  'm{yy="1",x="2"} 1',
  'm{x="1",x="2"} 1',
  'm{"x"="1",x="2"} 1',
  'm{x y="1"} 1',
  'x y 1',
  '{"x y"} 1',
]
const line = fc.oneof(
  fc.constantFrom(...wholeLines),
  fc.array(fc.constantFrom(...pieces), { maxLength: 10 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => `m{x="1",${parts.join('')}="2"} 1`),
)

describe('parsing an exposition', () => {
  it('reads a line the same way whatever lines stand before it', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const alone = lines.map((text) => everythingIn(`${text}\n`, 'prometheus-text'))
        const together = everythingIn(lines.map((text) => `${text}\n`).join(''), 'prometheus-text')
        assert.deepEqual(
          together.entries,
          alone.flatMap(({ entries }) => entries),
        )
        assert.deepEqual(
          together.outcome.badLines.first.map(({ reason }) => reason),
          alone.flatMap(({ outcome }) => outcome.badLines.first.map(({ reason }) => reason)),
        )
      }),
      { numRuns: 3000 },
    )
  })

  it('takes any bytes for at most as many samples and bad lines as there are lines', () => {
    const formats = fc.constantFrom<ExpositionFormat>('prometheus-text', 'openmetrics')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(line), formats, (noise, lines, format) => {
        const body = Buffer.concat([bytesOf(lines.join('\n')), noise])
        const { outcome } = everythingIn(body, format)
        assert.ok(outcome.samples + outcome.badLines.count <= body.filter((byte) => byte === 10).length + 1)
      }),
      { numRuns: 1000 },
    )
  })

  it('reads no byte outside the part of a buffer that it was given', () => {
    const buffer = bytesOf('{"before"} a{b="c"} 12345 6\n')
    const start = '{"before"} '.length
    const { entries, outcome } = everythingIn(
      buffer.subarray(start, start + 'a{b="c"} 123'.length),
      'prometheus-text',
    )
    assert.deepEqual(entries, [{ name: 'a', labels: { b: 'c' }, value: 123 }])
    assert.equal(outcome.ending, 'no-final-newline')
  })

  it('tells the visitor nothing that it does not ask for', () => {
    const visitor = { sample: () => assert.fail('there is none') }
    const body = bytesOf('# TYPE a_b counter\n# UNIT a_b b\n# HELP a_b c\n# EOF\n')
    assert.equal(parseExposition(body, 'openmetrics', visitor).ending, 'complete')
  })

  it('reads every line of what Kepler printed, in all its versions', () => {
    const samplesIn = (file: string, format: ExpositionFormat) => {
      const { entries, outcome } = everythingIn(readFileSync(`test/fixtures/kepler/${file}`), format)
      assert.deepEqual([outcome.badLines.count, outcome.ending], [0, 'complete'], file)
      return entries.filter((entry) => 'name' in entry).length
    }
    assert.equal(samplesIn('v0.9.0/50a-legacy-v0.9.0-idle0.prom', 'prometheus-text'), 128)
    assert.equal(samplesIn('v0.11.4/40-kube.prom', 'prometheus-text'), 280)
    assert.equal(samplesIn('main-13944a69/01-baseline.prom', 'prometheus-text'), 287)
    assert.equal(samplesIn('main-13944a69/10-openmetrics.om.txt', 'openmetrics'), 261)
  })
})

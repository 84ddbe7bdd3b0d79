import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { SourceError } from '../../intensity/source.ts'
import { instant } from '../../units.ts'
import { parseGenerationDocument } from './generation-document.ts'
import { technologyOfProductionType } from './production-types.ts'

const context = {
  eic: '10YFI-1--------U',
  reader: createAnswerReader('ENTSO-E', () => instant(0)),
  knownTypes: technologyOfProductionType,
}
const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/entsoe/${name}`, import.meta.url), 'utf8')
const document = fixture('a75-curve-a03.xml')

function stepsOf(xml: string) {
  const parsed = parseGenerationDocument(xml, context)
  assert.ok(parsed.kind === 'generation', parsed.kind)
  return parsed.steps.map(({ type, valid, megawatts }) => [
    type,
    new Date(valid.from).toISOString().slice(11, 16),
    (valid.to - valid.from) / 60_000,
    megawatts,
  ])
}

describe('a document of generation per type', () => {
  it('tells megawatts per type and step, with the points that were left out, and without consumption', () => {
    assert.deepEqual(stepsOf(document), [
      ['B14', '13:00', 15, 2800],
      ['B14', '13:15', 15, 2800],
      ['B14', '13:30', 15, 2800],
      ['B14', '13:45', 15, 2800],
      ['B14', '14:00', 15, 2800],
      ['B14', '14:15', 15, 2790.5],
      ['B14', '14:30', 15, 2790.5],
      ['B14', '14:45', 15, 2790.5],
      ['B19', '13:00', 60, 900],
      ['B19', '14:00', 60, 1000],
      ['B19', '14:00', 60, 1010],
    ])
  })

  it('is not read when it is not whole', () => {
    for (const length of [0, 10, 500, document.length - 30]) {
      assert.deepEqual(parseGenerationDocument(document.slice(0, length), context), { kind: 'no-document' })
    }
  })

  it('is not taken from another document, from HTML or from JSON', () => {
    for (const text of ['<html><body>Maintenance</body></html>', '{}', '<Publication_MarketDocument/>']) {
      assert.deepEqual(parseGenerationDocument(text, context), { kind: 'no-document' })
    }
  })

  it('may have no series', () => {
    const empty = '<GL_MarketDocument><type>A75</type></GL_MarketDocument>'
    assert.deepEqual(stepsOf(empty), [])
  })

  it('may say that there is none', () => {
    assert.deepEqual(parseGenerationDocument(fixture('no-matching-data.xml'), context), { kind: 'no-data' })
  })

  it('may say that the key is wrong, or anything else, under the same code', () => {
    assert.deepEqual(parseGenerationDocument(fixture('unauthorized.xml'), context), {
      kind: 'rejected',
      isKeyRefused: true,
    })
    const tooMuch = fixture('no-matching-data.xml').replace('No matching data found', 'Exceeds the limit')
    assert.deepEqual(parseGenerationDocument(tooMuch, context), { kind: 'rejected', isKeyRefused: false })
  })

  it('resolves no entities', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>${fixture('no-matching-data.xml').replace(/^<\?.*\?>/, '')}`
    assert.equal(parseGenerationDocument(bomb, context).kind, 'no-data')
  })

  it('is refused by the name of the field that is not as documented', () => {
    for (const [from, to, field] of [
      ['>A75<', '>A65<', 'type'],
      ['10YFI-1--------U</inB', '10YNO-1--------2</inB', 'inBiddingZone_Domain'],
      ['>MAW<', '>MWH<', 'quantity_Measure_Unit'],
      ['>B14<', '>B99<', 'psrType'],
      ['>A03<', '>A05<', 'curveType'],
      ['<curveType>A03</curveType>', '', 'curveType'],
      ['>PT15M<', '>P1D<', 'resolution'],
      [
        '<start>2026-10-04T13:00Z</start>\n\t\t\t\t<end>2026-10-04T15',
        '<start>2026-10-04T13:05Z</start><end>2026-10-04T15',
        'timeInterval.start',
      ],
      [
        '<end>2026-10-04T15:00Z</end>\n\t\t\t</timeInterval>',
        '<end>soon</end></timeInterval>',
        'timeInterval.end',
      ],
      [
        '<end>2026-10-04T15:00Z</end>\n\t\t\t</timeInterval>',
        '<end>2036-10-04T15:00Z</end></timeInterval>',
        'timeInterval.end',
      ],
      ['>6<', '>9<', 'position'],
      ['>6<', '>0<', 'position'],
      ['>6<', '>1.5<', 'position'],
      ['<quantity>2800</quantity>', '', 'quantity'],
      ['>2800<', '>n/a<', 'quantity'],
      ['>2800<', '><', 'quantity'],
      ['<MktPSRType>', '<Other>', 'whole'],
    ] as const) {
      const changed = document.replace(from, to)
      assert.notEqual(changed, document, from)
      if (field === 'whole') {
        assert.deepEqual(parseGenerationDocument(changed, context), { kind: 'no-document' })
        continue
      }
      assert.throws(
        () => parseGenerationDocument(changed, context),
        (error) => {
          assert.ok(error instanceof SourceError, String(error))
          assert.equal(error.failure.kind, 'unexpected-answer')
          assert.ok(error.message.includes(field), `${field}: ${error.message}`)
          return true
        },
      )
    }
  })
})

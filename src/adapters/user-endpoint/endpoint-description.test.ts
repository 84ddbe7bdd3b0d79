import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createZoneDirectory } from '../../intensity/zone.ts'
import { parseEndpointDescription } from './endpoint-description.ts'

const directory = createZoneDirectory([
  { code: 'DE', name: 'Germany' },
  { code: 'GB', name: 'United Kingdom' },
  { code: 'DK-DK1', name: 'West' },
])
const given = {
  url: 'https://grid.example/intensity?area={zone}&from={from}&to={to}',
  items: '/data',
  from: '/start',
  to: '/end',
  value: '/grams',
  unit: 'gCO2e/kWh',
  zones: ['DE'],
}
const read = (changed: object) =>
  parseEndpointDescription(JSON.stringify({ ...given, ...changed }), directory)
const described = (changed: object) => {
  const reading = read(changed)
  assert.ok(reading.kind === 'ok', JSON.stringify(reading))
  return reading.description
}
const problems = (changed: object) => {
  const reading = read(changed)
  assert.ok(reading.kind === 'problems')
  return reading.problems
}

describe('the description of an endpoint', () => {
  it('says how to ask and how to read', () => {
    assert.deepEqual(
      described({
        headersFile: '/run/secrets/grid',
        items: '',
        unit: 'lbCO2/MWh',
        zones: { de: 'germany', 'DK-DK1': 'jutland' },
        basis: 'direct',
        signal: 'marginal',
        everySeconds: 300,
      }),
      {
        url: given.url,
        headersFile: '/run/secrets/grid',
        items: [],
        from: ['start'],
        to: ['end'],
        value: ['grams'],
        gramsPerUnit: 0.453_592_37,
        zones: new Map([
          ['DE', 'germany'],
          ['DK-DK1', 'jutland'],
        ]),
        basis: 'direct',
        signal: 'marginal',
        everySeconds: 300,
      },
    )
  })

  it('may leave out the headers, the basis, the signal and the pace', () => {
    const { headersFile, basis, signal, everySeconds, zones } = described({ zones: ['de', 'uk'] })
    assert.deepEqual([headersFile, basis, signal, everySeconds], [undefined, 'unstated', 'average', 900])
    assert.deepEqual(
      [...zones],
      [
        ['DE', 'de'],
        ['GB', 'uk'],
      ],
    )
  })

  it('takes three units', () => {
    for (const [unit, grams] of [
      ['gCO2e/kWh', 1],
      ['kgCO2e/MWh', 1],
      ['lbCO2/MWh', 0.453_592_37],
    ] as const) {
      assert.equal(described({ unit }).gramsPerUnit, grams)
    }
  })

  it('is refused with a problem for each property that does not hold', () => {
    const pointer = 'accepted is a JSON pointer such as /data or "" for the whole'
    const address = 'accepted is an http or https address, in which {zone}, {from} and {to} may stand'
    const zones =
      'accepted is a list of zones such as ["DE", "DK-DK1"], or an object of what the endpoint calls each'
    for (const [changed, problem] of [
      [{ url: undefined }, `url is missing; ${address}`],
      [{ url: 7 }, `url is no text; ${address}`],
      [{ url: 'grid.example/{zone}' }, `url is no address; ${address}`],
      [{ url: 'file:///etc/passwd' }, `url is no address; ${address}`],
      [{ url: 'https://grid.example/{key}' }, `url has a placeholder that is not known; ${address}`],
      [{ url: 'https://{zone}.example/' }, `url has a placeholder in its host; ${address}`],
      [{ headersFile: 7 }, 'headersFile is 7; accepted is the path of a file'],
      [{ items: undefined }, `items is missing; ${pointer}`],
      [{ from: 'start' }, `from is "start"; ${pointer}`],
      [{ to: 7 }, `to is 7; ${pointer}`],
      [{ value: '/a~' }, `value is "/a~"; ${pointer}`],
      [{ unit: 'g' }, 'unit is "g"; accepted is one of gCO2e/kWh, kgCO2e/MWh, lbCO2/MWh'],
      [{ zones: undefined }, `zones is missing; ${zones}`],
      [{ zones: [] }, `zones is []; ${zones}`],
      [{ zones: {} }, `zones is {}; ${zones}`],
      [{ zones: ['XX'] }, 'zones names the unknown zone "XX"; accepted is a zone such as DE or DK-DK1'],
      [{ zones: ['GB', 'UK'] }, 'zones names GB twice; accepted is each zone once'],
      [{ zones: { DE: 7 } }, 'zones calls DE 7; accepted is a text'],
      [{ basis: 'all' }, 'basis is "all"; accepted is one of lifecycle, direct, unstated'],
      [{ signal: 7 }, 'signal is 7; accepted is one of average, marginal'],
      [{ everySeconds: 9 }, 'everySeconds is 9; accepted is a whole number from 10 to 86400'],
      [{ everySeconds: '900' }, 'everySeconds is "900"; accepted is a whole number from 10 to 86400'],
    ] as const) {
      assert.deepEqual(problems(changed), [problem])
    }
    assert.match(
      problems({ every: 7 })[0] ?? '',
      /unknown property "every"; accepted is url, headersFile, items/,
    )
  })

  it('is refused with all of its problems at once', () => {
    assert.equal(
      problems({ url: 1, items: 1, from: 1, to: 1, value: 1, unit: 1, zones: ['X', 'Y'] }).length,
      8,
    )
  })

  it('is a JSON object', () => {
    for (const text of ['', '[]', '7', 'null', '{']) {
      assert.deepEqual(parseEndpointDescription(text, directory), {
        kind: 'problems',
        problems: ['it is no JSON object; accepted is one with url, items and more'],
      })
    }
  })

  it('never shows its address, which may hold a key', () => {
    for (const url of [
      'planted.example',
      'https://planted.example/{key}',
      'ftp://a:planted@b/',
      'https://{zone}/planted',
    ]) {
      assert.doesNotMatch(problems({ url }).join(), /planted/)
    }
  })
})

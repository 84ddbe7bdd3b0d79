import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readZoneDirectory } from '../adapters/zones/zones.ts'
import { configuredZones, exportedZones } from './configured-zones.ts'
import { StartError } from './start-inputs.ts'

const directory = readZoneDirectory()

describe('the zones of a setting', () => {
  it('are the canonical ones, each once', () => {
    assert.deepEqual(configuredZones('COUNTRIES', ['de', 'UK', 'DE', 'dk-dk1'], directory), [
      'DE',
      'GB',
      'DK-DK1',
    ])
  })

  it('stop the start when one of them is unknown', () => {
    assert.throws(
      () => configuredZones('METRICS_ZONES', ['DE', 'QQ', 'ZZ9'], directory),
      new StartError([
        'METRICS_ZONES holds "QQ", which is no known country or zone',
        'METRICS_ZONES holds "ZZ9", which is no known country or zone',
      ]),
    )
  })
})

describe('the zones whose emissions are metrics', () => {
  const exported = (zones: readonly string[] | undefined, countries: readonly string[]) =>
    exportedZones({ zones }, { countries, directory, fallback: 'DE' })

  it('are those that METRICS_ZONES names, and their intensity is kept current', () => {
    assert.deepEqual(exported(['pl', 'FR'], ['DE']), {
      zones: ['PL', 'FR'],
      chosenBy: 'METRICS_ZONES',
      inDemand: ['PL', 'FR'],
      notices: [],
    })
  })

  it('are none where METRICS_ZONES says so', () => {
    const { zones, chosenBy } = exported([], ['DE'])
    assert.deepEqual([zones, chosenBy], [[], 'METRICS_ZONES'])
  })

  it('are else those of COUNTRIES', () => {
    assert.deepEqual(exported(undefined, ['DE', 'FR']), {
      zones: ['DE', 'FR'],
      chosenBy: 'COUNTRIES',
      inDemand: [],
      notices: [],
    })
  })

  it('are the first twenty where COUNTRIES names more, and a notice says so', () => {
    const countries = directory
      .all()
      .slice(0, 25)
      .map(({ code }) => code)
    const { zones, notices } = exported(undefined, countries)
    assert.deepEqual(zones, countries.slice(0, 20))
    assert.deepEqual(notices, [
      '/metrics has the emissions in the first 20 of the 25 zones that COUNTRIES names; METRICS_ZONES can name others',
    ])
  })

  it('are a default where nothing is named, labelled as that', () => {
    assert.deepEqual(exported(undefined, []), {
      zones: ['DE'],
      chosenBy: 'default',
      inDemand: [],
      notices: [],
    })
  })
})

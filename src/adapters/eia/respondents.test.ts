import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readZoneDirectory } from '../zones/zones.ts'
import { parseRespondents, readRespondents } from './respondents.ts'

describe('the respondents of EIA', () => {
  const respondents = readRespondents()

  it('are 57, each of them a zone in the directory', () => {
    const directory = readZoneDirectory()
    assert.equal(respondents.size, 57)
    assert.equal(new Set(respondents.values()).size, 57)
    for (const zone of respondents.keys()) {
      const found = directory.find(zone)
      assert.equal(found.kind === 'known' && found.zone, zone)
    }
  })

  it('are named as in the code of the zone, but for the country', () => {
    assert.equal(respondents.get('US'), 'US48')
    assert.equal(respondents.get('US-CAL-CISO'), 'CISO')
    assert.equal(respondents.get('US-TEX-ERCO'), 'ERCO')
    for (const [zone, respondent] of respondents) {
      if (zone !== 'US') assert.ok(zone.endsWith(`-${respondent}`), zone)
    }
  })

  it('are refused when they cannot be read', () => {
    for (const row of [',CISO', 'US-CAL-CISO,']) {
      assert.throws(() => parseRespondents(`zone,respondent\n${row}\n`), /respondents: unreadable row/)
    }
    assert.throws(() => parseRespondents('zone\n'), /respondents: the header is not zone,respondent/)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createZoneDirectory } from '../../intensity/zone.ts'
import { instant } from '../../units.ts'
import { createStaticOverride, parseStaticOverride } from './static-override.ts'

const zones = createZoneDirectory([
  { code: 'DE', name: 'Germany' },
  { code: 'FR', name: 'France' },
  { code: 'GB', name: 'United Kingdom' },
])
const context = { zones, learnedAt: instant(5) }

const figures = (text: string) => {
  const parsed = parseStaticOverride(text, context)
  assert.ok(parsed.kind === 'ok')
  return parsed.facts.map(({ zone, intensity }) => [zone, intensity])
}

const problems = (text: string) => {
  const parsed = parseStaticOverride(text, context)
  assert.ok(parsed.kind === 'problems')
  return parsed.problems
}

describe('CO2_INTENSITIES', () => {
  it('sets the intensity of zones for all time, before every other source', () => {
    assert.deepEqual(parseStaticOverride('DE=148', context), {
      kind: 'ok',
      facts: [
        {
          zone: 'DE',
          valid: { from: -Infinity, to: Infinity },
          intensity: 148,
          source: 'CO2_INTENSITIES',
          method: { kind: 'configured' },
          signal: 'average',
          basis: 'unstated',
          rank: 0,
          learnedAt: 5,
        },
      ],
    })
  })

  it('takes several zones, in any case, by alias, with blanks and a last comma', () => {
    assert.deepEqual(figures(' de = 148 ,FR=20.5,uk=0,'), [
      ['DE', 148],
      ['FR', 20.5],
      ['GB', 0],
    ])
  })

  it('may be empty', () => {
    assert.deepEqual(figures(''), [])
    assert.deepEqual(figures(' , '), [])
  })

  it('refuses an unknown zone', () => {
    assert.deepEqual(problems('XX=1'), [
      "CO2_INTENSITIES: entry 'XX=1' names the unknown zone 'XX'; accepted is an ISO 3166-1 alpha-2 country code such as DE",
    ])
  })

  it('refuses what is no plausible intensity', () => {
    const accepted = 'accepted is a number of g/kWh from 0 to 2000 with a decimal point, such as 148 or 41.2'
    assert.deepEqual(problems('DE=abc,FR=-1,GB='), [
      `CO2_INTENSITIES: entry 'DE=abc' holds 'abc', which is not a number; ${accepted}`,
      `CO2_INTENSITIES: entry 'FR=-1' holds '-1', which is negative; ${accepted}`,
      `CO2_INTENSITIES: entry 'GB=' holds '', which is not a number; ${accepted}`,
    ])
  })

  it('refuses a zone that is set twice, also by its alias', () => {
    assert.deepEqual(problems('GB=1,FR=2,UK=1'), [
      "CO2_INTENSITIES: entry 'UK=1' sets GB again after 'GB=1'; accepted is one entry per zone",
    ])
  })

  it('refuses what is not of the form ZONE=NUMBER, such as the rest of a decimal comma', () => {
    const form = 'is not of the form ZONE=NUMBER; accepted are entries such as DE=148,FR=20.5'
    assert.deepEqual(problems('DE=148,5'), [`CO2_INTENSITIES: entry '5' ${form}`])
    assert.deepEqual(problems('DE=148=149'), [`CO2_INTENSITIES: entry 'DE=148=149' ${form}`])
  })

  it('tells every problem, also two of one entry', () => {
    assert.equal(problems('XX=abc,DE=1,DE=-1').length, 4)
  })

  it('is a source like any other', () => {
    const parsed = parseStaticOverride('DE=148', context)
    assert.ok(parsed.kind === 'ok')
    const source = createStaticOverride(parsed.facts)
    assert.equal(source.id, 'CO2_INTENSITIES')
    assert.deepEqual(source.zones(), ['DE'])
  })
})

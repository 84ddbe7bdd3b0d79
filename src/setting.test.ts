import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSettingReader, integerSetting } from './setting.ts'
import { settings } from './settings.ts'

describe('a setting', () => {
  it('that is secret is not printed when its value is not accepted', () => {
    const { read, problems } = createSettingReader({ TOKEN: 'hunter2' })
    const pin = integerSetting({ name: 'TOKEN', type: 'pin', meaning: '', fallback: 1, least: 0, most: 9 })
    assert.equal(read({ ...pin, secret: true }), 1)
    assert.deepEqual(problems, [
      'TOKEN holds a value that is not printed; it must be a whole number from 0 to 9',
    ])
  })
})

describe('the settings', () => {
  const all = Object.values(settings)

  it('have names of their own, as environment variables are written', () => {
    const names = all.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const name of names) assert.match(name, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/)
  })

  it('are those that callers of the predecessor know, and more', () => {
    const names = new Set(all.map(({ name }) => name))
    for (const name of [
      'MODE',
      'SAMPLE_INTERVAL',
      'DB_FLUSH_INTERVAL',
      'EXPORTER_URL',
      'TSDB_DSN',
      'CHROME_BIN',
      'CHROMEDRIVER_BIN',
      'PORT',
      'HOST',
    ]) {
      assert.ok(names.has(name), name)
    }
  })

  it('say what they mean, as sentences', () => {
    for (const { name, meaning, type, shownDefault } of all) {
      assert.match(meaning, /^[A-Z].*\.$/, name)
      assert.ok(type.length > 0 && shownDefault.length > 0, name)
    }
  })

  it('show a default that they accept themselves, where it is a value', () => {
    for (const { name, parse, fallback, shownDefault } of all) {
      // A default that follows from other settings is a sentence with their names.
      if (fallback !== undefined && !shownDefault.includes('`'))
        assert.deepEqual(parse(shownDefault), fallback, name)
    }
  })

  it('keep the database’s DSN, keys and passwords secret', () => {
    assert.deepEqual(
      all.filter(({ secret }) => secret).map(({ name }) => name),
      ['TSDB_DSN', 'ELECTRICITYMAPS_TOKEN', 'ENTSOE_TOKEN', 'EIA_API_KEY', 'WATTTIME_PASSWORD'],
    )
  })
})

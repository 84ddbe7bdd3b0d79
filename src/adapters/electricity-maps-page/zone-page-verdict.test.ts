import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ShownPage } from './zone-page.ts'
import { verdictOn } from './zone-page-verdict.ts'

const base = new URL('https://app.example.org/')

type Shown = Partial<ShownPage['text']> & { readonly address?: string; readonly status?: number }

/** A German page with 342 g/kWh on it, but for what is given. */
function verdict({ address = 'https://app.example.org/zone/DE/72h/hourly', status = 200, ...text }: Shown) {
  const whole = { isLoading: false, hasPanel: true, zoneName: 'Germany', value: '342', unit: 'g' } as const
  return verdictOn({ address, status, text: { ...whole, mark: null, message: null, ...text } }, 'DE', base)
}

function failureOf(shown: Shown): string {
  const found = verdict(shown)
  return 'failure' in found ? `${found.kind} ${found.failure.kind}` : found.kind
}

describe('the page of a zone', () => {
  it('gives its value, with what marks it as an estimate', () => {
    assert.deepEqual(verdict({}), { kind: 'value', intensity: 342, mark: null })
    assert.deepEqual(verdict({ mark: 'Preliminary' }), {
      kind: 'value',
      intensity: 342,
      mark: 'Preliminary',
    })
  })

  it('gives no value where it shows a question mark, and never zero', () => {
    assert.deepEqual(verdict({ value: '?' }), { kind: 'question-mark' })
    assert.equal(failureOf({ value: '0' }), 'refused unexpected-answer')
  })

  it('gives no value where it apologises, unless for its server', () => {
    const apology = {
      value: null,
      unit: null,
      message: 'We do not yet have any information about this area.',
    }
    assert.deepEqual(verdict(apology), { kind: 'no-value' })
    assert.equal(failureOf({ ...apology, message: '🤖 Unknown server error 🤖' }), 'refused server-error')
  })

  it('is refused when its value is no plausible number of grams', () => {
    for (const value of ['-3', '34.2', '1,024', '2001', '342 g', 'n/a']) {
      assert.equal(failureOf({ value }), 'refused unexpected-answer', value)
    }
    for (const unit of [null, '€', 'kg']) assert.equal(failureOf({ unit }), 'refused unexpected-answer')
  })

  it('is refused when it names another zone, by its code or as another country', () => {
    assert.equal(failureOf({ zoneName: 'FR' }), 'refused unexpected-answer')
    assert.equal(failureOf({ zoneName: 'France' }), 'refused unexpected-answer')
    for (const zoneName of ['DE', 'Germany', 'Deutschland', 'Western Germany']) {
      assert.equal(failureOf({ zoneName }), 'value', zoneName)
    }
  })

  it('is refused when its address is of another zone, of the map or of another site', () => {
    const refused = [
      'https://app.example.org/zone/FR/72h/hourly',
      'https://app.example.org/zone/DE-BY',
      'https://app.example.org/map/72h/hourly',
      'https://app.example.org/zone/DE#/map/72h/hourly',
      'https://app.example.org/',
      'https://login.example.org/zone/DE',
    ]
    for (const address of refused) {
      assert.equal(failureOf({ address }), 'refused unexpected-answer', address)
    }
  })

  it('is known by its address in any case, with or without the range that it shows', () => {
    for (const path of ['zone/DE', 'zone/de', 'zone/DE/', 'zone/DE/24h', 'zone/DE/24h/fiveMinutes']) {
      assert.equal(failureOf({ address: `https://app.example.org/${path}` }), 'value', path)
    }
  })

  it('is refused when it shows days or months instead of hours', () => {
    for (const resolution of ['daily', 'monthly']) {
      const address = `https://app.example.org/zone/DE/30d/${resolution}`
      assert.equal(failureOf({ address }), 'refused unexpected-answer')
    }
  })

  it('fails as the server says', () => {
    assert.equal(failureOf({ status: 429 }), 'refused rate-limited')
    assert.equal(failureOf({ status: 403 }), 'refused refused')
    assert.equal(failureOf({ status: 503 }), 'refused server-error')
    assert.equal(failureOf({ status: 404 }), 'refused unexpected-answer')
    assert.equal(failureOf({ address: 'chrome-error://chromewebdata/' }), 'refused unreachable')
  })

  it('is waited for while nothing is there; then it is late if it still loads, changed if it does not', () => {
    assert.equal(failureOf({ address: 'about:blank' }), 'unfinished timed-out')
    for (const missing of [{ hasPanel: false }, { zoneName: null }, { value: null }]) {
      assert.equal(failureOf({ ...missing, isLoading: true }), 'unfinished timed-out')
      assert.equal(failureOf(missing), 'unfinished unexpected-answer')
    }
  })

  it('is worth a value only if that stands there as it is given', () => {
    const anyText = fc.option(fc.string(), { nil: null })
    fc.assert(
      fc.property(anyText, anyText, anyText, (value, zoneName, message) => {
        const found = verdict({ value, zoneName, message })
        assert.ok(found.kind !== 'value' || String(found.intensity) === value?.replace(/^0+/, ''))
      }),
    )
  })
})

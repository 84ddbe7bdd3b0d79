import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { preferredFormat } from './negotiate.ts'

describe('the format that a reader prefers', () => {
  it('is OpenMetrics where it is asked for, as Prometheus 2 and 3 do', () => {
    const prometheus2 =
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
    const prometheus3 =
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1'
    for (const accept of [prometheus2, prometheus3, 'Application/OpenMetrics-Text; Q=0.1']) {
      assert.equal(preferredFormat(accept), 'openmetrics', accept)
    }
  })

  it('is the Prometheus text format where nothing is said, or nothing that we know', () => {
    for (const accept of [undefined, '', '*/*', 'text/html,application/xhtml+xml', 'text/plain']) {
      assert.equal(preferredFormat(accept), 'prometheus-text', String(accept))
    }
  })

  it('is the one with the greater weight', () => {
    const between = (openMetrics: string, text: string) =>
      preferredFormat(`application/openmetrics-text;q=${openMetrics}, text/plain;q=${text}`)
    assert.equal(between('0.4', '0.5'), 'prometheus-text')
    assert.equal(between('0.5', '0.5'), 'openmetrics')
    assert.equal(between('0', '0'), 'prometheus-text')
    assert.equal(between('9', '0.1'), 'prometheus-text')
  })
})

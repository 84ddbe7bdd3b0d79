import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expositionFormatOf } from './format.ts'

const known = (format: 'prometheus-text' | 'openmetrics') => ({ kind: 'known', format })
const unknown = (given: string | undefined) => ({ kind: 'unknown', given })

describe('a content type', () => {
  it('announces the text format as plain text of version 0.0.4, 1.0.0 or none', () => {
    for (const contentType of [
      'text/plain',
      'text/plain; version=0.0.4',
      'text/plain; version=0.0.4; charset=utf-8; escaping=values',
      'text/plain;version=1.0.0;escaping=allow-utf-8',
      'text/plain; charset=utf-8; version="0.0.4"',
      'TEXT/PLAIN; VERSION=0.0.4',
    ]) {
      assert.deepEqual(expositionFormatOf(contentType), known('prometheus-text'), contentType)
    }
  })

  it('announces OpenMetrics in any version', () => {
    for (const contentType of [
      'application/openmetrics-text',
      'application/openmetrics-text; version=0.0.1',
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    ]) {
      assert.deepEqual(expositionFormatOf(contentType), known('openmetrics'), contentType)
    }
  })

  it('is unknown when it is another format, another version of plain text, or absent', () => {
    for (const contentType of [
      'text/html; charset=utf-8',
      'application/json',
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
      'text/plain; version=0.0.2',
      'text/plain2',
      '',
      undefined,
    ]) {
      assert.deepEqual(expositionFormatOf(contentType), unknown(contentType), String(contentType))
    }
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseExporterAddress } from './exporter-address.ts'

describe('the address of exporters', () => {
  it('is the URL of one', () => {
    assert.deepEqual(parseExporterAddress('http://kepler:9102/metrics'), {
      kind: 'exporter',
      text: 'http://kepler:9102/metrics',
      url: new URL('http://kepler:9102/metrics'),
    })
  })

  it('is a name with an exporter at every address', () => {
    assert.deepEqual(parseExporterAddress('dns+https://kepler.kepler.svc:8443/metrics'), {
      kind: 'addresses',
      text: 'dns+https://kepler.kepler.svc:8443/metrics',
      url: new URL('https://kepler.kepler.svc:8443/metrics'),
    })
  })

  it('is a name with an exporter at every service record', () => {
    assert.deepEqual(parseExporterAddress('dnssrv+http://_metrics._tcp.kepler.kepler.svc/metrics'), {
      kind: 'service-records',
      text: 'dnssrv+http://_metrics._tcp.kepler.kepler.svc/metrics',
      url: new URL('http://_metrics._tcp.kepler.kepler.svc/metrics'),
    })
  })

  it('is a service of the cluster with an exporter in every pod', () => {
    const service = { kind: 'kubernetes-service', namespace: 'kepler', service: 'kepler-exporter' } as const
    assert.deepEqual(parseExporterAddress('kubernetes://kepler/kepler-exporter:metrics/metrics'), {
      ...service,
      text: 'kubernetes://kepler/kepler-exporter:metrics/metrics',
      scheme: 'http',
      port: 'metrics',
      path: '/metrics',
    })
    assert.deepEqual(parseExporterAddress('kubernetes+https://kepler/kepler-exporter:8443/m?a=1'), {
      ...service,
      text: 'kubernetes+https://kepler/kepler-exporter:8443/m',
      scheme: 'https',
      port: 8443,
      path: '/m?a=1',
    })
    assert.deepEqual(parseExporterAddress('kubernetes://kepler/kepler-exporter'), {
      ...service,
      text: 'kubernetes://kepler/kepler-exporter/metrics',
      scheme: 'http',
      port: undefined,
      path: '/metrics',
    })
  })

  it('is shown without a query, which may hold a secret', () => {
    for (const text of ['http://kepler/metrics', 'dns+http://kepler/metrics', 'kubernetes://a/b/metrics'])
      assert.equal(parseExporterAddress(`${text}?token=secret`)?.text, text)
  })

  it('is nothing else', () => {
    for (const text of [
      '',
      'kepler:9102',
      'ftp://kepler/metrics',
      'http://user:password@kepler/metrics',
      'dns+kepler:9102',
      'dns+ftp://kepler/metrics',
      'dnssrv+http://kepler/metrics',
      'dnssrv+http://_metrics._tcp.kepler:9102/metrics',
      'dns+dns+http://kepler/metrics',
      'kubernetes://kepler',
      'kubernetes://kepler/',
      'kubernetes://kepler/kepler:/metrics',
      'kubernetes://kepler/kepler:0/metrics',
      'kubernetes://kepler/kepler:65536/metrics',
      'kubernetes://Kepler/kepler:metrics/metrics',
      'kubernetes+ftp://kepler/kepler:metrics/metrics',
    ]) {
      assert.equal(parseExporterAddress(text), undefined, text)
    }
  })

  it('never throws', () => {
    const ways = fc.constantFrom(
      '',
      'http://',
      'dns+http://',
      'dnssrv+http://',
      'kubernetes://',
      'kubernetes+https://',
    )
    fc.assert(fc.property(ways, fc.string(), (way, rest) => void parseExporterAddress(`${way}${rest}`)))
  })
})

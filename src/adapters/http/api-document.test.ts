import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { serveApi } from '../../../test/served-api.ts'

/** Every operation of the API with the statuses that it documents. */
const operations = {
  'post /api/co2-per-container': ['200', '400', '404', '413', '415', '503'],
  'get /api/containers': ['200', '400', '503'],
  'get /api/co2-intensities': ['200', '400'],
  'get /healthz': ['200'],
  'get /readyz': ['200', '400', '503'],
  'get /metrics': ['200'],
  'get /api/v1/emissions': ['200', '400', '403', '406', '503'],
  'get /api/v1/compare': ['200', '400', '403', '503'],
  'get /api/v1/shift': ['200', '400', '403', '503'],
  'get /api/v1/zones': ['200'],
  'get /api/v1/intensity': ['200', '400'],
  'get /api/v1/intensity/latest': ['200', '400'],
  'get /api/v1/intensity/forecast': ['200', '400'],
  'get /api/v1/intensity/sources': ['200'],
  'get /api/v1/caller': ['200', '401'],
  'get /api/v1/targets': ['200'],
  'get /api/v1/stream': ['200', '400', '503'],
  'get /api/v1/audit': ['200', '400', '503'],
}

describe('the API document', async () => {
  const server = await serveApi()
  after(() => server.close())
  const document = (await server.inject('/openapi.json')).json()

  it('is valid OpenAPI 3.1', async () => {
    assert.equal(document.openapi, '3.1.0')
    const verdict = await new Validator().validate(document)
    assert.deepEqual([verdict.valid, verdict.errors], [true, undefined])
  })

  it('names the version of the program', () => {
    assert.equal(document.info.version, '1.2.3')
  })

  it('holds every operation with its answers, and none besides', () => {
    const found = Object.entries<Record<string, { responses: object }>>(document.paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods).map(([method, { responses }]) => [
          `${method} ${path}`,
          Object.keys(responses),
        ]),
    )
    assert.deepEqual(Object.fromEntries(found), operations)
  })

  it('holds the schemas under their names, and refers to them', () => {
    assert.deepEqual(Object.keys(document.components.schemas), [
      'ContainerEmissionsQuery',
      'ContainerEmissions',
      'Workload',
      'Readiness',
      'Problem',
      'Caller',
      'EmissionsReport',
      'ZoneComparison',
      'WorkShift',
      'IntensityPiece',
      'IntensityTimeline',
      'Zone',
      'IntensitySourceState',
      'Target',
      'Targets',
      'StreamHello',
      'StreamScrape',
      'StreamFailure',
      'AuditedNode',
      'AuditGap',
      'AuditFinding',
      'Audit',
    ])
    const { requestBody, responses } = document.paths['/api/co2-per-container'].post
    const reference = (name: string) => ({
      'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
    })
    assert.deepEqual(requestBody.content, reference('ContainerEmissionsQuery'))
    assert.deepEqual(responses['200'].content, reference('ContainerEmissions'))
    assert.deepEqual(responses['400'].content, reference('Problem'))
    assert.deepEqual(document.paths['/api/containers'].get.responses['200'].content['application/json'], {
      schema: { type: 'array', items: { $ref: '#/components/schemas/Workload' } },
    })
  })

  it('refers to no schema that is not in it', () => {
    const references = JSON.stringify(document).match(/"\$ref":"[^"]*"/g) ?? []
    assert.ok(references.length > 0)
    for (const reference of references) {
      const name = /^"\$ref":"#\/components\/schemas\/(\w+)"$/.exec(reference)?.[1] ?? reference
      assert.ok(name in document.components.schemas, reference)
    }
  })
})

describe('the documentation page', async () => {
  const server = await serveApi()
  after(() => server.close())

  it('takes all it is made of from its own server', async () => {
    const page = await server.inject('/docs')
    assert.equal(page.statusCode, 200)
    assert.doesNotMatch(page.body, /https?:/)
    const parts = Array.from(page.body.matchAll(/(?:src|href)="([^"]+)"/g), ([, address = '']) => address)
    assert.ok(parts.length >= 5, page.body)
    for (const address of parts) {
      const part = await server.inject(new URL(address, 'http://here/docs').pathname)
      assert.equal(part.statusCode, 200, address)
    }
  })

  it('asks no validator on the internet what it thinks of the document', async () => {
    const initializer = await server.inject('/docs/static/swagger-initializer.js')
    assert.equal(initializer.statusCode, 200)
    assert.match(initializer.body, /validatorUrl: null/)
    assert.match(initializer.body, /url: resolveUrl\('\.\/json'\)/)
    const addresses = initializer.body.replaceAll(/^\s*\/\/.*$/gm, '').match(/https?:\/\/[^\s'"]+/g)
    assert.equal(addresses, null)
  })

  it('is kept by the browser from asking another host', async () => {
    for (const url of ['/docs', '/docs/static/swagger-ui-bundle.js', '/docs/static/index.html']) {
      const policy = String((await server.inject(url)).headers['content-security-policy'])
      assert.match(policy, /^default-src 'none';/)
      assert.doesNotMatch(policy, /https?:|\*|\./)
    }
  })
})

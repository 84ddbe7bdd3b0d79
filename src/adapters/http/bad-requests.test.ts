import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { askEmissions, busybox, configured, serveApi } from '../../../test/served-api.ts'

const times = { start_time: '2026-02-11T10:00:00Z', end_time: '2026-02-11T11:00:00Z' }
const anObject = 'it must be a JSON object with pod, container and namespace'
const codes = 'countries must be a non-empty array of country codes such as ["DE", "FR"]'
const count = 'n must be a positive whole number, or a string of its digits'
const isoTime =
  'it must be an ISO 8601 time such as 2024-03-22T13:00Z or 2024-03-22T14:00+01:00 (UTC without an offset)'

const refused: readonly (readonly [what: string, body: unknown, sentence: string])[] = [
  ['an empty object', {}, 'pod is missing; it must be a non-empty string'],
  ['no pod', { ...busybox, pod: undefined }, 'pod is missing; it must be a non-empty string'],
  [
    'no container',
    { ...busybox, container: undefined },
    'container is missing; it must be a non-empty string',
  ],
  [
    'no namespace',
    { ...busybox, namespace: undefined },
    'namespace is missing; it must be a non-empty string',
  ],
  ['an empty pod', { ...busybox, pod: '' }, 'pod is ""; pod must be a non-empty string'],
  [
    'an empty container',
    { ...busybox, container: '' },
    'container is ""; container must be a non-empty string',
  ],
  [
    'an empty namespace',
    { ...busybox, namespace: '' },
    'namespace is ""; namespace must be a non-empty string',
  ],
  ['a number as pod', { ...busybox, pod: 7 }, 'pod is 7; pod must be a non-empty string'],
  ['null as pod', { ...busybox, pod: null }, 'pod is null; pod must be a non-empty string'],
  ['no countries in the list', { ...busybox, countries: [] }, `countries is []; ${codes}`],
  ['a string as countries', { ...busybox, countries: 'DE' }, `countries is "DE"; ${codes}`],
  ['an object as countries', { ...busybox, countries: { DE: 1 } }, `countries is {"DE":1}; ${codes}`],
  ['a number as country', { ...busybox, countries: ['DE', 1] }, `countries[1] is 1; ${codes}`],
  ['null as country', { ...busybox, countries: [null] }, `countries[0] is null; ${codes}`],
  ['an empty country', { ...busybox, countries: [''] }, `countries[0] is ""; ${codes}`],
  [
    'an unknown country',
    { ...busybox, countries: ['DE', 'XX'] },
    'countries[1] is "XX", which is no known country; it must be an ISO 3166-1 alpha-2 code such as DE. GET /api/co2-intensities lists the countries with a carbon intensity',
  ],
  [
    'a country without figures',
    { ...busybox, countries: ['JP'] },
    'countries[0] is "JP" (Japan), for which no carbon intensity is known. GET /api/co2-intensities lists the countries with one; CO2_INTENSITIES or INTENSITY_FILE can add it',
  ],
  [
    'a start without an end',
    { ...busybox, start_time: times.start_time },
    'start_time is given without end_time; give both, or neither for the last n measurements',
  ],
  [
    'an end without a start',
    { ...busybox, end_time: times.end_time, start_time: null },
    'end_time is given without start_time; give both, or neither for the last n measurements',
  ],
  ['an unparseable start', { ...busybox, ...times, start_time: 'noon' }, `start_time is "noon"; ${isoTime}`],
  ['an empty end', { ...busybox, ...times, end_time: '' }, `end_time is ""; ${isoTime}`],
  [
    'a day that does not exist',
    { ...busybox, ...times, end_time: '2026-02-30T00:00Z' },
    `end_time is "2026-02-30T00:00Z"; ${isoTime}`,
  ],
  [
    'a number as time',
    { ...busybox, ...times, start_time: 1770804000 },
    'start_time is 1770804000; start_time must be an ISO 8601 time such as 2026-02-11T10:00:10Z',
  ],
  [
    'a start after the end',
    { ...busybox, start_time: times.end_time, end_time: times.start_time },
    'start_time "2026-02-11T11:00:00Z" is after end_time "2026-02-11T10:00:00Z"',
  ],
  ['n of 0', { ...busybox, n: 0 }, `n is 0; ${count}`],
  ['n of -1', { ...busybox, n: -1 }, `n is -1; ${count}`],
  ['n of 1.5', { ...busybox, n: 1.5 }, `n is 1.5; ${count}`],
  ['n of "x"', { ...busybox, n: 'x' }, `n is "x"; ${count}`],
  ['n of "0"', { ...busybox, n: '0' }, `n is "0"; ${count}`],
  ['n of "1.5"', { ...busybox, n: '1.5' }, `n is "1.5"; ${count}`],
  ['n of ""', { ...busybox, n: '' }, `n is ""; ${count}`],
  ['n of true', { ...busybox, n: true }, `n is true; ${count}`],
  ['n of [5]', { ...busybox, n: [5] }, `n is [5]; ${count}`],
  ['a bad n beside a good range', { ...busybox, ...times, n: 0 }, `n is 0; ${count}`],
  ['an array', ['pod'], `the body is ["pod"]; ${anObject}`],
  ['an empty array', [], `the body is []; ${anObject}`],
  ['a string', 'busybox', `the body is "busybox"; ${anObject}`],
  ['a number', 5, `the body is 5; ${anObject}`],
  ['null', null, `the body is null; ${anObject}`],
]

describe('a body that cannot be answered', async () => {
  const server = await serveApi({ facts: [configured('DE', 148)] })
  after(() => server.close())

  const post = (payload: string, contentType = 'application/json') =>
    server.inject({
      method: 'POST',
      url: '/api/co2-per-container',
      headers: { 'content-type': contentType },
      payload,
    })

  for (const [what, body, sentence] of refused) {
    it(`is 400 for ${what}`, async () => {
      const answer = await askEmissions(server, body)
      assert.deepEqual([answer.statusCode, answer.json()], [400, { error: sentence }])
    })
  }

  it('is 400 for malformed JSON', async () => {
    for (const text of ['{', '{"pod": busybox}', 'pod=busybox', '{"pod":"a"}{"pod":"b"}']) {
      const answer = await post(text)
      assert.equal(answer.statusCode, 400, text)
      assert.deepEqual(answer.json(), { error: `the body is no valid JSON; ${anObject}` })
    }
  })

  it('is 400 for an empty body', async () => {
    const answer = await post('')
    assert.deepEqual([answer.statusCode, answer.json()], [400, { error: `the body is empty; ${anObject}` }])
  })

  it('cannot give its fields by way of a prototype', async () => {
    const named = JSON.stringify(busybox)
    for (const text of [`{"__proto__":${named}}`, `{"constructor":{"prototype":${named}}}`]) {
      const answer = await post(text)
      assert.equal(answer.statusCode, 400)
      assert.deepEqual(answer.json(), { error: 'pod is missing; it must be a non-empty string' })
    }
    const withMore = await post(`{"__proto__":{"n":0},${named.slice(1)}`)
    assert.equal(withMore.statusCode, 404)
    assert.equal(Object.hasOwn(Object.prototype, 'n'), false)
  })

  it('is shown no longer than a line', async () => {
    const answer = await askEmissions(server, { ...busybox, n: 'x'.repeat(10_000) })
    assert.deepEqual(answer.json(), { error: `n is "${'x'.repeat(79)}…; ${count}` })
    for (const more of [
      { countries: ['x'.repeat(10_000)] },
      { start_time: 'x'.repeat(10_000), end_time: '2026-02-11' },
    ]) {
      const { error } = (await askEmissions(server, { ...busybox, ...more })).json()
      assert.match(error, /is "x{79}…/)
    }
  })

  it('is 413 beyond 1 MiB', async () => {
    const justFits = JSON.stringify({ ...busybox, padding: '' })
    const padding = (bytes: number) => 'x'.repeat(bytes - justFits.length)
    const atTheLimit = await post(JSON.stringify({ ...busybox, padding: padding(1024 * 1024) }))
    assert.equal(atTheLimit.statusCode, 404)
    const beyond = await post(JSON.stringify({ ...busybox, padding: padding(1024 * 1024 + 1) }))
    assert.deepEqual(
      [beyond.statusCode, beyond.json()],
      [413, { error: 'the body is larger than the 1 MiB that is accepted' }],
    )
  })

  it('is 415 when it is not called JSON', async () => {
    const sentence = { error: 'the content type is not supported; it must be application/json' }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
      const answer = await post(JSON.stringify(busybox), type)
      assert.deepEqual([answer.statusCode, answer.json()], [415, sentence], type)
    }
    assert.equal((await post(JSON.stringify(busybox), 'application/json; charset=utf-8')).statusCode, 404)
  })
})

describe('any body', async () => {
  const server = await serveApi({
    counter: [
      [0, 0],
      [10, 30],
    ],
  })
  after(() => server.close())

  it('is answered or refused with a sentence, and never with a failure of ours', async () => {
    const anyField = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(['de'], '2026-02-11', '2026-02-12T00:00+01:00', null, 5, '5'),
    )
    const nearly = (right: string) => fc.oneof({ weight: 20, arbitrary: fc.constant(right) }, anyField)
    const mostlyAbsent = fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, anyField)
    const nearlyRight = fc.record(
      {
        pod: nearly(busybox.pod),
        container: nearly(busybox.container),
        namespace: nearly(busybox.namespace),
        countries: mostlyAbsent,
        start_time: mostlyAbsent,
        end_time: mostlyAbsent,
        n: mostlyAbsent,
      },
      { requiredKeys: ['pod', 'container', 'namespace'] },
    )
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), nearlyRight), async (body) => {
        const answer = await askEmissions(server, body)
        statuses.add(answer.statusCode)
        assert.ok(answer.statusCode < 500, answer.body)
        if (answer.statusCode !== 200) assert.deepEqual(Object.keys(answer.json()), ['error'])
      }),
      { numRuns: 400 },
    )
    assert.ok(statuses.has(200) && statuses.has(400), 'the bodies were not varied enough')
  })
})

describe('an address', async () => {
  const server = await serveApi({
    ports: {
      workloads: () => {
        throw new Error('connection to postgresql://user:secret@db failed')
      },
    },
  })
  after(() => server.close())

  it('that does not exist is 404 as JSON', async () => {
    const answer = await server.inject('/api/co2-per-pod?pod=a')
    assert.equal(answer.statusCode, 404)
    assert.deepEqual(answer.json(), { error: 'there is no GET /api/co2-per-pod; /docs lists what there is' })
  })

  it('that is known is 404 for another method', async () => {
    for (const [method, url] of [
      ['GET', '/api/co2-per-container'],
      ['PUT', '/api/co2-per-container'],
      ['POST', '/api/containers'],
      ['DELETE', '/healthz'],
    ] as const) {
      const answer = await server.inject({ method, url })
      assert.equal(answer.statusCode, 404)
      assert.deepEqual(answer.json(), { error: `there is no ${method} ${url}; /docs lists what there is` })
    }
  })

  it('that is no URL is 400 as JSON', async () => {
    const answer = await server.inject('/%zz')
    assert.deepEqual([answer.statusCode, answer.json()], [400, { error: 'the address is no valid URL' }])
  })

  it('whose handler fails is 500, and why stays in the log', async () => {
    const answer = await server.inject('/api/containers')
    assert.deepEqual([answer.statusCode, answer.json()], [500, { error: 'Internal Server Error' }])
  })
})

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { askEmissions, atSecond, busybox, configured, serveApi } from '../../../test/served-api.ts'
import { StoreError } from '../../energy/measurement-store.ts'
import { ContainerEmissions } from './container-emissions-schema.ts'

const hour = Array.from({ length: 361 }, (_, at) => [10 * at, 30 * at] as const)
const countries = ['DE', 'FR', 'GB', 'PL', 'ES', 'IT', 'NL'] as const

describe('a long answer', async () => {
  const server = await serveApi({ counter: hour, facts: countries.map((code) => configured(code, 100)) })
  after(() => server.close())

  it('is streamed, and has the shape of a short one', async () => {
    const answer = await askEmissions(server, { ...busybox, countries, n: 360 })
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-length'], undefined)
    const body: unknown = answer.json()
    assert.ok(
      Value.Check(ContainerEmissions, body),
      JSON.stringify([...Value.Errors(ContainerEmissions, body)][0]),
    )
    assert.equal(answer.json().results.NL.measurements.length, 360)
    assert.equal(answer.json().results.NL.energy_j, 360 * 30)
  })

  it('is sent in one piece when it is short', async () => {
    const answer = await askEmissions(server, { ...busybox, countries, n: 100 })
    assert.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)))
    assert.ok(Value.Check(ContainerEmissions, answer.json()))
  })
})

describe('an answer as of a moment', async () => {
  const server = await serveApi({
    counter: hour.slice(0, 3),
    facts: [configured('DE', 100), configured('DE', 200, { source: 'correction', learnedAt: atSecond(40) })],
  })
  after(() => server.close())

  it('is worked out with what was known then, and says so', async () => {
    const before = (await askEmissions(server, { ...busybox, as_of: '2026-02-11T10:00:39Z' })).json()
    assert.equal(before.results.DE.measurements[0].intensity_g_per_kwh, 100)
    assert.equal(before.as_of, '2026-02-11T10:00:39.000000+00:00')
    const after = (await askEmissions(server, { ...busybox, as_of: '2026-02-11T10:00:40Z' })).json()
    assert.equal(after.results.DE.measurements[0].intensity_g_per_kwh, 200)
  })

  it('is of what is known now when no moment is named', async () => {
    const now = (await askEmissions(server, busybox)).json()
    assert.equal(now.results.DE.measurements[0].intensity_g_per_kwh, 200)
    assert.equal('as_of' in now, false)
  })

  it('is refused for what is no time', async () => {
    const answer = await askEmissions(server, { ...busybox, as_of: 'then' })
    assert.equal(answer.statusCode, 400)
    assert.match(answer.json().error, /^as_of is "then"; it must be an ISO 8601 time/)
  })
})

describe('a question that the store does not answer', () => {
  const ask = async (failure: Error) => {
    const server = await serveApi({
      ports: {
        reportEmissions: () => Promise.reject(failure),
        workloads: () => Promise.reject(failure),
      },
    })
    const answers = [await askEmissions(server, busybox), await server.inject('/api/containers')]
    await server.close()
    return answers.map((answer) => [answer.statusCode, answer.json()])
  }

  it('is 503 with the store’s own sentence', async () => {
    const expected = [503, { error: 'the database at db:5432 is away' }]
    assert.deepEqual(await ask(new StoreError('the database at db:5432 is away')), [expected, expected])
  })

  it('is 503 when it takes too long', async () => {
    const [[status, body] = []] = await ask(new DOMException('too long', 'TimeoutError'))
    assert.equal(status, 503)
    assert.match(JSON.stringify(body), /QUERY_TIMEOUT/)
  })

  it('is answered with a warning where an answer can be given without the store', async () => {
    const server = await serveApi({ counter: hour.slice(0, 3), isStoreAway: true })
    const answer = (await askEmissions(server, busybox)).json()
    await server.close()
    assert.equal(answer.measurement_count, 2)
    assert.deepEqual(answer.warnings, ['What was stored is missing from this answer: the disk is full'])
  })
})

describe('the list of containers', async () => {
  const asked: unknown[] = []
  const server = await serveApi({
    ports: {
      async workloads(since) {
        asked.push(since)
        return [busybox]
      },
    },
  })
  after(() => server.close())

  it('may reach back to a time', async () => {
    await server.inject('/api/containers?since=2026-02-11T10:00:00Z')
    await server.inject('/api/containers')
    assert.deepEqual(asked, [atSecond(0), undefined])
  })

  it('is refused for what is no time', async () => {
    const answer = await server.inject('/api/containers?since=yesterday')
    assert.equal(answer.statusCode, 400)
    assert.match(answer.json().error, /^since is "yesterday"/)
  })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { fetchFigures } from './demo-figures.ts'

const sample = (timestamp: string, watts: number, method = 'configured') => ({
  timestamp,
  joules_per_second: watts,
  co2_gps: watts / 1000,
  intensity_g_per_kwh: 300,
  intensity_method: method,
})

/** A service that knows these containers of one pod and answers with these samples, or with 404. */
async function figuresOf(samplesByContainer: Record<string, readonly unknown[]>) {
  const server = createServer((request, response) => {
    if (request.url === '/api/containers') {
      const listed = Object.keys(samplesByContainer).map((container) => ({
        namespace: 'n',
        pod: 'p',
        container,
      }))
      response.end(JSON.stringify(listed))
      return
    }
    request.on('data', (body: Buffer) => {
      const asked = /"container":"(\w+)"/.exec(body.toString())?.[1] ?? ''
      const measurements = samplesByContainer[asked] ?? []
      if (measurements.length === 0) response.statusCode = 404
      response.end(
        JSON.stringify({ namespace: 'n', pod: 'p', container: asked, results: { DE: { measurements } } }),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  try {
    return await fetchFigures(`http://127.0.0.1:${address.port}`, ['DE'], AbortSignal.timeout(5000))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const at = (second: number) => `2026-11-24T10:00:${String(second).padStart(2, '0')}.000000+00:00`

describe('the figures of the demo', () => {
  it('are the newest sample of each container, with grams per hour', async () => {
    const { rows, countries } = await figuresOf({ app: [sample(at(1), 1), sample(at(2), 10)] })
    assert.deepEqual(rows, [
      { namespace: 'n', pod: 'p', container: 'app', watts: 10, gramsPerHour: { DE: 36 } },
    ])
    assert.deepEqual(countries, [{ code: 'DE', gramsPerKwh: 300, method: 'configured' }])
  })

  it('leave out a container without a second sample, an unknown one and one that is gone', async () => {
    const { rows } = await figuresOf({
      app: [sample(at(30), 1), sample(at(31), 1)],
      young: [sample(at(31), 1)],
      unknown: [],
      gone: [sample(at(2), 1), sample(at(3), 1)],
    })
    assert.deepEqual(
      rows.map(({ container }) => container),
      ['app'],
    )
  })

  it('are empty while there is nothing to show', async () => {
    assert.deepEqual(await figuresOf({}), { rows: [], countries: [] })
  })
})

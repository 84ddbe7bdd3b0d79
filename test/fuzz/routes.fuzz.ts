import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Agent, request } from 'undici'
import { serveApi } from '../served-api.ts'
import { type FuzzRequest, requestsTo } from './requests-from-document.ts'

/** Set FUZZ_REQUESTS for a shorter run, and FUZZ_SEED to see a run again. */
const requests = Number(process.env['FUZZ_REQUESTS'] ?? 20_000)
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const atOnce = 16
/** An answer that takes longer counts as none. */
const patienceMs = 10_000

/** What a status may be: anything but a failure of ours. 503 says in words what is away or too busy. */
const isAnswer = (status: number) => status < 500 || status === 503

describe('every route of the API document', { timeout: 600_000 }, () => {
  it(`answers ${requests} requests of every shape without a failure or a hang, seed ${seed}`, async (t) => {
    const server = await serveApi({
      counter: Array.from({ length: 30 }, (_, at) => [at * 2, at * 7] as const),
    })
    const dispatcher = new Agent({ connections: atOnce, bodyTimeout: patienceMs, headersTimeout: patienceMs })
    t.after(async () => {
      await dispatcher.destroy()
      server.server.closeAllConnections()
      await server.close()
    })
    const origin = await server.listen({ host: '127.0.0.1', port: 0 })
    const document = (await server.inject('/openapi.json')).json()
    const statuses = new Map<number, number>()
    const heaps: number[] = []

    async function ask({ method, path, headers, body }: FuzzRequest): Promise<void> {
      const answer = await request(`${origin}${path}`, {
        method: method === 'POST' ? 'POST' : 'GET',
        headers,
        body: body ?? null,
        dispatcher,
      }).catch((cause: unknown) => {
        throw new Error(`no answer to ${method} ${path} ${body ?? ''}`, { cause })
      })
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
      // A stream of events never ends by itself: its first bytes are enough.
      if (String(answer.headers['content-type']).startsWith('text/event-stream')) {
        await once(answer.body, 'data')
        answer.body.on('error', () => {}).destroy()
        return
      }
      const said = await answer.body.text()
      assert.ok(
        isAnswer(answer.statusCode),
        `${answer.statusCode} to ${method} ${path} ${body ?? ''}: ${said}`,
      )
      if (answer.statusCode < 400) return
      assert.equal(typeof JSON.parse(said).error, 'string', `${method} ${path}: ${said}`)
    }

    const portions = 20
    for (let portion = 0; portion < portions; portion += 1) {
      const asked = fc.sample(requestsTo(document), {
        numRuns: Math.ceil(requests / portions),
        seed: seed + portion,
      })
      const queue = asked.values()
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (const each of queue) await ask(each)
        }),
      )
      globalThis.gc?.()
      heaps.push(Math.round(process.memoryUsage().heapUsed / 1e6))
    }

    t.diagnostic(`statuses: ${JSON.stringify(Object.fromEntries([...statuses].sort(([a], [b]) => a - b)))}`)
    t.diagnostic(`heap in MB after each twentieth: ${heaps.join(' ')}`)
    // The first half warms up; from then on what is kept must not grow with the number of requests.
    const [middle = 0, last = 0] = [heaps[portions / 2], heaps.at(-1)]
    assert.ok(last < middle + 30, `the heap grew from ${middle} MB to ${last} MB`)
  })
})

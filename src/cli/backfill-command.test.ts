import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { run } from '../../test/cli/captured-terminal.ts'
import { temporaryDirectory } from '../../test/contracts/temporary-directory.ts'
import { startLoopbackServer } from '../../test/loopback-server.ts'
import { startPostgresServer } from '../../test/postgres/server.ts'
import { recordedJoules, startRecordedPrometheus } from '../../test/prometheus/recorded-prometheus.ts'
import { openSqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { instant, joules } from '../units.ts'
import type { Terminal } from './terminal.ts'

const { during, joules: recorded } = recordedJoules()
const never = new AbortController().signal
/** An hour after the recording was made. */
const now = instant(during.to + 3_600_000)
const clock = { now: () => now, waitUntil: async () => {} }
const time = ['--from', new Date(during.from).toISOString(), '--to', new Date(during.to).toISOString()]

/** Runs a backfill from the recorded Prometheus. */
async function backfilled(
  environment: Readonly<Record<string, string>>,
  { words = [], ...about }: Partial<Terminal> & { readonly words?: readonly string[] } = {},
) {
  await using prometheus = await startRecordedPrometheus()
  const all = ['backfill', '--prometheus', prometheus.url.href, ...time, ...words]
  const ended = await run(all, { environment, clock, ...about })
  return { ...ended, questions: prometheus.questions, address: prometheus.url.origin }
}

function storeIn(folder: string) {
  return openSqliteStore({ path: join(folder, 'co2-api.sqlite'), retentionDays: undefined, now: () => now })
}

/** The joules of all that is stored, and of the containers of node-a by their names. */
async function storedJoules(folder: string) {
  await using store = await storeIn(folder)
  let all = 0
  const ofNodeA = new Map<string, number>()
  for await (const portion of store.trailWithin({ from: instant(0), to: now }, never)) {
    for (const { node, workload, energy } of portion) {
      all += energy
      const name = workload?.container
      if (node === 'node-a' && name !== undefined) ofNodeA.set(name, (ofNodeA.get(name) ?? 0) + energy)
    }
  }
  return { all, ofNodeA }
}

describe('co2-api backfill', () => {
  it('writes into the file of DATA_DIR what live scraping would have counted', async (t) => {
    const folder = await temporaryDirectory(t)
    const { code, written, said, address } = await backfilled({ DATA_DIR: folder })
    assert.equal(code, 0, said)
    const { all, ofNodeA } = await storedJoules(folder)
    const expected = [...recorded.values()].reduce((sum, energy) => sum + energy, 0)
    assert.ok(Math.abs(all - expected) < 1e-6 * expected, `${all} instead of ${expected} J`)
    assert.equal(ofNodeA.get('report'), 288)
    assert.match(
      written,
      new RegExp(
        `^Backfilled from ${address}, 2026-11-24 23:57:37 to 2026-11-24 23:57:54 UTC\\.\nnode-a: \\d+ samples written, [\\d.]+ J; \\d+ gaps recorded\nnode-b: \\d+ samples written, [\\d.]+ J; \\d+ gaps recorded\n$`,
      ),
    )
    assert.match(
      said,
      /^2 exporters in http.*\n(?:backfill \d+ %, .* UTC\n)*backfill 100 %, 2026-11-24 23:57:54 UTC\n$/,
    )
  })

  it('changes nothing when it runs again, and says so', async (t) => {
    const folder = await temporaryDirectory(t)
    await backfilled({ DATA_DIR: folder })
    const before = await storedJoules(folder)
    const { code, written } = await backfilled({ DATA_DIR: folder })
    assert.equal(code, 0)
    assert.match(written, /^node-a: 0 samples written, 0 J; \d+ left out, whose time is there already$/m)
    assert.deepEqual(await storedJoules(folder), before)
  })

  it('writes to the file beside a service that has it open', async (t) => {
    const folder = await temporaryDirectory(t)
    await using service = await storeIn(folder)
    const measured = (second: number) => ({
      node: 'node-a',
      at: instant(now + second * 1000),
      measurements: [
        {
          containerId: 'live',
          workload: { namespace: 'shop', pod: 'web-9', container: 'live' },
          during: { from: instant(now + (second - 1) * 1000), to: instant(now + second * 1000) },
          energy: joules(7),
          counter: joules(7 * second),
          flags: [],
        },
      ],
      renamings: [],
      gaps: [],
    })
    await service.write({ pages: [measured(1)], states: [] })
    assert.equal((await backfilled({ DATA_DIR: folder })).code, 0)
    await service.tidy(never)
    await service.write({ pages: [measured(2)], states: [] })
    const expected = [...recorded.values()].reduce((sum, energy) => sum + energy, 0)
    const { all, ofNodeA } = await storedJoules(folder)
    assert.ok(Math.abs(all - expected) < 1e-6 * expected)
    assert.equal(ofNodeA.get('report'), 288)
  })

  it('leaves to the service what is later than where its counters stand', async (t) => {
    const folder = await temporaryDirectory(t)
    {
      await using service = await storeIn(folder)
      const at = instant((during.from + during.to) / 2)
      const state = { node: 'node-a', at, basis: 'b', unreadLines: 0, containers: [], nodeCounters: [] }
      await service.write({ pages: [], states: [state] })
    }
    const { written } = await backfilled({ DATA_DIR: folder })
    assert.match(
      written,
      /^node-a: \d+ samples written, .*; \d+ left to the service, whose counters stand at 2026-11-24 23:57:\d\d UTC$/m,
    )
  })

  it('keeps one sample for each step', async (t) => {
    const [each, steps] = [await temporaryDirectory(t), await temporaryDirectory(t)]
    const samples = (text: string) => Number(/node-a: (\d+) samples/.exec(text)?.[1])
    const fine = await backfilled({ DATA_DIR: each })
    const coarse = await backfilled({ DATA_DIR: steps }, { words: ['--step', '1m'] })
    assert.ok(samples(coarse.written) < samples(fine.written) / 2)
    const energies = await Promise.all([each, steps].map(storedJoules))
    assert.ok(Math.abs((energies[0]?.all ?? 0) - (energies[1]?.all ?? 1)) < 1e-6)
  })

  it('asks with the matchers and headers that it is given', async (t) => {
    const folder = await temporaryDirectory(t)
    const { questions } = await backfilled(
      { DATA_DIR: folder },
      { words: ['--match', 'cluster="prod"', '--header', 'X-Scope-OrgID=team'] },
    )
    const selectors = questions.map((question) => new URLSearchParams(question.split(' ')[1]))
    for (const asked of selectors)
      assert.match(asked.get('match[]') ?? asked.get('query') ?? '', /cluster="prod"/)
  })

  it('stops with Ctrl-C, says how to go on, and ends with 130', async (t) => {
    const folder = await temporaryDirectory(t)
    const stop = new AbortController()
    const { code, written } = await backfilled(
      { DATA_DIR: folder },
      {
        signal: stop.signal,
        say: (text) => {
          if (text.includes('exporters')) stop.abort(new Error('stopped'))
        },
      },
    )
    assert.equal(code, 130)
    assert.match(
      written,
      /^Stopped backfilling from .*\nThere was nothing to write\.\nWhat was written stays\. Run it again to go on: what is there is passed over, and --from 2026-/,
    )
    assert.equal((await backfilled({ DATA_DIR: folder })).code, 0)
  })

  it('begins where the retention does', async (t) => {
    const folder = await temporaryDirectory(t)
    const { said, code } = await backfilled(
      { DATA_DIR: folder, RETENTION_DAYS: '1' },
      { clock: { ...clock, now: () => instant(during.to + 86_400_000 - 5000) } },
    )
    assert.equal(code, 0)
    assert.match(said, /^RETENTION_DAYS is 1: what is older is not kept, so it begins there\n/)
  })
})

describe('co2-api backfill into PostgreSQL', () => {
  it('writes what live scraping would have counted, once', async (t) => {
    const server = await startPostgresServer()
    t.after(() => server[Symbol.asyncDispose]())
    const dsn = await server.createDatabase()
    const stored = () =>
      server.query('select sum(joules)::float8, count(*)::int from container_metrics', dsn.split('/').at(-1))
    const first = await backfilled({ MODE: 'db', TSDB_DSN: dsn })
    assert.equal(first.code, 0, first.said)
    const [[energy, rows] = []] = await stored()
    const expected = [...recorded.values()].reduce((sum, one) => sum + one, 0)
    assert.ok(
      Math.abs(Number(energy) - expected) < 1e-6 * expected,
      `${String(energy)} instead of ${expected} J`,
    )
    assert.equal((await backfilled({ MODE: 'db', TSDB_DSN: dsn })).code, 0)
    assert.deepEqual(await stored(), [[energy, rows]])
  })
})

describe('co2-api backfill, names of nodes', () => {
  it('come from EXPORTER_URL or the command line where exporters do not tell them', async (t) => {
    const folder = await temporaryDirectory(t)
    const bare = await serveBare(t, ['10.0.0.7:9102', '10.0.0.8:9102', '10.0.0.9:9102'])
    const { written, said } = await run(
      ['backfill', '--prometheus', bare, ...time, '--target-map', '10.0.0.8:9102=node-h'],
      { environment: { DATA_DIR: folder, EXPORTER_URL: 'http://10.0.0.7:9102/metrics' }, clock },
    )
    assert.match(written, /^http:\/\/10\.0\.0\.7:9102\/metrics: 1 samples written/m, said)
    assert.match(written, /^node-h: 1 samples written/m)
    assert.match(written, /^10\.0\.0\.9:9102: 1 samples written/m)
    assert.match(said, /^10\.0\.0\.9:9102 is the name of a node whose exporter does not tell another one\.$/m)
  })

  /** A Prometheus that has seen one container at each of these exporters, and no node families. */
  async function serveBare(t: TestContext, instances: readonly string[]): Promise<string> {
    const server = await startLoopbackServer((request, response) => {
      const isLabel = request.url?.includes('/label/instance/') === true
      if (request.method === 'GET') {
        response.end(JSON.stringify({ status: 'success', data: isLabel ? instances : [] }))
        return
      }
      void once(request, 'data').then(([body]: unknown[]) => {
        const query = new URLSearchParams(String(body)).get('query') ?? ''
        const instance = /instance="([^"]+)"/.exec(query)?.[1]
        const labels = { __name__: 'kepler_container_joules_total', instance, mode: 'dynamic' }
        const metric = {
          ...labels,
          container_id: 'c',
          container_name: 'c',
          pod_name: 'p',
          container_namespace: 'n',
        }
        const values = [2, 3].map((second) => [during.from / 1000 + second, String(10 * second)])
        const data = { resultType: 'matrix', result: [{ metric, values }] }
        return response.end(JSON.stringify({ status: 'success', data }))
      })
    })
    t.after(() => server[Symbol.asyncDispose]())
    return server.origin
  }
})

describe('a backfill that cannot be', () => {
  const ended = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    run(['backfill', ...words], { environment, clock })

  it('says that there is nowhere to keep it', async () => {
    assert.deepEqual(await ended(['--prometheus', 'http://127.0.0.1:1', '--from', 'now-1h']), {
      code: 1,
      written: '',
      said: 'co2-api backfill: there is nowhere to keep it: set DATA_DIR, or MODE=db and TSDB_DSN, as for the service\n',
    })
  })

  it('says what is wrong with the settings, one line each', async () => {
    const { code, said } = await ended(['--prometheus', 'http://127.0.0.1:1', '--from', 'now-1h'], {
      PORT: 'x',
      MODE: 'y',
    })
    assert.equal(code, 1)
    assert.match(said, /^co2-api backfill: MODE holds "y".*\nco2-api backfill: PORT holds "x".*\n$/)
  })

  it('says what the command line should hold', async () => {
    for (const [words, text] of [
      [[], /required option '--prometheus <url>' not specified/],
      [['--prometheus', 'http://x'], /required option '--from <time>' not specified/],
      [
        ['--prometheus', 'http://x', '--from', 'now-1h', '--match', 'up'],
        /Accepted is a matcher such as job="kepler"\./,
      ],
      [['--prometheus', 'http://x', '--from', 'now'], /--from must be before --to, and in the past/],
      [
        ['--prometheus', 'http://x', '--from', 'now-1h', '--target-map', 'x'],
        /Accepted is name, an equals sign/,
      ],
    ] as const) {
      const { code, said } = await ended(words)
      assert.equal(code, 2, said)
      assert.match(said, text)
    }
  })

  it('says who cannot be reached, and that another run goes on', async (t) => {
    const folder = await temporaryDirectory(t)
    const { code, said } = await ended(['--prometheus', 'http://127.0.0.1:1', '--from', 'now-1h'], {
      DATA_DIR: folder,
    })
    assert.equal(code, 1)
    assert.match(
      said,
      /^(?:trying again: .*\n){4}co2-api backfill: http:\/\/127\.0\.0\.1:1 could not be reached: ECONNREFUSED; what was written/,
    )
  })

  it('says that Prometheus knows no Kepler in that time', async (t) => {
    const folder = await temporaryDirectory(t)
    const server = await startLoopbackServer((_request, response) =>
      response.end('{"status":"success","data":[]}'),
    )
    t.after(() => server[Symbol.asyncDispose]())
    const { code, said } = await ended(['--prometheus', server.origin, '--from', 'now-1h'], {
      DATA_DIR: folder,
    })
    assert.equal(code, 1)
    assert.match(said, /has no energy counters of Kepler with a label "instance" in that time/)
  })

  it('says which file is not for us', async (t) => {
    const folder = await temporaryDirectory(t)
    const missing = join(folder, 'none')
    const base = ['--prometheus', 'http://127.0.0.1:1', '--from', 'now-1h']
    assert.match(
      (await ended([...base, '--ca-file', missing], { DATA_DIR: folder })).said,
      /none cannot be read: ENOENT/,
    )
    assert.match(
      (await ended([...base, '--token-file', missing], { DATA_DIR: folder })).said,
      /the token file .* cannot be read/,
    )
    assert.deepEqual(
      await readdir(folder),
      ['co2-api.sqlite'].filter((name) => name !== ''),
    )
  })
})

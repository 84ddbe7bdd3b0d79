import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it, type TestContext } from 'node:test'
import { createNode } from '../../simulator/hardware.ts'
import { constant } from '../../simulator/power.ts'
import { startKeplerSimulator } from '../../simulator/server.ts'
import { run } from '../../test/cli/captured-terminal.ts'
import { temporaryDirectory } from '../../test/contracts/temporary-directory.ts'
import { startLoopbackServer } from '../../test/loopback-server.ts'
import { openedStore } from '../../test/postgres/opened-store.ts'
import { type PostgresServer, startPostgresServer } from '../../test/postgres/server.ts'
import { openSqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { systemClock } from '../adapters/system/system-clock.ts'

/** Nothing in these tests asks the Internet. */
const alone = { INTENSITY_SOURCES: 'none' }
const deadTarget = { EXPORTER_URL: 'http://127.0.0.1:1/metrics', EXPORTER_TIMEOUT: '5' }

async function examined(environment: Readonly<Record<string, string>>, words: readonly string[] = []) {
  const { code, written } = await run(['doctor', ...words], {
    environment: { ...alone, ...environment },
    clock: systemClock,
  })
  return { code, written, lines: written.split('\n') }
}

async function simulated(
  t: TestContext,
  names: readonly string[],
  dialect: 'current' | 'legacy' = 'current',
) {
  const simulators = await Promise.all(
    names.map(async (name) => {
      const node = createNode({ name })
      node.startPod({ namespace: 'shop', pod: 'web-1', containers: [{ name: 'app', power: constant(5) }] })
      return await startKeplerSimulator({ node, dialect })
    }),
  )
  t.after(() => Promise.all(simulators.map((simulator) => simulator.close())))
  return simulators.map(({ url }) => url)
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = await startLoopbackServer(listener)
  t.after(() => server[Symbol.asyncDispose]())
  return `${server.origin}/metrics`
}

describe('co2-api doctor', () => {
  it('finds nothing to mend where there is nothing, and ends with 0', async (t) => {
    const [url = ''] = await simulated(t, ['node-a'])
    const { code, written } = await examined({ EXPORTER_URL: url, DATA_DIR: await temporaryDirectory(t) })
    assert.equal(code, 0)
    for (const line of [
      /^ok {4}Node\.js: \d+\./m,
      /^ok {4}configuration: every setting holds$/m,
      /^ok {4}Kepler http:.*: Kepler 0\.10 or newer, node node-a with 2 containers, counted as current\/container\/dram\+package$/m,
      /^ok {4}clock of 127\.0\.0\.1:\d+: its clock and ours tell the same time$/m,
      /^ok {4}data directory .*: it can be written, \d+\.\d GB free$/m,
      /^ok {4}file .*co2-api\.sqlite: it is not there yet; the service will make it$/m,
      /^ok {4}browser: not needed: no web page is read$/m,
      /^ok {4}carbon intensities: no live source is asked/m,
      /\nAll is well\.\n$/,
    ])
      assert.match(written, line)
  })

  it('writes JSON for programs', async () => {
    const { code, written } = await examined(deadTarget, ['--format', 'json'])
    const {
      ok,
      findings,
    }: { readonly ok: boolean; readonly findings: readonly { readonly verdict: string }[] } =
      JSON.parse(written)
    assert.equal(code, 1)
    assert.equal(ok, false)
    assert.deepEqual(
      findings.map(({ verdict }) => verdict),
      ['ok', 'ok', 'fail', 'warn', 'ok', 'ok'],
    )
  })

  it('names every setting that does not hold, and goes no further', async () => {
    const { code, lines } = await examined({ MODE: 'db', PORT: 'x', SAMPLE_INTERVAL: '0' })
    assert.equal(code, 1)
    assert.deepEqual(
      lines.filter((line) => line.startsWith('fail')),
      [
        'fail  configuration: SAMPLE_INTERVAL holds "0"; it must be a whole number from 1 to 86400',
        'fail  configuration: PORT holds "x"; it must be a whole number from 0 to 65535',
        'fail  configuration: TSDB_DSN is not set; MODE=db needs a PostgreSQL DSN such as postgresql://user:password@host:5432/database',
        'fail  configuration: nothing else was checked',
      ],
    )
  })

  it('names files and zones of settings that do not hold', async () => {
    const { written } = await examined({
      ...deadTarget,
      COUNTRIES: 'DE,XQ',
      INTENSITY_FILE: '/nowhere/x.csv',
      EXPORTER_CA_FILE: '/nowhere/ca.pem',
      INTENSITY_SOURCES: 'entsoe',
    })
    for (const problem of [
      /^fail {2}configuration: COUNTRIES holds "XQ", which is no known country or zone$/m,
      /^fail {2}configuration: INTENSITY_FILE: .*nowhere/m,
      /^fail {2}configuration: EXPORTER_CA_FILE holds "\/nowhere\/ca\.pem", which cannot be read/m,
      /^fail {2}carbon intensities: INTENSITY_SOURCES names entsoe, for which ENTSOE_TOKEN is not set$/m,
    ])
      assert.match(written, problem)
  })

  it('asks no source when it is told so', async () => {
    const { written } = await examined({ ...deadTarget, INTENSITY_SOURCES: 'energy-charts,neso' }, [
      '--offline',
    ])
    assert.match(written, /^ok {4}carbon intensities: 2 live sources were not asked \(--offline\)$/m)
  })
})

describe('co2-api doctor on Kepler', () => {
  it('fails for a port on which nobody listens', async () => {
    const { code, written } = await examined(deadTarget)
    assert.equal(code, 1)
    assert.match(
      written,
      /^fail {2}Kepler http:\/\/127\.0\.0\.1:1\/metrics: it could not be read: .*ECONNREFUSED.*\n +Is Kepler running there\?/m,
    )
  })

  it('recognises both dialects, and one node behind two addresses', async (t) => {
    const [current = ''] = await simulated(t, ['node-a'])
    const [legacy = ''] = await simulated(t, ['node-a'], 'legacy')
    const { written } = await examined({ EXPORTER_URL: `${current},${legacy}` })
    assert.match(
      written,
      /: Kepler 0\.9 or older, node node-a with \d containers, counted as legacy\/container\/total$/m,
    )
    assert.match(written, /^warn {2}node node-a: .* and .* both tell of it$/m)
  })

  it('finds targets as the service would, and says why it finds none', async () => {
    const { written } = await examined({
      ...deadTarget,
      EXPORTER_URL: 'kubernetes://kepler/kepler:metrics,dns+http://nowhere.invalid:9102/metrics',
    })
    assert.match(
      written,
      /^fail {2}targets at kubernetes:\/\/kepler\/kepler:metrics\/metrics: EXPORTER_URL names .* no account in a cluster/m,
    )
    assert.match(
      written,
      /^fail {2}targets at dns\+http:\/\/nowhere\.invalid:9102\/metrics: .*nowhere\.invalid/m,
    )
  })

  it('sees several nodes behind one address', async (t) => {
    const urls = await simulated(t, ['node-a', 'node-b'])
    const bodies = await Promise.all(urls.map(async (url) => await (await fetch(url)).text()))
    const headers = { 'content-type': 'text/plain; version=0.0.4' }
    let turn = 0
    const balanced = await serve(t, (_request, response) => {
      turn += 1
      response.writeHead(200, headers).end(bodies[turn % 2])
    })
    const { written } = await examined({ EXPORTER_URL: balanced })
    assert.match(written, /^warn {2}Kepler .*: one address, several nodes: 4 readings met node-a, node-b$/m)
  })

  it('says what is missing without pod families', async (t) => {
    const body = await readFile('test/fixtures/kepler/main-13944a69/22-kube-disabled.prom', 'utf8')
    const url = await serve(t, (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(body),
    )
    const { written } = await examined({ EXPORTER_URL: url })
    assert.match(
      written,
      /^warn {2}Kepler .*: Kepler exports no pod level .*\n +Current Kepler exports what its metricsLevel names/m,
    )
    assert.match(written, /^warn {2}Kepler .*: none of the \d+ containers of node vm has a name$/m)
  })

  it('sees a clock that is wrong', async (t) => {
    const url = await serve(t, (_request, response) =>
      response.writeHead(404, { date: 'Tue, 24 Nov 2020 12:00:00 GMT' }).end(),
    )
    assert.match(
      (await examined({ EXPORTER_URL: url })).written,
      /^warn {2}clock of .*: its clock is \d+ s behind ours$/m,
    )
  })
})

describe('co2-api doctor on a data directory', () => {
  it('tells of a file of ours, of another program, and of a newer version', async (t) => {
    const folder = await temporaryDirectory(t)
    const file = join(folder, 'co2-api.sqlite')
    const store = await openSqliteStore({
      path: file,
      retentionDays: undefined,
      now: () => systemClock.now(),
    })
    await store[Symbol.asyncDispose]()
    const environment = { ...deadTarget, DATA_DIR: folder }
    assert.match((await examined(environment)).written, /^ok {4}file .*: schema \d+, up to date$/m)
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 99')
    assert.match(
      (await examined(environment)).written,
      /^fail {2}file .*: its schema 99 is of a newer version/m,
    )
    database.exec('PRAGMA application_id = 7')
    database.close()
    assert.match((await examined(environment)).written, /^fail {2}file .*: it belongs to another program$/m)
    await writeFile(file, 'no database, but long enough to be looked at'.repeat(100))
    assert.match((await examined(environment)).written, /^fail {2}file .*: .*is not a SQLite database/m)
  })

  it('leaves nothing behind, and makes nothing', async (t) => {
    const folder = await temporaryDirectory(t)
    const { written } = await examined({ ...deadTarget, DATA_DIR: join(folder, 'data', 'here') })
    assert.match(written, /^ok {4}data directory .*: it is not there yet and can be made/m)
    assert.deepEqual(await readdir(folder), [])
  })

  it('fails for one that cannot be written', async (t) => {
    const folder = join(await temporaryDirectory(t), 'locked')
    await mkdir(folder)
    await chmod(folder, 0o500)
    // The superuser may write everywhere, but not below a file.
    const blocked = process.getuid?.() === 0 ? join(folder, 'file') : folder
    if (process.getuid?.() === 0) await writeFile(blocked, '')
    const { written } = await examined({ ...deadTarget, DATA_DIR: blocked })
    assert.match(written, /^fail {2}data directory .*: it cannot be written: .*\n +Give it to the user/m)
  })
})

describe('co2-api doctor on PostgreSQL', () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgresServer()
  })
  after(() => server[Symbol.asyncDispose]())

  const findingsOn = async (dsn: string) => {
    const { code, lines } = await examined({ ...deadTarget, MODE: 'db', TSDB_DSN: dsn })
    return {
      code,
      lines: lines.filter((line) => /(?:ok|warn|fail) +(?:clock of the )?database: /.test(line)),
      all: lines,
    }
  }

  it('tells its version, its extensions and its schema, and changes nothing', async () => {
    const dsn = await server.createDatabase()
    const { lines } = await findingsOn(dsn)
    assert.match(lines[0] ?? '', /^ok {4}database: PostgreSQL 18\.\d.*, neither TimescaleDB nor Citus$/)
    assert.match(
      lines[1] ?? '',
      /^ok {4}database: schema 0; the service will bring it to \d+ when it starts$/,
    )
    assert.equal(lines[2], 'ok    clock of the database: its clock and ours tell the same time')
    assert.deepEqual(
      await server.query(
        'select 1 from pg_tables where schemaname = current_schema()',
        dsn.split('/').at(-1),
      ),
      [],
    )
  })

  it('sees a schema that is up to date, and one of a newer version', async () => {
    const dsn = await server.createDatabase()
    const name = dsn.split('/').at(-1)
    const store = await openedStore(dsn)
    await store.ping()
    await store[Symbol.asyncDispose]()
    assert.match((await findingsOn(dsn)).lines[1] ?? '', /^ok {4}database: schema \d+, up to date$/)
    await server.query(`insert into co2_api_migrations (number, name, checksum) values (99, 'x', 'x')`, name)
    assert.match(
      (await findingsOn(dsn)).lines[1] ?? '',
      /^fail {2}database: its schema 99 is of a newer version/,
    )
  })

  it('sees the table of the predecessor', async () => {
    const dsn = await server.createDatabase()
    await server.query('create table container_metrics (time timestamptz)', dsn.split('/').at(-1))
    assert.match(
      (await findingsOn(dsn)).lines[1] ?? '',
      /^ok {4}database: there is a table of the predecessor/,
    )
  })

  it('fails for a wrong password, without printing any', async () => {
    const dsn = `postgresql://postgres:hunter2@127.0.0.1:${server.port}/postgres`
    const { code, lines, all } = await findingsOn(dsn)
    assert.equal(code, 1)
    assert.match(
      lines[0] ?? '',
      /^fail {2}database: PostgreSQL at 127\.0\.0\.1:\d+, database "postgres": password authentication failed/,
    )
    assert.ok(all.includes('      Mend user and password in TSDB_DSN.'))
    assert.ok(!all.join('\n').includes('hunter2'))
  })

  it('fails for a database that is not there, and for a DSN that is none', async () => {
    const missing = await findingsOn(server.dsn('nowhere'))
    assert.match(missing.lines[0] ?? '', /^fail {2}database: .*does not exist/)
    assert.ok(missing.all.some((line) => line.includes('createdb')))
    assert.match(
      (await findingsOn('nonsense')).lines[0] ?? '',
      /^fail {2}database: .*TSDB_DSN is no PostgreSQL DSN/,
    )
  })

  it('fails for a user who lacks rights, with the grant that is missing', async () => {
    const dsn = await server.createDatabase()
    const name = dsn.split('/').at(-1)
    const guest = `postgresql://guest:guest@127.0.0.1:${server.port}/${name}`
    await server.query(`create role guest login password 'guest'`)
    const fresh = await findingsOn(guest)
    assert.match(
      fresh.lines.join('\n'),
      /^fail {2}database: user guest may not make tables in schema public$/m,
    )
    assert.ok(fresh.all.includes('      Allow it: grant create on schema public to guest;'))
    const store = await openedStore(dsn)
    await store.ping()
    await store[Symbol.asyncDispose]()
    await server.query('grant select on all tables in schema public to guest', name)
    const { lines } = await findingsOn(guest)
    assert.match(
      lines.join('\n'),
      /^fail {2}database: user guest lacks rights: .*insert on container_metrics/m,
    )
  })

  it('fails for a replica, or a database that takes no writes', async () => {
    const dsn = await server.createDatabase()
    await server.query(`alter database ${dsn.split('/').at(-1)} set default_transaction_read_only = on`)
    assert.match((await findingsOn(dsn)).lines[1] ?? '', /^fail {2}database: it takes no writes$/)
  })

  it('tells of the directory for what waits', async (t) => {
    const dsn = await server.createDatabase()
    const environment = { ...deadTarget, MODE: 'db', TSDB_DSN: dsn }
    assert.match(
      (await examined(environment)).written,
      /^warn {2}data directory: what waits for the database waits in memory/m,
    )
    const folder = await temporaryDirectory(t)
    assert.match(
      (await examined({ ...environment, DATA_DIR: folder })).written,
      /^ok {4}data directory .*: it can be written/m,
    )
  })
})

describe('co2-api doctor on the browser', () => {
  async function program(t: TestContext, says: string): Promise<string> {
    const file = join(await temporaryDirectory(t), 'program')
    await writeFile(file, `#!/bin/sh\n${says}\n`, { mode: 0o755 })
    return file
  }

  it('fails for one that is not there', async () => {
    const { code, written } = await examined(
      { ...deadTarget, INTENSITY_SOURCES: 'electricity-maps-page', CHROME_BIN: '/nowhere/chromium' },
      ['--offline'],
    )
    assert.equal(code, 1)
    assert.match(
      written,
      /^fail {2}browser: CHROME_BIN \(\/nowhere\/chromium\) is no program that can be run\n +Install Chromium/m,
    )
  })

  it('tells its version, and whether its driver belongs to it', async (t) => {
    const environment = {
      ...deadTarget,
      INTENSITY_SOURCES: 'electricity-maps-page',
      CHROME_BIN: await program(t, 'echo Chromium 153.0.1'),
    }
    const with153 = { ...environment, CHROMEDRIVER_BIN: await program(t, 'echo ChromeDriver 153.0.2 abc') }
    const with99 = { ...environment, CHROMEDRIVER_BIN: await program(t, 'echo ChromeDriver 99.0.2') }
    const broken = { ...environment, CHROMEDRIVER_BIN: await program(t, 'exit 3') }
    const written = async (about: typeof with153) => (await examined(about, ['--offline'])).written
    assert.match(
      await written(with153),
      /^ok {4}browser: Chromium 153\.0\.1 \(.*\)\nok {4}driver of the browser: ChromeDriver 153/m,
    )
    assert.match(
      await written(with99),
      /^fail {2}driver of the browser: ChromeDriver 99\.0\.2 does not belong to Chromium 153\.0\.1$/m,
    )
    assert.match(await written(broken), /^fail {2}driver of the browser: .* does not start/m)
  })

  it('fails for one that does not start', async (t) => {
    const chrome = await program(t, 'exit 127')
    const { written } = await examined(
      { ...deadTarget, INTENSITY_SOURCES: 'electricity-maps-page', CHROME_BIN: chrome },
      ['--offline'],
    )
    assert.match(written, /^fail {2}browser: .* does not start/m)
  })
})

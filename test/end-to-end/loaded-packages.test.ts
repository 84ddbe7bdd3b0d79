import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import packageJson from '../../package.json' with { type: 'json' }
import { startServiceProcess } from './service-process.ts'

const observer = new URL('./note-packages.ts', import.meta.url)

/** The packages, and the modules of Node.js itself, that a service has loaded from its start to its end, with whatever is asked of it in between. */
async function packagesLoaded(
  environment: Readonly<Record<string, string>>,
  ask: (url: string) => Promise<unknown> = async () => {},
): Promise<ReadonlySet<string>> {
  const service = await startServiceProcess({
    EXPORTER_URL: 'http://127.0.0.1:9/metrics',
    NODE_OPTIONS: `--import=${observer.href}`,
    ...environment,
  })
  await ask(service.url)
  assert.equal(await service.stop(), 0, service.log.join('\n'))
  const { packages, ofNode } = JSON.parse(service.log.at(-1) ?? '') as Record<'packages' | 'ofNode', string[]>
  return new Set([...packages, ...ofNode])
}

/** What only some services need, and takes 5 to 30 MB of memory each. */
const onOccasion = [
  '@fastify/cors',
  '@fastify/rate-limit',
  'commander',
  'fast-xml-parser',
  'hyparquet-writer',
  'pg',
  'pg-copy-streams',
  'pg-cursor',
  'playwright-core',
  'selenium-webdriver',
  'typebox',
  'undici',
]

describe('a running service', () => {
  it('has loaded no package that its settings have no use for', async () => {
    const loaded = await packagesLoaded({})
    assert.ok(loaded.has('fastify'))
    assert.deepEqual(
      onOccasion.filter((name) => loaded.has(name)),
      [],
    )
    // What is named above exists: a package that was renamed would never be found.
    const known: Readonly<Record<string, string>> = {
      ...packageJson.dependencies,
      ...packageJson.optionalDependencies,
    }
    for (const name of onOccasion) assert.ok(name in known, name)
  })

  it('has not loaded the client of the web inside Node.js, which comes with an import of node:http', async () => {
    const loaded = await packagesLoaded({})
    assert.ok(loaded.has('NativeModule http'))
    assert.ok(!loaded.has('NativeModule internal/deps/undici/undici'))
  })

  it('asks the web of nobody, and has no client for it, while no zone is in demand', async () => {
    const loaded = await packagesLoaded({ INTENSITY_SOURCES: 'energy-charts,neso' })
    assert.ok(!loaded.has('undici'))
  })

  it('loads the driver of PostgreSQL where measurements are kept in one', async () => {
    const loaded = await packagesLoaded({ MODE: 'db', TSDB_DSN: 'postgresql://nobody@127.0.0.1:9/none' })
    for (const name of ['pg', 'pg-copy-streams', 'pg-cursor']) assert.ok(loaded.has(name), name)
  })

  it('loads the reader of XML with the source that answers in it', async () => {
    const loaded = await packagesLoaded({ INTENSITY_SOURCES: 'entsoe', ENTSOE_TOKEN: 'planted' })
    assert.ok(loaded.has('fast-xml-parser'))
  })

  it('loads what bounds the rate and names origins where that is set', async () => {
    const loaded = await packagesLoaded({ RATE_LIMIT: '10', CORS_ORIGINS: 'https://a.test' })
    for (const name of ['@fastify/rate-limit', '@fastify/cors']) assert.ok(loaded.has(name), name)
  })

  it('loads the writer of Parquet with the first answer in it', async () => {
    const loaded = await packagesLoaded({}, async (url) => {
      const answer = await fetch(`${url}/api/v1/emissions?format=parquet`)
      assert.equal(answer.status, 200)
      assert.equal(Buffer.from(await answer.arrayBuffer()).toString('latin1', 0, 4), 'PAR1')
    })
    assert.ok(loaded.has('hyparquet-writer'))
  })
})

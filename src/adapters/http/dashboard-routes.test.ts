import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { fastify } from 'fastify'
import { dashboardRoutes } from './dashboard-routes.ts'

const script = 'console.log("dashboard")'.repeat(100)

/** A server over a folder as the build leaves it, or an empty one. */
async function serve(t: TestContext, { isBuilt = true } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'co2-api-dist-'))
  t.after(() => rm(folder, { recursive: true }))
  if (isBuilt) {
    await mkdir(join(folder, 'assets'))
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>co2-api</title>')
    await writeFile(join(folder, 'assets/index-1a2b3c.js'), script)
    await writeFile(join(folder, 'assets/index-1a2b3c.js.gz'), gzipSync(script))
  }
  const server = fastify()
  await server.register(dashboardRoutes(folder))
  t.after(() => server.close())
  return server
}

describe('the dashboard', () => {
  it('is at the root, and asked for each time, with a tag that saves sending it again', async (t) => {
    const server = await serve(t)
    const page = await server.inject('/')
    assert.equal(page.statusCode, 200)
    assert.match(String(page.headers['content-type']), /^text\/html/)
    assert.equal(page.headers['cache-control'], 'public, max-age=0')
    const again = await server.inject({ url: '/', headers: { 'if-none-match': String(page.headers.etag) } })
    assert.equal(again.statusCode, 304)
  })

  it('may load its own files alone: no script or style in the page, nobody else', async (t) => {
    const server = await serve(t)
    for (const url of ['/', '/assets/index-1a2b3c.js']) {
      const policy = String((await server.inject(url)).headers['content-security-policy'])
      assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/)
      assert.doesNotMatch(policy, /unsafe|https?:|\*/)
    }
  })

  it('has files that browsers keep for a year, compressed for those who understand it', async (t) => {
    const server = await serve(t)
    const url = '/assets/index-1a2b3c.js'
    const compressed = await server.inject({ url, headers: { 'accept-encoding': 'gzip' } })
    assert.equal(compressed.headers['content-encoding'], 'gzip')
    assert.equal(compressed.headers['vary'], 'accept-encoding')
    assert.equal(compressed.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.match(String(compressed.headers['content-type']), /javascript/)
    assert.equal(gunzipSync(compressed.rawPayload).toString(), script)
    const plain = await server.inject(url)
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.equal(plain.body, script)
  })

  it('gives no file from beside its folder', async (t) => {
    const server = await serve(t)
    for (const url of [
      '/assets/../index.html',
      '/assets/%2e%2e/index.html',
      '/assets/..%2findex.html',
      '/assets/',
    ]) {
      assert.notEqual((await server.inject(url)).statusCode, 200, url)
    }
  })

  it('says how it is built where it is not', async (t) => {
    const server = await serve(t, { isBuilt: false })
    const answer = await server.inject('/')
    assert.equal(answer.statusCode, 503)
    assert.match(String(answer.headers['content-type']), /^text\/plain/)
    assert.match(answer.body, /"npm ci" builds it, and so does "npm run build:dashboard"/)
    assert.equal((await server.inject('/assets/index-1a2b3c.js')).statusCode, 404)
  })
})

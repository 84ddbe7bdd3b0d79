import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import http, { type RequestListener, type Server } from 'node:http'
import https from 'node:https'
import { describe, it, type TestContext } from 'node:test'
import { instant } from '../../units.ts'
import { createKeplerSource } from './kepler-source.ts'

const never = new AbortController().signal
const unnamed =
  'kepler_container_joules_total{container_id="c1",container_name="app",pod_name="web",container_namespace="shop",mode="dynamic"} 12.5\n'
const named = `${unnamed}kepler_node_package_joules_total{instance="node-itself",mode="dynamic",package="0"} 5\n`

type About = Pick<Parameters<typeof createKeplerSource>[0], 'node' | 'serverName'>

async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

const answering =
  (body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(body)
  }

async function nodesAt(t: TestContext, url: string, about: About): Promise<readonly string[]> {
  const authority = await readFile('test/fixtures/tls/authority.pem', 'utf8')
  const limits = {
    timeoutSeconds: 5,
    maxBodyBytes: 1_000_000,
    maxSeries: 1000,
    credentials: { kind: 'none' },
  } as const
  const source = createKeplerSource({ ...limits, url: new URL(url), authority, ...about }, () =>
    instant(1000),
  )
  t.after(() => source.close())
  const { nodes } = await source.read(never)
  return nodes.map(({ node }) => node)
}

describe('a target that was found', () => {
  it('is of the node that it names itself', async (t) => {
    const port = await listen(t, http.createServer(answering(named)))
    assert.deepEqual(await nodesAt(t, `http://127.0.0.1:${port}/metrics`, { node: 'node-a' }), [
      'node-itself',
    ])
  })

  it('is of the node on which it was found where it names none', async (t) => {
    const port = await listen(t, http.createServer(answering(unnamed)))
    assert.deepEqual(await nodesAt(t, `http://127.0.0.1:${port}/metrics`, { node: 'node-a' }), ['node-a'])
  })

  it('is of a node that is called like its address where nobody knows', async (t) => {
    const port = await listen(t, http.createServer(answering(unnamed)))
    const url = `http://127.0.0.1:${port}/metrics`
    assert.deepEqual(await nodesAt(t, url, { node: undefined }), [url])
  })

  it('must have a certificate of the name under which it was looked for', async (t) => {
    const [key, cert] = await Promise.all([
      readFile('test/fixtures/tls/server.key.pem'),
      readFile('test/fixtures/tls/server.pem'),
    ])
    const port = await listen(t, https.createServer({ key, cert }, answering(named)))
    const url = `https://127.0.0.1:${port}/metrics`
    assert.deepEqual(await nodesAt(t, url, { serverName: 'localhost' }), ['node-itself'])
    await assert.rejects(
      nodesAt(t, url, { serverName: 'kepler.kepler.svc' }),
      /is not in the cert's altnames/,
    )
  })
})

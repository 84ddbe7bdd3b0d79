import assert from 'node:assert/strict'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { startApiServer } from '../../test/kubernetes/api-server.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { createTaskWatch } from './task-watch.ts'
import { openCluster, startWorkloadOwners } from './workload-owners.ts'

/** The account directory of a pod in the cluster of the fake API server. */
async function mounted(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'co2-api-test-'))
  t.after(() => rm(directory, { recursive: true }))
  await writeFile(path.join(directory, 'token'), 'token-1')
  await copyFile('test/fixtures/tls/authority.pem', path.join(directory, 'ca.crt'))
  return directory
}

/** Starts the owners with the account in a directory, until the test ends; `port` is the API server's. */
async function start(t: TestContext, about: { readonly directory: string; readonly port?: number }) {
  const lines: string[] = []
  const heard = Promise.withResolvers<void>()
  const logger = pino(
    { level: 'debug', base: null },
    {
      write(line: string) {
        lines.push(line)
        heard.resolve()
      },
    },
  )
  const stop = new AbortController()
  const tasks = createTaskWatch(logger)
  const config = {
    owners: 'auto',
    accountDirectory: about.directory,
    host: '127.0.0.1',
    port: about.port,
  } as const
  const cluster = await openCluster(config)
  t.after(async () => {
    stop.abort()
    await tasks.allEnded()
    await cluster[Symbol.asyncDispose]()
  })
  const context = { cluster, clock: systemClock, logger, signal: stop.signal, tasks }
  return { lines, heard: heard.promise, context, owners: startWorkloadOwners(config.owners, context) }
}

const web = { namespace: 'shop', pod: 'web-x7x2k' }
const pod = {
  metadata: {
    namespace: web.namespace,
    name: web.pod,
    ownerReferences: [{ kind: 'DaemonSet', name: 'web', controller: true }],
  },
}

describe('whose the pods are', () => {
  it('is told by the cluster in which the process runs', async (t) => {
    await using server = await startApiServer({ tls: true })
    server.put('/api/v1/pods', pod)
    const { owners } = await start(t, { directory: await mounted(t), port: Number(server.url.port) })
    await server.watched(1)
    assert.deepEqual(owners.directory.ownerOf(web), {
      kind: 'DaemonSet',
      name: 'web',
      labels: {},
      derivedFrom: 'kubernetes',
    })
    assert.deepEqual(owners.warnings(), [])
  })

  it('is derived from names without the right to ask, which is said once and stands among the warnings', async (t) => {
    await using server = await startApiServer({ tls: true })
    server.misbehave({ kind: 'refuses', status: 403 })
    const { owners, lines, heard } = await start(t, {
      directory: await mounted(t),
      port: Number(server.url.port),
    })
    await heard
    assert.equal(owners.directory.ownerOf(web).derivedFrom, 'pod-name')
    const reason = `The Kubernetes API at ${server.url.host} answered /api/v1/pods with status 403: this account may not do that`
    assert.deepEqual(owners.warnings(), [
      `Owners of pods that are not known yet are derived from their names: ${reason}`,
    ])
    assert.equal(lines.length, 1)
    assert.equal(JSON.parse(lines[0] ?? '').msg, reason)
  })

  it('is derived from names outside of a cluster, without a warning', async (t) => {
    const { owners, lines } = await start(t, { directory: '/nowhere', port: 443 })
    assert.equal(owners.directory.ownerOf(web).derivedFrom, 'pod-name')
    assert.deepEqual(owners.warnings(), [])
    assert.match(lines[0] ?? '', /there is no cluster to ask/)
  })

  it('is derived from names when the cluster is not to be asked', async (t) => {
    await using server = await startApiServer({ tls: true })
    const { context } = await start(t, { directory: '/nowhere', port: Number(server.url.port) })
    const owners = startWorkloadOwners('off', context)
    assert.equal(owners.directory.ownerOf(web).derivedFrom, 'pod-name')
    assert.deepEqual(owners.warnings(), [])
    assert.deepEqual(server.requests, [])
  })
})

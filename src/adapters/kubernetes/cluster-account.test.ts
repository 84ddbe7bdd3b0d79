import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { readClusterAccount } from './cluster-account.ts'
import { KubernetesError } from './kubernetes-error.ts'

/** The directory that Kubernetes mounts into a pod. */
async function mounted(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'co2-api-test-'))
  t.after(() => rm(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text)
  return directory
}

const inPod = { host: '10.96.0.1', port: 443 }

describe('the account of a pod', () => {
  it('is found where Kubernetes mounts it', async (t) => {
    const directory = await mounted(t, { token: 'secret-1\n', 'ca.crt': 'PEM' })
    const reading = await readClusterAccount({ directory, ...inPod })
    assert.ok(reading.kind === 'account')
    assert.equal(reading.account.server.href, 'https://10.96.0.1/')
    assert.equal(reading.account.authority, 'PEM')
    assert.equal(await reading.account.token(), 'secret-1')
  })

  it('has the token that is there now', async (t) => {
    const directory = await mounted(t, { token: 'secret-1', 'ca.crt': 'PEM' })
    const reading = await readClusterAccount({ directory, ...inPod })
    assert.ok(reading.kind === 'account')
    await writeFile(path.join(directory, 'token'), 'secret-2')
    assert.equal(await reading.account.token(), 'secret-2')
    await writeFile(path.join(directory, 'token'), 'two\nlines')
    await assert.rejects(reading.account.token(), KubernetesError)
    await rm(path.join(directory, 'token'))
    await assert.rejects(reading.account.token(), KubernetesError)
  })

  it('may be at an address of IPv6', async (t) => {
    const directory = await mounted(t, { token: 'secret', 'ca.crt': 'PEM' })
    const reading = await readClusterAccount({ directory, host: 'fd00::1', port: 6443 })
    assert.ok(reading.kind === 'account')
    assert.equal(reading.account.server.href, 'https://[fd00::1]:6443/')
  })

  it('is missing outside of a cluster, and it is said why', async (t) => {
    const directory = await mounted(t, {})
    const outside = await readClusterAccount({ directory, host: undefined, port: undefined })
    assert.deepEqual(outside, {
      kind: 'none',
      why: 'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set',
    })
    const unmounted = await readClusterAccount({ directory, ...inPod })
    assert.ok(unmounted.kind === 'none')
    assert.match(unmounted.why, /ENOENT.*ca\.crt/)
    const odd = await readClusterAccount({ directory, host: 'no host', port: 443 })
    assert.deepEqual(odd, { kind: 'none', why: 'KUBERNETES_SERVICE_HOST no host is no host' })
  })
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import { describe, it } from 'node:test'

type Checked = {
  readonly code: unknown
  readonly said: string
  readonly asked: readonly (string | undefined)[]
}

/** Runs the check against a server that answers with `status`, or against none. */
async function check(
  status: number | 'nobody',
  {
    host = '127.0.0.1',
    isEncrypted = false,
  }: { readonly host?: string; readonly isEncrypted?: boolean } = {},
): Promise<Checked> {
  const asked: (string | undefined)[] = []
  const answer: RequestListener = (request, response) => {
    asked.push(request.url)
    response.writeHead(status === 'nobody' ? 500 : status).end('{}')
  }
  const server = isEncrypted
    ? https.createServer(
        {
          cert: readFileSync('test/fixtures/tls/server.pem'),
          key: readFileSync('test/fixtures/tls/server.key.pem'),
        },
        answer,
      )
    : http.createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  if (status === 'nobody') server.close()
  const child = spawn(process.execPath, ['src/service/check-health.ts'], {
    env: { PORT: String(address.port), HOST: host, TLS_CERT_FILE: isEncrypted ? 'server.pem' : '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const [code]: unknown[] = await once(child, 'close')
  server.close()
  return { code, said, asked }
}

describe('the health check of the image', () => {
  it('passes when /healthz answers with 200, wherever the service listens', async () => {
    assert.deepEqual(await check(200), { code: 0, said: '', asked: ['/healthz'] })
    assert.equal((await check(200, { host: '0.0.0.0' })).code, 0)
    assert.equal((await check(200, { host: '' })).code, 0)
  })

  it('passes when the service speaks TLS, whatever name its certificate is for', async () => {
    assert.deepEqual(await check(200, { isEncrypted: true }), { code: 0, said: '', asked: ['/healthz'] })
  })

  it('fails, and says why, when the answer is another or there is none', async () => {
    assert.partialDeepStrictEqual(await check(503), { code: 1, said: '/healthz answered with 503\n' })
    const { code, said } = await check('nobody')
    assert.equal(code, 1)
    assert.match(said, /ECONNREFUSED/)
  })
})

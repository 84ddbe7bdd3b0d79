import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import { openHttpAccess } from './http-access.ts'

const directory = await mkdtemp(path.join(tmpdir(), 'co2-api-access-'))
after(() => rm(directory, { recursive: true }))

const tokensFile = path.join(directory, 'tokens')
const line = (name: string) => `${name} read * sha256:${createHash('sha256').update(name).digest('hex')}\n`
const everybody = { tokensFile: undefined, tls: undefined, corsOrigins: [], requestsPerMinute: undefined }

async function namesIn(access: Awaited<ReturnType<typeof openHttpAccess>>) {
  const rule = access.options.access
  return rule.kind === 'tokens' ? rule.tokens().map(({ name }) => name) : rule.kind
}

describe('access to the API', () => {
  it('is everybody’s unless a token file is named', async () => {
    assert.equal(await namesIn(await openHttpAccess(everybody)), 'everybody')
  })

  it('stops the start when the file cannot be read or holds no token', async () => {
    const missing = openHttpAccess({ ...everybody, tokensFile: path.join(directory, 'missing') })
    await assert.rejects(missing, {
      name: 'StartError',
      message: /API_TOKENS_FILE holds .*, which cannot be read: ENOENT/,
    })
    await writeFile(tokensFile, 'nonsense\n')
    await assert.rejects(openHttpAccess({ ...everybody, tokensFile }), {
      name: 'StartError',
      message: /API_TOKENS_FILE holds .*: line 1 does not hold four parts/,
    })
  })

  it('follows the file; one that cannot be used leaves the tokens as they were, and says so', async () => {
    await writeFile(tokensFile, line('first'))
    const access = await openHttpAccess({ ...everybody, tokensFile })
    assert.deepEqual(await namesIn(access), ['first'])
    await writeFile(tokensFile, line('first') + line('second'))
    await access.refresh(undefined)
    assert.deepEqual(await namesIn(access), ['first', 'second'])
    await writeFile(tokensFile, 'nonsense\n')
    await access.refresh(undefined)
    assert.deepEqual(await namesIn(access), ['first', 'second'])
    assert.match(access.warnings()[0] ?? '', /line 1 does not hold four parts/)
    await writeFile(tokensFile, line('third'))
    await access.refresh(undefined)
    assert.deepEqual(await namesIn(access), ['third'])
    assert.deepEqual(access.warnings(), [])
  })

  it('counts what was refused, by reason', async () => {
    const access = await openHttpAccess(everybody)
    access.options.onRefusal('no-token')
    access.options.onRefusal('no-token')
    access.options.onRefusal('not-allowed')
    assert.deepEqual(
      [...access.refusals()],
      [
        ['no-token', 2],
        ['not-allowed', 1],
      ],
    )
  })
})

describe('the certificate of the API', () => {
  const tls = { certificateFile: path.join(directory, 'tls.crt'), keyFile: path.join(directory, 'tls.key') }
  const fixture = (name: string) => path.join('test/fixtures/tls', name)

  it('stops the start when it and its key do not belong together', async () => {
    await copyFile(fixture('authority.pem'), tls.certificateFile)
    await copyFile(fixture('server.key.pem'), tls.keyFile)
    await assert.rejects(openHttpAccess({ ...everybody, tls }), {
      name: 'StartError',
      message: /TLS_CERT_FILE .* and TLS_KEY_FILE .* cannot be used: .*mismatch/,
    })
  })

  it('is handed to the listener again when it was renewed; a broken one is a warning', async () => {
    await copyFile(fixture('server.pem'), tls.certificateFile)
    const access = await openHttpAccess({ ...everybody, tls })
    const handed: unknown[] = []
    const listener = { setSecureContext: (context: object) => handed.push(context) }
    await access.refresh(listener)
    assert.equal(handed.length, 1)
    await writeFile(tls.certificateFile, 'half written')
    await access.refresh(listener)
    assert.equal(handed.length, 1)
    assert.match(access.warnings()[0] ?? '', /TLS_CERT_FILE .* cannot be used/)
  })
})

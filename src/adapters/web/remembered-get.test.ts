import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startSourceServer } from '../../../test/sources/source-server.ts'
import type { HttpAnswer } from '../../intensity/http-get.ts'
import { createRememberedGet } from './remembered-get.ts'
import { createWebClient } from './web-client.ts'

const { signal } = new AbortController()

/** A get over a script of answers, and what it was asked. */
function scripted(answers: readonly Partial<HttpAnswer>[], maxCharacters?: number) {
  const asked: Readonly<Record<string, string>>[] = []
  const get = createRememberedGet(async (_url, { headers = {} }) => {
    const answer = answers[asked.length]
    asked.push(headers)
    return { status: 200, headers: {}, text: '', ...answer }
  }, maxCharacters)
  const ask = async (path: string, headers?: Record<string, string>) =>
    await get(new URL(path, 'http://source.test'), headers === undefined ? { signal } : { headers, signal })
  return { asked, ask }
}

describe('a get that remembers answers', () => {
  it('asks again on condition of the tag, and gives what it has when nothing has changed', async () => {
    const { asked, ask } = scripted([
      { headers: { etag: '"1"' }, text: 'one' },
      { status: 304, headers: { etag: '"1"' } },
    ])
    await ask('/a', { accept: 'text/csv' })
    const again = await ask('/a', { accept: 'text/csv' })
    assert.deepEqual(asked, [{ accept: 'text/csv' }, { accept: 'text/csv', 'if-none-match': '"1"' }])
    assert.partialDeepStrictEqual(again, { status: 200, text: 'one' })
  })

  it('asks on condition of the date where there is no tag', async () => {
    const date = 'Tue, 24 Nov 2026 10:00:00 GMT'
    const { asked, ask } = scripted([{ headers: { 'last-modified': date } }])
    await ask('/a')
    await ask('/a')
    assert.deepEqual(asked[1], { 'if-modified-since': date })
  })

  it('takes a changed answer, and asks on condition of that', async () => {
    const { asked, ask } = scripted([
      { headers: { etag: '"1"' }, text: 'one' },
      { headers: { etag: '"2"' }, text: 'two' },
      { status: 304 },
    ])
    await ask('/a')
    assert.equal((await ask('/a')).text, 'two')
    assert.equal((await ask('/a')).text, 'two')
    assert.deepEqual(asked[2], { 'if-none-match': '"2"' })
  })

  it('hands a failure on, and keeps what it has', async () => {
    const { asked, ask } = scripted([{ headers: { etag: '"1"' } }, { status: 503 }, { status: 304 }])
    await ask('/a')
    assert.equal((await ask('/a')).status, 503)
    await ask('/a')
    assert.deepEqual(asked[2], { 'if-none-match': '"1"' })
  })

  it('hands on a 304 that nobody asked for', async () => {
    const { ask } = scripted([{ status: 304 }])
    assert.equal((await ask('/a')).status, 304)
  })

  it('tells addresses and keys apart', async () => {
    const { asked, ask } = scripted([{ headers: { etag: '"1"' } }])
    await ask('/a', { 'auth-token': 'one' })
    await ask('/a', { 'auth-token': 'two' })
    await ask('/b', { 'auth-token': 'one' })
    assert.deepEqual(asked.slice(1), [{ 'auth-token': 'two' }, { 'auth-token': 'one' }])
  })

  for (const [what, headers] of [
    ['forbids it', { etag: '"1"', 'cache-control': 'private, no-store' }],
    ['varies with everything', { etag: '"1"', vary: '*' }],
    ['has no validator', { 'cache-control': 'max-age=60' }],
  ] as const) {
    it(`keeps no answer that ${what}`, async () => {
      const { asked, ask } = scripted([{ headers }])
      await ask('/a')
      await ask('/a')
      assert.deepEqual(asked, [{}, {}])
    })
  }

  it('forgets what was used longest ago when it holds too much, and keeps nothing that is too large', async () => {
    const tagged = { headers: { etag: '"1"' }, text: 'xxxx' }
    const { asked, ask } = scripted(
      [tagged, tagged, { status: 304 }, tagged, tagged, tagged, { ...tagged, text: 'x'.repeat(11) }],
      10,
    )
    for (const path of ['/a', '/b', '/a', '/c', '/b', '/c', '/large', '/large']) await ask(path)
    assert.deepEqual(
      asked.map((headers) => 'if-none-match' in headers),
      [false, false, true, false, false, true, false, false],
    )
  })

  it('does so with a real server', async () => {
    await using server = await startSourceServer()
    const client = createWebClient()
    try {
      const get = createRememberedGet(client.httpGet)
      server.serve('/a', { headers: { etag: '"1"' }, body: 'one' })
      await get(new URL('/a', server.url), { signal })
      server.serve('/a', { status: 304, headers: { etag: '"1"' } })
      assert.equal((await get(new URL('/a', server.url), { signal })).text, 'one')
      assert.equal(server.requests[1]?.headers['if-none-match'], '"1"')
    } finally {
      await client.close()
    }
  })
})

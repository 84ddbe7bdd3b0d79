import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { createAwaitedConditions } from '../../../test/awaited-condition.ts'
import { createHurriedClock } from '../../../test/hurried-clock.ts'
import { type FakeApiServer, startApiServer } from '../../../test/kubernetes/api-server.ts'
import { type ApiLimits, createApiClient } from './api-client.ts'
import { fieldsOf, textOf } from './json-fields.ts'
import { listAndWatch, type WatchState } from './list-and-watch.ts'

const pods = '/api/v1/pods'

function pod(name: string, labels: Readonly<Record<string, string>> = {}) {
  return { metadata: { namespace: 'shop', name, labels }, spec: { containers: ['much'] } }
}

type Named = { readonly name: string; readonly colour: string }

function readNamed(object: unknown): Named | undefined {
  const metadata = fieldsOf(fieldsOf(object)['metadata'])
  const name = textOf(metadata['name'])
  return name === undefined
    ? undefined
    : { name, colour: textOf(fieldsOf(metadata['labels'])['colour']) ?? '' }
}

/** Follows the pods of a server until the test ends. */
async function follow(t: TestContext, server: FakeApiServer, limits: Partial<ApiLimits> = {}) {
  const authority = await readFile('test/fixtures/tls/authority.pem', 'utf8')
  const client = createApiClient(
    { server: server.url, authority, token: async () => tokenOfAccount.value },
    limits,
  )
  const tokenOfAccount = { value: 'token-1' }
  const stop = new AbortController()
  const clock = createHurriedClock()
  const kept = new Map<string, string>()
  const states: WatchState[] = []
  const lists: number[] = []
  const { look, until } = createAwaitedConditions()
  const running = listAndWatch<Named>(
    {
      client,
      resource: { path: pods, query: {}, isMetadataOnly: true },
      read: readNamed,
      kept: {
        replace(all) {
          kept.clear()
          for (const { name, colour } of all) kept.set(name, colour)
          lists.push(all.length)
          look()
        },
        put({ name, colour }) {
          kept.set(name, colour)
          look()
        },
        remove({ name }) {
          kept.delete(name)
          look()
        },
      },
      clock,
      random: () => 0.5,
      onState(state) {
        states.push(state)
        look()
      },
    },
    stop.signal,
  )
  t.after(async () => {
    stop.abort()
    await running
    await client.close()
  })
  return {
    kept,
    states,
    lists,
    clock,
    tokenOfAccount,
    stop,
    running,
    until,
  }
}

const isLost = (failure: string) => (state: WatchState) => state.kind === 'lost' && state.failure === failure

describe('what is listed and watched', () => {
  it('is what the cluster holds, and follows what comes, changes and goes', async (t) => {
    await using server = await startApiServer()
    server.put(pods, pod('a'))
    const { kept, until } = await follow(t, server)
    await server.watched(1)
    assert.deepEqual([...kept], [['a', '']])
    server.put(pods, pod('b', { colour: 'red' }))
    await until(() => kept.get('b') === 'red')
    server.put(pods, pod('b', { colour: 'blue' }))
    await until(() => kept.get('b') === 'blue')
    server.remove(pods, 'shop', 'a')
    await until(() => !kept.has('a'))
  })

  it('is asked for as metadata alone, with the token of the account', async (t) => {
    await using server = await startApiServer()
    await follow(t, server)
    await server.watched(1)
    const [list, watch] = server.requests
    assert.equal(list?.accept, 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1')
    assert.equal(watch?.accept, 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1')
    assert.equal(watch?.authorization, 'Bearer token-1')
    assert.deepEqual(Object.fromEntries(watch?.url.searchParams ?? []), {
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: '1',
      timeoutSeconds: '450',
    })
  })

  it('is asked for over TLS, whose certificate must lead to the authority of the cluster', async (t) => {
    await using server = await startApiServer({ tls: true })
    server.put(pods, pod('a'))
    const { kept } = await follow(t, server)
    await server.watched(1)
    assert.deepEqual([...kept.keys()], ['a'])
  })

  it('is listed in pages', async (t) => {
    await using server = await startApiServer()
    for (let number = 0; number < 1201; number += 1) server.put(pods, pod(`p${number}`))
    const { kept, lists } = await follow(t, server)
    await server.watched(1)
    assert.equal(kept.size, 1201)
    assert.deepEqual(lists, [1201])
    assert.equal(server.requests.filter(({ isWatch }) => !isWatch).length, 3)
  })

  it('is listed in smaller pages where a page is too large', async (t) => {
    await using server = await startApiServer()
    for (let number = 0; number < 600; number += 1) server.put(pods, pod(`p${number}`))
    const { lists } = await follow(t, server, { mostAnswerBytes: 20_000 })
    await server.watched(1)
    assert.deepEqual(lists, [600])
    const limits = server.requests.flatMap(({ url }) => url.searchParams.get('limit') ?? [])
    assert.deepEqual(limits.slice(0, 4), ['500', '250', '125', '125'])
  })

  it('goes on where a watch stood when the server ended it, without another list', async (t) => {
    await using server = await startApiServer()
    const { kept, lists, until, states } = await follow(t, server)
    await server.watched(1)
    server.put(pods, pod('a'))
    await until(() => kept.has('a'))
    server.endWatches()
    server.put(pods, pod('b'))
    await until(() => kept.has('b'))
    assert.deepEqual(lists, [0])
    assert.deepEqual(new Set(states.map(({ kind }) => kind)), new Set(['current']))
  })

  it('goes on where a watch stood when its connection was lost in the middle of a line', async (t) => {
    await using server = await startApiServer()
    const { kept, lists, until, states } = await follow(t, server)
    await server.watched(1)
    server.cutWatches()
    await until(() => states.length === 3)
    server.put(pods, pod('a'))
    await until(() => kept.has('a'))
    assert.deepEqual(lists, [0])
    assert.deepEqual(
      states.map(({ kind }) => kind),
      ['current', 'lost', 'current'],
    )
  })

  it('goes on from a bookmark, though all changes before it are forgotten', async (t) => {
    await using server = await startApiServer()
    const { kept, lists, until } = await follow(t, server)
    await server.watched(1)
    server.compact()
    server.bookmark()
    // A change behind the bookmark shows that the bookmark was read.
    server.put(pods, pod('a'))
    await until(() => kept.has('a'))
    server.endWatches()
    await server.asked(3)
    server.put(pods, pod('b'))
    await until(() => kept.has('b'))
    assert.deepEqual(lists, [0])
  })

  it('is listed anew when the moment where the watch stood is no longer kept', async (t) => {
    await using server = await startApiServer()
    server.put(pods, pod('a'))
    server.put(pods, pod('b'))
    const { kept, lists, until, states } = await follow(t, server)
    await server.watched(1)
    server.misbehave({ kind: 'cuts' })
    server.endWatches()
    await until(() => states.some(isLost('unreachable')))
    server.remove(pods, 'shop', 'a')
    server.compact()
    server.misbehave(undefined)
    await until(() => lists.length === 2)
    assert.deepEqual([...kept.keys()], ['b'])
    assert.ok(!states.some(isLost('expired')))
  })

  it('is listed from the beginning when the pages of a list are no longer kept', async (t) => {
    await using server = await startApiServer()
    for (let number = 0; number < 501; number += 1) server.put(pods, pod(`p${number}`))
    const { lists } = await follow(t, server)
    await server.asked(1)
    server.compact()
    await server.watched(1)
    assert.deepEqual(lists, [501])
  })

  it('is listed anew after something that cannot be understood', async (t) => {
    await using server = await startApiServer()
    const { kept, lists, until, states } = await follow(t, server)
    const garbage = ['<html>\n', '{"type":"ADDED","object":7}\n', '{"type":"DANCED","object":{}}\n', '[]\n']
    for (const [index, text] of garbage.entries()) {
      await server.watched(1)
      server.say(text)
      await until(() => lists.length === index + 2)
    }
    server.put(pods, pod('a'))
    await until(() => kept.has('a'))
    assert.equal(states.filter(isLost('unexpected-answer')).length, garbage.length)
  })

  it('is listed anew after a line that never ends', async (t) => {
    await using server = await startApiServer()
    const { lists, until, states } = await follow(t, server, { mostLineBytes: 10_000 })
    await server.watched(1)
    server.say('x'.repeat(20_000))
    await until(() => lists.length === 2)
    assert.ok(states.some(isLost('too-large')))
  })

  it('stays as it was while the server does not answer', async (t) => {
    await using server = await startApiServer()
    server.put(pods, pod('a'))
    const { kept, until, states } = await follow(t, server, { timeoutSeconds: 0.2 })
    await server.watched(1)
    server.misbehave({ kind: 'silent' })
    server.endWatches()
    await until(() => states.some(isLost('timed-out')))
    assert.deepEqual([...kept.keys()], ['a'])
    server.misbehave(undefined)
    server.put(pods, pod('b'))
    await until(() => kept.has('b'))
  })

  it('goes on over another connection when nothing comes for long', async (t) => {
    await using server = await startApiServer()
    const { states } = await follow(t, server, { mostSilentSeconds: 0.2 })
    await server.asked(3)
    assert.deepEqual(
      server.requests.map(({ isWatch }) => isWatch),
      [false, true, true],
    )
    assert.deepEqual(new Set(states.map(({ kind }) => kind)), new Set(['current']))
  })

  it('is refused without the right to it, and asked for once a minute then', async (t) => {
    await using server = await startApiServer()
    server.misbehave({ kind: 'refuses', status: 403 })
    const { until, states, clock } = await follow(t, server)
    await until(() => states.length === 2)
    assert.deepEqual(states[0], {
      kind: 'lost',
      failure: 'forbidden',
      message: `The Kubernetes API at ${server.url.host} answered ${pods} with status 403: this account may not do that`,
      failuresInARow: 1,
    })
    assert.ok(clock.waits.every((seconds) => seconds >= 60))
    server.misbehave(undefined)
    await until(() => states.at(-1)?.kind === 'current')
  })

  it('is asked for with the token that is there now', async (t) => {
    await using server = await startApiServer()
    const { until, states, tokenOfAccount } = await follow(t, server)
    await server.watched(1)
    server.token = 'token-2'
    server.endWatches()
    await until(() => states.some(isLost('unauthorised')))
    tokenOfAccount.value = 'token-2'
    await until(() => states.at(-1)?.kind === 'current')
  })

  it('is left alone for as long as the server asks', async (t) => {
    await using server = await startApiServer()
    server.misbehave({ kind: 'refuses', status: 429, retryAfterSeconds: 17 })
    const { until, states, clock } = await follow(t, server)
    await until(() => states.length === 2)
    assert.ok(states.every(isLost('throttled')))
    assert.deepEqual(clock.waits.slice(0, 1), [17.25])
  })

  it('is asked for less and less often while the server is away', async (t) => {
    await using server = await startApiServer()
    server.misbehave({ kind: 'cuts' })
    const { until, states, clock } = await follow(t, server)
    await until(() => states.length === 9)
    assert.deepEqual(clock.waits.slice(0, 8), [0.25, 0.5, 1, 2, 4, 8, 15, 15])
  })

  it('ends at once when it is told to', async (t) => {
    await using server = await startApiServer()
    const { stop, running } = await follow(t, server)
    await server.watched(1)
    stop.abort()
    await running
    await server.watched(0)
  })
})

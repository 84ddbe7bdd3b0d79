import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAwaitedConditions } from '../awaited-condition.ts'

export type ClusterObject = {
  readonly metadata: {
    readonly namespace: string
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly [field: string]: unknown
  }
  readonly [field: string]: unknown
}

export type ApiRequest = {
  readonly url: URL
  readonly accept: string
  readonly authorization: string
  readonly isWatch: boolean
}

/** What the server does instead of answering as it should. */
export type Misbehaviour =
  | { readonly kind: 'refuses'; readonly status: number; readonly retryAfterSeconds?: number }
  /** No answer is ever sent. */
  | { readonly kind: 'silent' }
  /** The connection is cut where the answer should begin. */
  | { readonly kind: 'cuts' }
  | { readonly kind: 'says'; readonly text: string }

/** An API server on this machine with lists in pages, watches, bookmarks and versions that are no longer kept. */
export type FakeApiServer = AsyncDisposable & {
  readonly url: URL
  /** Every request so far, in order. */
  readonly requests: readonly ApiRequest[]
  /** The only token that is let in. */
  token: string
  /** Adds an object or changes it. `collection` is for example `/api/v1/pods`, of all namespaces. */
  put(collection: string, object: ClusterObject): void
  remove(collection: string, namespace: string, name: string): void
  /** Versions before now are no longer kept: lists that are under way and watches from before must begin anew. */
  compact(): void
  bookmark(): void
  /** The watches that are open. */
  readonly watches: number
  /** Resolves once so many watches are open. */
  watched(watches: number): Promise<void>
  /** Ends the open watches in the ordinary way, as the server does after a while. */
  endWatches(): void
  /** Cuts the connections of the open watches, in the middle of a line. */
  cutWatches(): void
  /** Sends text to the open watches. */
  say(text: string): void
  /** Misbehaves at every request, or at watches or lists alone, until it is told otherwise. */
  misbehave(how: Misbehaviour | undefined, at?: 'watches' | 'lists'): void
  /** Resolves once so many requests have come. */
  asked(requests: number): Promise<void>
}

type Change = {
  readonly version: number
  readonly collection: string
  readonly type: string
  readonly object: ClusterObject
}

type OpenWatch = {
  readonly response: ServerResponse
  readonly tell: (change: Change) => void
  readonly isMetadataOnly: boolean
}

export async function startApiServer(about: { readonly tls?: boolean } = {}): Promise<FakeApiServer> {
  const requests: ApiRequest[] = []
  const objects = new Map<string, Map<string, ClusterObject>>()
  const snapshots = new Map<string, { readonly items: readonly ClusterObject[]; readonly version: number }>()
  const watches = new Set<OpenWatch>()
  // Looked at after every request and every end of a watch.
  const { look, until } = createAwaitedConditions()
  let changes: Change[] = []
  let version = 1
  let oldestKept = 0
  let token = 'token-1'
  let misbehaviour: { readonly how: Misbehaviour; readonly at: 'watches' | 'lists' | undefined } | undefined

  function note(collection: string, type: string, object: ClusterObject): void {
    const change = { version, collection, type, object }
    changes.push(change)
    for (const watch of watches) watch.tell(change)
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const isWatch = url.searchParams.get('watch') === '1'
    const { accept = '', authorization = '' } = request.headers
    requests.push({ url, accept, authorization, isWatch })
    queueMicrotask(look)
    if (
      misbehaviour !== undefined &&
      (misbehaviour.at === undefined || (misbehaviour.at === 'watches') === isWatch)
    ) {
      misbehaveNow(misbehaviour.how, request, response)
      return
    }
    if (authorization !== `Bearer ${token}`) return refuse(response, 401, 'Unauthorized')
    const found = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)$/.exec(url.pathname)
    if (found === null) return refuse(response, 404, 'the server could not find the requested resource')
    const [, group = '', namespace, plural = ''] = found
    const collection = `${group}/${plural}`
    const selected = selector(namespace, url.searchParams.get('labelSelector'))
    if (isWatch)
      openWatch({
        url,
        response,
        collection,
        selected,
        isMetadataOnly: accept.includes('as=PartialObjectMetadata;'),
      })
    else
      list({
        url,
        response,
        collection,
        selected,
        isMetadataOnly: accept.includes('as=PartialObjectMetadataList;'),
      })
  }

  type Asked = {
    readonly url: URL
    readonly response: ServerResponse
    readonly collection: string
    readonly selected: (object: ClusterObject) => boolean
    readonly isMetadataOnly: boolean
  }

  function list({ url, response, collection, selected, isMetadataOnly }: Asked): void {
    const limit = Number(url.searchParams.get('limit') ?? 0) || Number.POSITIVE_INFINITY
    const [id = '', begin = '0'] = (url.searchParams.get('continue') ?? '').split(':')
    const snapshot =
      id === ''
        ? { items: [...(objects.get(collection)?.values() ?? [])].filter(selected), version }
        : snapshots.get(id)
    if (snapshot === undefined) return refuse(response, 410, 'The provided continue parameter is too old')
    const end = Math.min(Number(begin) + limit, snapshot.items.length)
    const items = snapshot.items.slice(Number(begin), end).map((object) => shown(object, isMetadataOnly))
    let next: string | undefined
    if (end < snapshot.items.length) {
      const nextId = id === '' ? `list${snapshots.size}` : id
      snapshots.set(nextId, snapshot)
      next = `${nextId}:${end}`
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        kind: isMetadataOnly ? 'PartialObjectMetadataList' : 'List',
        metadata: {
          resourceVersion: String(snapshot.version),
          ...(next === undefined ? {} : { continue: next }),
        },
        items,
      }),
    )
  }

  function openWatch({ url, response, collection, selected, isMetadataOnly }: Asked): void {
    const from = Number(url.searchParams.get('resourceVersion'))
    response.writeHead(200, { 'content-type': 'application/json' })
    if (from < oldestKept) {
      const status = {
        kind: 'Status',
        status: 'Failure',
        reason: 'Expired',
        code: 410,
        message: 'too old resource version',
      }
      response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)
      return
    }
    response.flushHeaders()
    const tell = (change: Change) => {
      if (change.collection !== collection || !selected(change.object)) return
      const line = `${JSON.stringify({ type: change.type, object: shown(change.object, isMetadataOnly) })}\n`
      // Lines do not arrive as they were written.
      const middle = Math.floor(line.length / 2)
      response.write(line.slice(0, middle))
      response.write(line.slice(middle))
    }
    const watch = { response, tell, isMetadataOnly }
    watches.add(watch)
    response.on('close', () => {
      watches.delete(watch)
      look()
    })
    for (const change of changes.filter((change) => change.version > from)) tell(change)
    look()
  }

  const server = about.tls === true ? createTlsServer(await certificate(), answer) : createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: new URL(`${about.tls === true ? 'https' : 'http'}://127.0.0.1:${portOf(server.address())}`),
    requests,
    get token() {
      return token
    },
    set token(next) {
      token = next
    },
    put(collection, object) {
      const held = objects.get(collection) ?? new Map<string, ClusterObject>()
      objects.set(collection, held)
      const key = `${object.metadata.namespace}/${object.metadata.name}`
      version += 1
      const type = held.has(key) ? 'MODIFIED' : 'ADDED'
      const versioned = withVersion(object, version)
      held.set(key, versioned)
      note(collection, type, versioned)
    },
    remove(collection, namespace, name) {
      const held = objects.get(collection)
      const object = held?.get(`${namespace}/${name}`)
      if (held === undefined || object === undefined) throw new Error(`there is no ${name} in ${collection}`)
      held.delete(`${namespace}/${name}`)
      version += 1
      note(collection, 'DELETED', withVersion(object, version))
    },
    compact() {
      version += 1
      oldestKept = version
      changes = []
      snapshots.clear()
    },
    bookmark() {
      version += 1
      const object = { kind: 'PartialObjectMetadata', metadata: { resourceVersion: String(version) } }
      for (const { response } of watches) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
    },
    get watches() {
      return watches.size
    },
    watched: (wanted) => until(() => watches.size === wanted),
    endWatches() {
      for (const watch of watches) {
        watches.delete(watch)
        watch.response.end()
      }
    },
    cutWatches() {
      for (const watch of watches) {
        watches.delete(watch)
        watch.response.write('{"type":"MODI')
        watch.response.socket?.destroySoon()
      }
    },
    say(text) {
      for (const { response } of watches) response.write(text)
    },
    misbehave(how, at) {
      misbehaviour = how === undefined ? undefined : { how, at }
    },
    asked: (wanted) => until(() => requests.length >= wanted),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function selector(namespace: string | undefined, labels: string | null): (object: ClusterObject) => boolean {
  const wanted = (labels ?? '').split(',').flatMap((pair) => {
    const [name = '', value = ''] = pair.split('=')
    return name === '' ? [] : [[name, value] as const]
  })
  return ({ metadata }) =>
    (namespace === undefined || metadata.namespace === namespace) &&
    wanted.every(([name, value]) => metadata.labels?.[name] === value)
}

function withVersion(object: ClusterObject, version: number): ClusterObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
}

function shown(object: ClusterObject, isMetadataOnly: boolean): unknown {
  return isMetadataOnly ? { kind: 'PartialObjectMetadata', metadata: object.metadata } : object
}

function misbehaveNow(how: Misbehaviour, request: IncomingMessage, response: ServerResponse): void {
  switch (how.kind) {
    case 'refuses':
      if (how.retryAfterSeconds !== undefined)
        response.setHeader('retry-after', String(how.retryAfterSeconds))
      refuse(response, how.status, 'this account may not do that')
      return
    case 'silent':
      return
    case 'cuts':
      request.socket.destroy()
      return
    case 'says':
      response.writeHead(200, { 'content-type': 'application/json' }).end(how.text)
  }
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ kind: 'Status', status: 'Failure', message, code }))
}

async function certificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const [key, cert] = await Promise.all(
    ['server.key.pem', 'server.pem'].map((name) => readFile(`test/fixtures/tls/${name}`, 'utf8')),
  )
  return { key: key ?? '', cert: cert ?? '' }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  return address.port
}

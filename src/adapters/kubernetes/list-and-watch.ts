import { backOffSeconds } from '../../flows/back-off.ts'
import type { Clock } from '../../flows/clock.ts'
import { type Instant, instant } from '../../units.ts'
import type { ApiClient } from './api-client.ts'
import { fieldsOf, itemsOf, textOf } from './json-fields.ts'
import { KubernetesError, type KubernetesFailure } from './kubernetes-error.ts'

/** A kind of objects in the cluster. */
export type Resource = {
  /** For example `/api/v1/pods`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Asks for nothing but names, labels and owners: the rest of a pod is twenty times as much. */
  readonly isMetadataOnly: boolean
}

/** What there is of a resource, kept the same as the cluster's. */
export type WatchedSet<T> = {
  /** All there are; what was there before and is not among them is gone. */
  replace(all: readonly T[]): void
  /** One that is new or has changed. */
  put(one: T): void
  remove(one: T): void
}

export type WatchState =
  | { readonly kind: 'current' }
  /** What was known last stands until the API answers again. */
  | {
      readonly kind: 'lost'
      readonly failure: KubernetesFailure
      readonly message: string
      readonly failuresInARow: number
    }

export type ListAndWatch<T> = {
  readonly client: Pick<ApiClient, 'get' | 'follow'>
  readonly resource: Resource
  /** Undefined for what is no such object. */
  readonly read: (object: unknown) => T | undefined
  readonly kept: WatchedSet<T>
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly onState: (state: WatchState) => void
}

/** As many objects as a page holds at most; fewer where they are large. */
const pageLimit = 500
/** How long the server is asked to hold a watch, from this to twice as long, so that watches do not all end at once. */
const leastWatchSeconds = 300
/** A server or proxy that ends every watch at once is not asked more often than this. */
const leastSecondsBetweenWatches = 1
/** Rights that are missing are not mended by asking often. */
const leastForbiddenSeconds = 60

/**
 * Lists what there is of a resource and then follows its changes, until `signal` aborts. A watch that ends is taken
 * up again where it stood; when that moment is no longer kept (410), or when what comes cannot be understood,
 * everything is listed anew. Between failures it waits, longer each time. Never rejects but for a mistake of ours.
 *
 * Source: Kubernetes API concepts, "Efficient detection of changes" and "Retrieving large results sets in chunks",
 * read 2026-11-24.
 */
export async function listAndWatch<T>(about: ListAndWatch<T>, signal: AbortSignal): Promise<void> {
  const { client, resource, read, kept, clock, random, onState } = about
  let limit = pageLimit
  /** Where the next watch begins; undefined before a list. */
  let version: string | undefined
  let failuresInARow = 0
  let lastFailure: KubernetesFailure | undefined

  const accept = (kind: string) =>
    resource.isMetadataOnly ? `application/json;as=${kind};g=meta.k8s.io;v=v1` : 'application/json'

  function understood(object: unknown): T {
    const one = read(object)
    if (one === undefined)
      throw new KubernetesError(
        'unexpected-answer',
        `${resource.path} holds something that is no such object`,
      )
    return one
  }

  /** All pages of one list. No version is named: an old answer out of a cache may lie before what is known. */
  async function list(): Promise<void> {
    const all: T[] = []
    let next: string | undefined
    do {
      const query = {
        ...resource.query,
        limit: String(limit),
        ...(next === undefined ? {} : { continue: next }),
      }
      const page = fieldsOf(
        await client.get({ path: resource.path, query, accept: accept('PartialObjectMetadataList') }, signal),
      )
      const metadata = fieldsOf(page['metadata'])
      for (const item of itemsOf(page['items'])) all.push(understood(item))
      next = textOf(metadata['continue'])
      version = next === undefined ? versionOf(page) : undefined
    } while (next !== undefined)
    kept.replace(all)
  }

  /** Follows the changes until the watch ends. */
  async function watch(from: string): Promise<void> {
    const query = {
      ...resource.query,
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: from,
      timeoutSeconds: String(Math.floor(leastWatchSeconds * (1 + random()))),
    }
    const events = await client.follow(
      { path: resource.path, query, accept: accept('PartialObjectMetadata') },
      signal,
    )
    onState({ kind: 'current' })
    for await (const event of events) {
      const { type, object } = fieldsOf(event)
      apply(type, object)
      succeeded()
    }
  }

  function apply(type: unknown, object: unknown): void {
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        kept.put(understood(object))
        break
      case 'DELETED':
        kept.remove(understood(object))
        break
      case 'BOOKMARK':
        break
      case 'ERROR':
        throw errorOf(object)
      default:
        throw new KubernetesError(
          'unexpected-answer',
          `${resource.path} tells of an event of an unknown type`,
        )
    }
    version = versionOf(object)
  }

  function errorOf(status: unknown): KubernetesError {
    const { code, message } = fieldsOf(status)
    return new KubernetesError(
      code === 410 ? 'expired' : 'bad-status',
      `the watch of ${resource.path} ended with an error: ${textOf(message)?.slice(0, 300) ?? 'none was told'}`,
    )
  }

  function versionOf(object: unknown): string {
    const found = textOf(fieldsOf(fieldsOf(object)['metadata'])['resourceVersion'])
    if (found === undefined)
      throw new KubernetesError('unexpected-answer', `${resource.path} holds something without a version`)
    return found
  }

  function succeeded(): void {
    failuresInARow = 0
    lastFailure = undefined
  }

  /** When to try again. */
  function failed(failure: KubernetesError): Instant {
    failuresInARow += 1
    if (failure.failure === 'expired' || failure.failure === 'unexpected-answer') version = undefined
    if (failure.failure === 'too-large') {
      version = undefined
      limit = Math.max(1, Math.floor(limit / 2))
    }
    // To list anew is no failure but the ordinary way when a watch was away for long.
    if (failure.failure !== 'expired' || lastFailure === 'expired')
      onState({ kind: 'lost', failure: failure.failure, message: failure.message, failuresInARow })
    lastFailure = failure.failure
    const least = failure.failure === 'forbidden' ? leastForbiddenSeconds : failure.retryAfterSeconds
    return afterSeconds(clock.now(), least + backOffSeconds(failuresInARow, random))
  }

  while (!signal.aborted) {
    let next: Instant
    try {
      if (version === undefined) await list()
      next = afterSeconds(clock.now(), leastSecondsBetweenWatches)
      if (version !== undefined) await watch(version)
      succeeded()
    } catch (failure) {
      if (signal.aborted) return
      if (!(failure instanceof KubernetesError)) throw failure
      next = failed(failure)
    }
    await clock.waitUntil(next, signal)
  }
}

function afterSeconds(at: Instant, seconds: number): Instant {
  return instant(at + seconds * 1000)
}

import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import type { Target } from '../../flows/target-directory.ts'
import { fullNames, parseSearchList, type SearchList } from './search-list.ts'

/** Answers questions about names. Node's own resolver is one; it knows nothing of search lists. */
export type NameResolver = {
  resolve4(name: string): Promise<readonly string[]>
  resolve6(name: string): Promise<readonly string[]>
  resolveSrv(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>
  cancel(): void
}

export type NameLookup = {
  /** A new one each time: the servers of the machine may have changed. */
  readonly createResolver: () => NameResolver
  readonly searchList: () => Promise<SearchList>
}

/** The names as this machine knows them. */
export const systemLookup: NameLookup = {
  createResolver: () => new Resolver({ timeout: 2000, tries: 2 }),
  searchList: async () => parseSearchList(await readFile('/etc/resolv.conf', 'utf8')),
}

/**
 * A target at every address of the host of `url`, of IPv4 and IPv6. With https each must have a certificate for that
 * host. Throws when the name leads nowhere or nobody answers for it.
 */
export async function findByAddress(
  url: URL,
  lookup: NameLookup,
  signal: AbortSignal,
): Promise<readonly Target[]> {
  const ask = async (resolver: NameResolver, name: string) => {
    const [v4, v6] = await Promise.all([
      unlessNone(resolver.resolve4(name)),
      unlessNone(resolver.resolve6(name)),
    ])
    return [...v4, ...v6.map((address) => `[${address}]`)]
  }
  const found = await firstAnswer(url.hostname, { lookup, signal, ask })
  return found.map((host) => ({
    url: withHost(url, host),
    node: undefined,
    serverName: url.protocol === 'https:' ? url.hostname : undefined,
  }))
}

/** A target at every host and port of the SRV records of the host of `url`. Throws as `findByAddress` does. */
export async function findByService(
  url: URL,
  lookup: NameLookup,
  signal: AbortSignal,
): Promise<readonly Target[]> {
  const ask = (resolver: NameResolver, name: string) => unlessNone(resolver.resolveSrv(name))
  const found = await firstAnswer(url.hostname, { lookup, signal, ask })
  return found.map(({ name, port }) => ({
    url: withHost(url, name, port),
    node: undefined,
    serverName: undefined,
  }))
}

/** The answer for the first of the full names of a name that has one. */
async function firstAnswer<Answer>(
  name: string,
  {
    lookup,
    signal,
    ask,
  }: {
    readonly lookup: NameLookup
    readonly signal: AbortSignal
    readonly ask: (resolver: NameResolver, name: string) => Promise<readonly Answer[]>
  },
): Promise<readonly Answer[]> {
  const resolver = lookup.createResolver()
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    for (const fullName of fullNames(name, await lookup.searchList())) {
      signal.throwIfAborted()
      const answer = await ask(resolver, fullName)
      if (answer.length > 0) return answer
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw new Error(`the name ${name} could not be resolved: ${codeOf(cause)}`, { cause })
  } finally {
    signal.removeEventListener('abort', cancel)
  }
  throw new Error(`the name ${name} leads to no address`)
}

/** That there is no such name, or none of this type, is an answer; that nobody answers is none. */
async function unlessNone<Answer>(answer: Promise<readonly Answer[]>): Promise<readonly Answer[]> {
  try {
    return await answer
  } catch (cause) {
    if (codeOf(cause) === 'ENOTFOUND' || codeOf(cause) === 'ENODATA') return []
    throw cause
  }
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}

function withHost(url: URL, host: string, port?: number): URL {
  const found = new URL(url)
  found.hostname = host
  if (port !== undefined) found.port = String(port)
  return found
}

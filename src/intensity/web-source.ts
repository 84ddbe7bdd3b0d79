import type { Instant } from '../units.ts'
import type { HttpGet } from './http-get.ts'

/** What a source that is asked over the web needs. */
export type WebSourceOptions = {
  readonly httpGet: HttpGet
  /** Its place in the chain of sources. */
  readonly rank: number
  readonly now: () => Instant
  /** Where it is asked instead of where it really is; may have a path. */
  readonly baseUrl?: URL
}

/** The address of `path` below `base`. */
export function addressBelow(
  base: URL,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): URL {
  const address = new URL(base)
  address.pathname = `${base.pathname.replace(/\/$/, '')}/${path}`
  address.search = new URLSearchParams(parameters).toString()
  return address
}

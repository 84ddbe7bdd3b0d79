import type { SecureContextOptions } from 'node:tls'
import type { AccessRule, Refusal } from './access.ts'

/** How the HTTP API is offered. */
export type HttpOptions = {
  readonly access: AccessRule
  readonly onRefusal: (refusal: Refusal) => void
  /** Certificate and key, where the API answers over TLS. */
  readonly tls: Pick<SecureContextOptions, 'cert' | 'key'> | undefined
  /** Web pages of these origins may ask; none unless they are named. */
  readonly corsOrigins: readonly string[]
  /** Requests a minute from one token or, without tokens, one address; undefined for any number. */
  readonly requestsPerMinute: number | undefined
  readonly patience: ClientPatience
}

/** How long a client may take, and how much it may say, before it is cut off. */
export type ClientPatience = {
  /** For the header of a request. */
  readonly headersMs: number
  /** For a request as a whole. */
  readonly requestMs: number
  /** On a connection on which nothing moves: a client that does not read, or says nothing. */
  readonly idleMs: number
  /** How often the first two are looked at. */
  readonly checkEveryMs: number
  /** A longer header is answered with 431. */
  readonly headerBytes: number
  /** A longer body is answered with 413. */
  readonly bodyBytes: number
  /** Connections at a time; further ones are closed at once. */
  readonly connections: number
}

const usualPatience: ClientPatience = {
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 120_000,
  checkEveryMs: 2000,
  headerBytes: 16 * 1024,
  bodyBytes: 1024 * 1024,
  connections: 5000,
}

/** Everybody may ask, over plain HTTP, as often as they like: what the service does unless it is told otherwise. */
export const openToEverybody: HttpOptions = {
  access: { kind: 'everybody' },
  onRefusal: () => {},
  tls: undefined,
  corsOrigins: [],
  requestsPerMinute: undefined,
  patience: usualPatience,
}

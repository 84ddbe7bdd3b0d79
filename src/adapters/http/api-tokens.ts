import { createHash, timingSafeEqual } from 'node:crypto'
import { shown } from './problem.ts'

/** What a token is good for. `admin` includes `read`, and what tells about the installation itself. */
export type TokenScope = 'read' | 'admin'

/** Whose figures may be seen. */
export type NamespaceView =
  | { readonly kind: 'all' }
  | { readonly kind: 'only'; readonly namespaces: ReadonlySet<string> }

/** A token that the API accepts. Of the token itself only a digest is known. */
export type ApiToken = {
  readonly name: string
  readonly scope: TokenScope
  readonly view: NamespaceView
  readonly sha256: Buffer
}

export type TokenReading =
  | { readonly kind: 'tokens'; readonly tokens: readonly ApiToken[] }
  /** Each problem is one line that names the line of the file and what is accepted. Digests are never shown. */
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

const form =
  '"name scope namespaces sha256:digest": a name, read or admin, * or namespaces with commas, and 64 hexadecimal digits'

/**
 * Reads a token file: one token a line, `name scope namespaces sha256:digest`, such as
 * `grafana read * sha256:9f86d0…`. Blank lines and lines that begin with `#` are left out.
 */
export function parseTokens(text: string): TokenReading {
  const problems: string[] = []
  const tokens: ApiToken[] = []
  for (const [at, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const token = tokenIn(trimmed)
    if (typeof token === 'string') problems.push(`line ${at + 1} ${token}; it must be ${form}`)
    else if (tokens.some(({ name }) => name === token.name)) {
      problems.push(`line ${at + 1} has the name ${shown(token.name)} of an earlier line; names must differ`)
    } else tokens.push(token)
  }
  if (problems.length === 0 && tokens.length === 0)
    problems.push(`no line holds a token; one must be ${form}`)
  return problems.length === 0 ? { kind: 'tokens', tokens } : { kind: 'problems', problems }
}

/**
 * The token whose digest is that of `presented`. Every digest is compared, each in constant time, so that the time
 * that it takes tells nothing about them.
 */
export function findToken(tokens: readonly ApiToken[], presented: string): ApiToken | undefined {
  const digest = digestOf(presented)
  let found: ApiToken | undefined
  for (const token of tokens) if (timingSafeEqual(token.sha256, digest)) found = token
  return found
}

/** SHA-256 is enough for a token of 256 random bits: there is nothing to guess that a slower digest would protect. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest()
}

/** The token of a line, or what is wrong with it. */
function tokenIn(line: string): ApiToken | string {
  const [name = '', scope = '', namespaces = '', digest = '', ...rest] = line.split(/\s+/)
  if (digest === '' || rest.length > 0) return 'does not hold four parts'
  if (scope !== 'read' && scope !== 'admin') return `has the scope ${shown(scope)}`
  if (!/^sha256:[0-9a-f]{64}$/i.test(digest)) return 'does not end with a SHA-256 digest'
  const view = viewIn(namespaces)
  if (view === undefined) return `names the namespaces ${shown(namespaces)}`
  return { name, scope, view, sha256: Buffer.from(digest.slice('sha256:'.length), 'hex') }
}

function viewIn(text: string): NamespaceView | undefined {
  if (text === '*') return { kind: 'all' }
  const namespaces = text.split(',')
  const isWhole = namespaces.every((namespace) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
  return isWhole ? { kind: 'only', namespaces: new Set(namespaces) } : undefined
}

import { readFileSync } from 'node:fs'
import type { ClientConfig } from 'pg'
import { StoreError } from '../../energy/measurement-store.ts'

/** How a connection is secured, in libpq's words. */
type Encryption =
  | { readonly kind: 'plain' }
  /** Encrypted if the server can; what libpq does unless told otherwise. The certificate is not checked. */
  | { readonly kind: 'preferred' }
  | { readonly kind: 'required'; readonly checked: 'nothing' | 'authority' | 'name' }

export type ConnectionSettings = {
  readonly client: ClientConfig
  readonly encryption: Encryption
  readonly files: { readonly authority?: string; readonly certificate?: string; readonly key?: string }
}

/**
 * Reads a DSN in either form that libpq knows: `postgresql://user:password@host:5432/database?sslmode=require`, or
 * `host=… port=… dbname=…`. What it leaves out comes from PGHOST, PGUSER and their like.
 * Throws StoreError on what is neither; the message never holds a part of the DSN, since any part may be a secret.
 */
export function readDsn(dsn: string): ConnectionSettings {
  const settings = dsn.includes('://') ? settingsOfUrl(dsn) : settingsOfPairs(dsn)
  if (settings === undefined) throw new StoreError(`TSDB_DSN is no PostgreSQL DSN; ${accepted}`)
  const host = settings.get('host') ?? settings.get('hostaddr')
  const port = settings.get('port')
  if (host?.includes(',') || port?.includes(',')) {
    throw new StoreError('TSDB_DSN names several hosts; one is accepted')
  }
  if (port !== undefined && !/^\d{1,5}$/.test(port)) {
    throw new StoreError(`TSDB_DSN has a port that is no number; ${accepted}`)
  }
  return {
    client: {
      ...defined('host', host),
      ...(port === undefined ? {} : { port: Number(port) }),
      ...defined('database', settings.get('dbname')),
      ...defined('user', settings.get('user')),
      ...defined('password', settings.get('password')),
      ...defined('options', settings.get('options')),
      application_name: settings.get('application_name') ?? 'co2-api',
    },
    encryption: encryptionOf(settings, host),
    files: {
      ...defined('authority', rootOf(settings)),
      ...defined('certificate', settings.get('sslcert')),
      ...defined('key', settings.get('sslkey')),
    },
  }
}

/** The `ssl` option of the driver. Throws when a file of the DSN cannot be read. */
export function encryptedWith({ encryption, files }: ConnectionSettings): ClientConfig['ssl'] {
  if (encryption.kind === 'plain') return false
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path, 'utf8'))
  const checked = encryption.kind === 'required' ? encryption.checked : 'nothing'
  return {
    ca: read(files.authority),
    cert: read(files.certificate),
    key: read(files.key),
    rejectUnauthorized: checked !== 'nothing',
    ...(checked === 'authority' ? { checkServerIdentity: () => undefined } : {}),
  }
}

const accepted = 'accepted is postgresql://user:password@host:5432/database or host=... dbname=...'

const url =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@]*))?@)?(?<host>\[[^\]]*\]|[^:/?#]*)(?::(?<port>[^/?#]*))?(?:\/(?<dbname>[^?#]*))?(?:\?(?<query>.*))?$/s

function settingsOfUrl(dsn: string): ReadonlyMap<string, string> | undefined {
  const groups = url.exec(dsn)?.groups
  if (groups === undefined) return undefined
  const settings = new Map<string, string>()
  try {
    for (const part of ['user', 'password', 'host', 'port', 'dbname']) {
      const value = groups[part]?.replace(/^\[(.*)\]$/, '$1')
      if (value !== undefined && value !== '') settings.set(part, decodeURIComponent(value))
    }
    for (const pair of (groups['query'] ?? '').split('&').filter(Boolean)) {
      const [name = '', ...value] = pair.split('=')
      settings.set(decodeURIComponent(name), decodeURIComponent(value.join('=')))
    }
  } catch {
    return undefined
  }
  return settings
}

/** `name = value`, the value in single quotes where it holds blanks; a backslash takes the next character as it is. */
const pair = /\s*(?<name>\w+)\s*=\s*(?:'(?<quoted>(?:[^'\\]|\\.)*)'|(?<bare>(?:[^\s'\\]|\\.)*))(?=\s|$)/gsy

function settingsOfPairs(dsn: string): ReadonlyMap<string, string> | undefined {
  const settings = new Map<string, string>()
  const text = dsn.trim()
  let end = 0
  for (const match of text.matchAll(pair)) {
    const { name = '', quoted, bare = '' } = match.groups ?? {}
    settings.set(name, (quoted ?? bare).replaceAll(/\\(.)/gs, '$1'))
    end = match.index + match[0].length
  }
  return end === text.length && settings.size > 0 ? settings : undefined
}

function encryptionOf(settings: ReadonlyMap<string, string>, host: string | undefined): Encryption {
  const mode = settings.get('sslmode')
  if (host?.startsWith('/')) return { kind: 'plain' }
  switch (mode) {
    case 'disable':
      return { kind: 'plain' }
    case undefined:
    case 'allow':
    case 'prefer':
      return { kind: 'preferred' }
    case 'require':
      return { kind: 'required', checked: settings.has('sslrootcert') ? 'authority' : 'nothing' }
    case 'verify-ca':
      return { kind: 'required', checked: 'authority' }
    case 'verify-full':
      return { kind: 'required', checked: 'name' }
    default:
      throw new StoreError('TSDB_DSN has an sslmode that libpq does not know')
  }
}

/** `system` stands for the well-known authorities, which are used where no file is named. */
function rootOf(settings: ReadonlyMap<string, string>): string | undefined {
  const root = settings.get('sslrootcert')
  return root === 'system' ? undefined : root
}

function defined<Name extends string>(name: Name, value: string | undefined): { [key in Name]?: string } {
  const entries: { [key in Name]?: string } = {}
  if (value !== undefined) entries[name] = value
  return entries
}

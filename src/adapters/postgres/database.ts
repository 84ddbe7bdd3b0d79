import pg from 'pg'
import { numberAt } from './columns.ts'
import { encryptedWith, readDsn } from './dsn.ts'
import { createFailures, isOfConnection, sqlStateOf } from './failure.ts'
import { type Connect, type Session, sessionOn, unlessAborted } from './session.ts'

/** A session that is held over several steps; `release` gives its connection back, or ends it after a failure. */
export type Lease = {
  readonly session: Session
  /** Waits for a step of the session, and no longer than until the signal aborts: the step is cancelled then. */
  during<T>(step: Promise<T>): Promise<T>
  /** Has `release` end the connection, whatever state it is in. */
  giveUp(): void
  release(): void
}

/** What a session is for: reading has its own connections, so that no number of slow queries keeps a batch waiting. */
export type Purpose = 'read' | 'write'

export type Database = AsyncDisposable & {
  /** Throws StoreError, or the signal's reason. `prepare` has succeeded before. */
  lease(purpose: Purpose, signal?: AbortSignal): Promise<Lease>
  use<T>(purpose: Purpose, task: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Turns what a step threw into a StoreError. */
  failure(error: unknown): Error
}

const connections = { read: 6, write: 2 } as const
const connectTimeoutSeconds = 5
/** A batch takes milliseconds; a server that is stuck for longer than this is as good as away. */
const writeTimeoutSeconds = 60

/**
 * Connections to one database, opened when they are needed. `prepare` runs once before any other statement, on
 * connections of its own, and again at the next use if it failed, or if tables turn out to be missing.
 */
export function createDatabase({
  dsn,
  queryTimeoutSeconds,
  prepare,
}: {
  readonly dsn: string
  readonly queryTimeoutSeconds: number
  readonly prepare: (connect: Connect) => Promise<void>
}): Database {
  const settings = readDsn(dsn)
  const { host, port, database = '', password } = new pg.Client(settings.client)
  const failure = createFailures({
    where: `PostgreSQL at ${host}:${port}, database ${JSON.stringify(database)}`,
    password: password ?? undefined,
    queryTimeoutSeconds,
  })
  const pools = new Map<Purpose, pg.Pool>()
  const backends = new WeakMap<pg.PoolClient, number>()
  const cancelling = new Set<Promise<void>>()
  const leased = new Set<(isGivenUp: boolean) => void>()
  let ssl: pg.ClientConfig['ssl']
  let preparing: Promise<void> | undefined

  const timeoutOf = (purpose: Purpose) => (purpose === 'read' ? queryTimeoutSeconds : writeTimeoutSeconds)
  const clientSettings = () => ({
    ...settings.client,
    ssl,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutSeconds * 1000,
  })

  function poolFor(purpose: Purpose): pg.Pool {
    const open = pools.get(purpose)
    if (open !== undefined) return open
    const pool = new pg.Pool({
      ...clientSettings(),
      max: connections[purpose],
      idleTimeoutMillis: 60_000,
      allowExitOnIdle: true,
    })
    // A connection that dies while nobody uses it is replaced at the next use.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    pools.set(purpose, pool)
    return pool
  }

  function prepared(): Promise<void> {
    preparing ??= prepareOnce().catch((error: unknown) => {
      preparing = undefined
      throw error
    })
    return preparing
  }

  async function prepareOnce(): Promise<void> {
    const first = await connectFirst()
    let unused: pg.Client | undefined = first
    try {
      await prepare(async (task) => {
        const client = unused ?? (await connected(new pg.Client(clientSettings())))
        unused = undefined
        try {
          return await task(sessionOn(client))
        } finally {
          await client.end().catch(() => {})
        }
      })
    } finally {
      await unused?.end()
    }
  }

  /** Finds out whether the server encrypts, where either will do. */
  async function connectFirst(): Promise<pg.Client> {
    ssl = encryptedWith(settings)
    try {
      return await connected(new pg.Client(clientSettings()))
    } catch (error) {
      if (settings.encryption.kind !== 'preferred' || !isWithoutEncryption(error)) throw error
      ssl = false
      return connected(new pg.Client(clientSettings()))
    }
  }

  /** Over a connection of its own, since the one that runs the query does not listen. */
  async function cancel(backend: number): Promise<void> {
    try {
      const client = await connected(new pg.Client(clientSettings()))
      await client.query('select pg_cancel_backend($1)', [backend])
      await client.end()
    } catch {
      // The time-out of the statement ends it, then.
    }
  }

  async function cancelAside(backend: number): Promise<void> {
    const cancelled = cancel(backend)
    cancelling.add(cancelled)
    await cancelled
    cancelling.delete(cancelled)
  }

  async function backendOf(client: pg.PoolClient, purpose: Purpose): Promise<number> {
    const known = backends.get(client)
    if (known !== undefined) return known
    const seconds = timeoutOf(purpose)
    const [row = []] = await sessionOn(client, seconds).rows(sessionSettings, [`${seconds}s`])
    const backend = numberAt(row, 0)
    backends.set(client, backend)
    return backend
  }

  async function openLease(purpose: Purpose, signal: AbortSignal | undefined): Promise<Lease> {
    signal?.throwIfAborted()
    await unlessAborted(prepared(), signal)
    const connecting = poolFor(purpose).connect()
    const client = await unlessAborted(connecting, signal).catch((error: unknown) => {
      connecting.then(
        (late) => late.release(),
        () => {},
      )
      throw error
    })
    let isBroken = false
    const release = (isGivenUp = isBroken) => {
      if (leased.delete(release)) client.release(isGivenUp)
    }
    leased.add(release)
    try {
      const backend = await unlessAborted(backendOf(client, purpose), signal)
      return {
        session: sessionOn(client, timeoutOf(purpose)),
        async during(step) {
          try {
            return await unlessAborted(step, signal)
          } catch (error) {
            if (signal?.aborted) void cancelAside(backend)
            isBroken ||= signal?.aborted === true || isOfConnection(error)
            if (isOfMissingTable(error)) preparing = undefined
            throw error
          }
        },
        giveUp() {
          isBroken = true
        },
        release: () => release(),
      }
    } catch (error) {
      release(true)
      throw error
    }
  }

  async function lease(purpose: Purpose, signal?: AbortSignal): Promise<Lease> {
    try {
      return await openLease(purpose, signal)
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw failure(error)
    }
  }

  return {
    lease,
    failure,

    async use(purpose, task, signal) {
      const held = await lease(purpose, signal)
      try {
        return await held.during(task(held.session))
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        throw failure(error)
      } finally {
        held.release()
      }
    },

    async [Symbol.asyncDispose]() {
      for (const release of leased) release(true)
      await Promise.all([...pools.values()].map((pool) => pool.end()))
      await Promise.all(cancelling)
    },
  }
}

/** A query of ours reads little; a plan for the case at hand would cost more than the query. */
const sessionSettings = `select pg_backend_pid(),
  set_config('statement_timeout', $1, false),
  set_config('idle_in_transaction_session_timeout', '60s', false),
  set_config('extra_float_digits', '1', false),
  set_config('plan_cache_mode', 'force_generic_plan', false),
  set_config('jit', 'off', false)`

async function connected(client: pg.Client): Promise<pg.Client> {
  client.on('error', () => {})
  await client.connect()
  return client
}

function isWithoutEncryption(error: unknown): boolean {
  return error instanceof Error && error.message === 'The server does not support SSL connections'
}

/** Somebody dropped a table, or the whole database and made it again. */
function isOfMissingTable(error: unknown): boolean {
  return sqlStateOf(error) === '42P01'
}

import pg from 'pg'

/** A schema of its own in the database that TEST_TSDB_DSN names, and a DSN that leads there. */
export type GivenSchema = AsyncDisposable & {
  readonly dsn: string
  readonly query: (sql: string) => Promise<readonly (readonly unknown[])[]>
}

/** A server that somebody runs: with TimescaleDB of either edition, or Citus, or neither. */
export const givenDsn = process.env['TEST_TSDB_DSN']

/** Why nothing is tried on such a server, for the report. */
export const whyNoGivenServer =
  givenDsn === undefined
    ? 'TEST_TSDB_DSN is not set: a DSN there runs the same on TimescaleDB, Citus or any other server'
    : false

export async function createGivenSchema(dsn: string): Promise<GivenSchema> {
  const name = `co2_api_test_${process.pid}_${Date.now().toString(36)}`
  const client = new pg.Client(dsn)
  client.on('error', () => {})
  await client.connect()
  await client.query(`create schema ${name}`)
  // Else the store makes the extension in the first schema of its path, which is dropped at the end.
  await client.query('create extension if not exists timescaledb schema public').catch(() => {})
  await client.query(`set search_path = ${name}, public`)
  return {
    dsn: withSearchPath(dsn, `${name},public`),
    async query(sql) {
      return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows
    },
    async [Symbol.asyncDispose]() {
      await client.query(`drop schema ${name} cascade`)
      await client.end()
    },
  }
}

function withSearchPath(dsn: string, path: string): string {
  const option = `-csearch_path=${path}`
  if (!dsn.includes('://')) return `${dsn} options='${option}'`
  return `${dsn}${dsn.includes('?') ? '&' : '?'}options=${encodeURIComponent(option)}`
}

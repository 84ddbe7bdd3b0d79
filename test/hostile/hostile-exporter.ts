import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { startLoopbackServer } from '../loopback-server.ts'

/** Answers one scrape, as badly as it can. The signal aborts when the other side has gone. */
export type Attack = (response: ServerResponse, signal: AbortSignal) => Promise<void>

export type HostileExporter = AsyncDisposable & {
  readonly url: string
  /** The pod of its one container. */
  readonly pod: string
  /** How often it has been asked. */
  requests(): number
  /** Answers from now on with the attack; undefined for as it should. */
  turn(attack: Attack | undefined): void
  /** What its one container has used according to what it has last said, in joules. */
  joules(): number
}

const exposition = { 'content-type': 'text/plain; version=0.0.4' }

/** A Kepler with one container that uses 10 J between any two good answers, and that can turn against who asks. */
export async function startHostileExporter(pod: string): Promise<HostileExporter> {
  let attack: Attack | undefined
  let requests = 0
  let joules = 1000
  const server = await startLoopbackServer((_request, response) => {
    requests += 1
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    // Whoever is attacked hangs up; that is the end of it here.
    response.on('error', () => {})
    if (attack !== undefined) {
      attack(response, gone.signal).catch((failure: unknown) => {
        if (!gone.signal.aborted) throw failure
      })
      return
    }
    joules += 10
    response.writeHead(200, exposition).end(seriesLine(pod, joules))
  })
  return {
    url: `${server.origin}/metrics`,
    pod,
    requests: () => requests,
    turn(next) {
      attack = next
    },
    joules: () => joules,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** A line of legacy Kepler for a container of this name. */
function seriesLine(name: string, joules: number): string {
  return `kepler_container_joules_total{container_id="${name}",container_name="app",container_namespace="shop",mode="dynamic",pod_name="${name}",source=""} ${joules}\n`
}

/** Writes text as fast as it is taken, until there is no more or nobody takes it. */
async function pour(
  stream: { write(text: string): boolean; once(event: 'drain', listener: () => void): unknown },
  texts: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  for (const text of texts) {
    if (signal.aborted) return
    if (!stream.write(text)) {
      await new Promise<void>((resolve) => {
        stream.once('drain', () => resolve())
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
}

/** Distinct series, a thousand lines at a time. Every answer has names of its own. */
function* distinctSeries(count: number): Generator<string> {
  const salt = Math.random().toString(36).slice(2)
  for (let done = 0; done < count; done += 1000) {
    const lines = Array.from({ length: Math.min(1000, count - done) }, (_, at) =>
      seriesLine(`${salt}-${done + at}`, done + at),
    )
    yield lines.join('')
  }
}

function* forever(text: string): Generator<string> {
  for (;;) yield text
}

function* times(count: number, text: string): Generator<string> {
  for (let done = 0; done < count; done += 1) yield text
}

const kilobyteOfComments = `# ${'x'.repeat(1021)}\n`

/** So many megabytes that come as a thousandth of that. */
export function zipBomb(megabytes: number): Attack {
  return async (response, signal) => {
    response.writeHead(200, { ...exposition, 'content-encoding': 'gzip' })
    const gzip = createGzip()
    gzip.pipe(response)
    await pour(gzip, times(megabytes, kilobyteOfComments.repeat(1024)), signal)
    gzip.end()
  }
}

/** The same as a whole answer of good series that is larger than any. */
export function manySeries(count: number): Attack {
  return async (response, signal) => {
    response.writeHead(200, exposition)
    await pour(response, distinctSeries(count), signal)
    response.end()
  }
}

/** One name of so many megabytes, another one each time. */
export function longLabel(megabytes: number): Attack {
  return async (response, signal) => {
    response.writeHead(200, exposition)
    const salt = Math.random().toString(36).slice(2)
    const [before = '', after = ''] = seriesLine('MARK', 5).split('MARK')
    const name = function* () {
      yield `${before}${salt}`
      yield* times(megabytes, 'y'.repeat(1024 * 1024))
      yield after.replace('MARK', salt)
    }
    await pour(response, name(), signal)
    response.end()
  }
}

/** A line that never ends. */
export const endlessLine: Attack = async (response, signal) => {
  response.writeHead(200, exposition)
  await pour(response, forever('z'.repeat(65_536)), signal)
}

export const endlessBody: Attack = async (response, signal) => {
  response.writeHead(200, exposition)
  await pour(response, forever(kilobyteOfComments.repeat(64)), signal)
}

/** A byte now and then: never so long nothing that the connection would be taken for dead. */
export const slowDrip: Attack = async (response, signal) => {
  response.writeHead(200, exposition)
  while (!signal.aborted) {
    response.write('#')
    await pause(50, undefined, { signal }).catch(() => {})
  }
}

/** Says nothing at all. */
export const silence: Attack = async (_response, signal) => {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** Headers without end, under the status line of a good answer. */
export const endlessHead: Attack = async (response, signal) => {
  const { socket } = response
  if (socket === null) return
  socket.write('HTTP/1.1 200 OK\r\n')
  await pour(socket, forever(`x-header: ${'h'.repeat(1000)}\r\n`), signal)
}

/** A failure whose message does not end. */
export const endlessFailure: Attack = async (response, signal) => {
  response.writeHead(500, exposition)
  await pour(response, forever('no '.repeat(20_000)), signal)
}

/** Sends whoever follows somewhere else. */
export function redirect(to: string): Attack {
  return async (response) => {
    response.writeHead(302, { location: to }).end()
  }
}

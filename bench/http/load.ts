import { connect } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * Puts a server under load, in a thread of its own: so many connections are kept open, each sends its next request as
 * soon as it has its answer. Sockets are written and read as they are, so that little of the machine goes into asking.
 */
export type LoadQuestion = {
  readonly port: number
  /** Requests as they go over the wire, sent in turn. */
  readonly requests: readonly string[]
  readonly connections: number
  readonly seconds: number
}

export type LoadAnswer = {
  readonly requests: number
  readonly seconds: number
  readonly medianMs: number
  readonly p99Ms: number
  /** Answers with another status than 200. */
  readonly failures: number
  /** Of one answer, its header included. */
  readonly bytes: number
}

const lineEnd = Buffer.from('\r\n\r\n')
const lastChunk = Buffer.from('0\r\n\r\n')

/** How many bytes the first answer in `received` takes; undefined while it is not whole. */
function lengthOfAnswer(received: Buffer): number | undefined {
  const headerEnd = received.indexOf(lineEnd)
  if (headerEnd < 0) return undefined
  const header = received.toString('latin1', 0, headerEnd)
  const bodyFrom = headerEnd + lineEnd.length
  const length = /\r\ncontent-length: (\d+)/i.exec(header)?.[1]
  if (length !== undefined) {
    const end = bodyFrom + Number(length)
    return received.length >= end ? end : undefined
  }
  return received.subarray(-lastChunk.length).equals(lastChunk) ? received.length : undefined
}

async function askFor(question: LoadQuestion): Promise<LoadAnswer> {
  const requests = question.requests.map((request) => Buffer.from(request))
  const latencies: number[] = []
  let next = 0
  let failures = 0
  let bytes = 0
  const begun = performance.now()
  const until = begun + question.seconds * 1000

  async function keepAsking(): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: question.port, noDelay: true })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let sentAt = 0
    let received = Buffer.alloc(0)
    const send = () => {
      sentAt = performance.now()
      socket.write(requests[next % requests.length] ?? '')
      next += 1
    }
    socket.on('connect', send)
    socket.on('data', (piece: Buffer<ArrayBuffer>) => {
      received = received.length === 0 ? piece : Buffer.concat([received, piece])
      const length = lengthOfAnswer(received)
      if (length === undefined) return
      const now = performance.now()
      latencies.push(now - sentAt)
      if (!received.toString('latin1', 0, 12).endsWith(' 200')) failures += 1
      bytes = length
      received = Buffer.alloc(0)
      if (now < until) send()
      else socket.end()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve())
    await promise
  }

  await Promise.all(Array.from({ length: question.connections }, keepAsking))
  const seconds = (performance.now() - begun) / 1000
  const ascending = Float64Array.from(latencies).sort()
  const at = (share: number) => ascending[Math.floor(share * (ascending.length - 1))] ?? Number.NaN
  return { requests: latencies.length, seconds, medianMs: at(0.5), p99Ms: at(0.99), failures, bytes }
}

parentPort?.postMessage(await askFor(workerData), [])

import { Agent, type RequestOptions, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

export type Latencies = {
  readonly asked: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Asked again and again while the service scrapes. */
export type AskedRequest = RequestOptions & { readonly name: string; readonly body?: string }

const requestsPerSecond = 50
const connections = 8

/**
 * Asks the service the requests in turn, fifty a second, until `isOver`. Each is sent when it is due, whether or not those
 * before were answered, and its time counts from then: a service that stands still is seen to by all that had to wait.
 * Milliseconds, by name. Throws at an answer other than 200.
 */
export async function askMeanwhile(
  url: string,
  requests: readonly AskedRequest[],
  isOver: () => boolean,
): Promise<ReadonlyMap<string, Latencies>> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times = new Map<string, number[]>(requests.map(({ name }) => [name, []]))
  const begun = performance.now()
  const asked: Promise<void>[] = []
  while (!isOver()) {
    const dueAt = begun + (asked.length * 1000) / requestsPerSecond
    const early = dueAt - performance.now()
    if (early > 0) await pause(early)
    const next = requests[asked.length % requests.length]
    if (next === undefined) throw new Error('there is nothing to ask')
    asked.push(ask(url, next, agent).then(() => void times.get(next.name)?.push(performance.now() - dueAt)))
  }
  await Promise.all(asked)
  agent.destroy()
  return new Map(Array.from(times, ([name, milliseconds]) => [name, latenciesOf(milliseconds)]))
}

function ask(url: string, { name, body, ...options }: AskedRequest, agent: Agent): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const asking = request(url, { ...options, headers, agent }, (answer) => {
    answer.resume()
    answer.once('error', reject)
    answer.once('end', () => {
      if (answer.statusCode === 200) resolve()
      else reject(new Error(`${name} was answered with ${answer.statusCode}`))
    })
  })
  asking.once('error', reject)
  asking.end(body)
  return promise
}

function latenciesOf(milliseconds: readonly number[]): Latencies {
  const ascending = milliseconds.toSorted((a, b) => a - b)
  const at = (share: number) => ascending[Math.ceil(share * ascending.length) - 1] ?? Number.NaN
  return { asked: ascending.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

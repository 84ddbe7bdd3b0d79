import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Interval, instant } from '../../src/units.ts'
import { startLoopbackServer } from '../loopback-server.ts'

const folder = join(import.meta.dirname, '../fixtures/prometheus/v2.42.0')

/** When the recording was made, and what live scraping counted meanwhile, by node and container id. */
export function recordedJoules(): {
  readonly during: Interval
  readonly joules: ReadonlyMap<string, number>
} {
  const { during, joules }: Expectation = JSON.parse(read('joules.expected.json'))
  return {
    during: { from: instant(during.from), to: instant(during.to) },
    joules: new Map(Object.entries(joules)),
  }
}

type Expectation = {
  readonly during: { readonly from: number; readonly to: number }
  readonly joules: Readonly<Record<string, number>>
}
type Series = { readonly metric: Readonly<Record<string, string>>; readonly values: readonly Sample[] }
type Sample = readonly [seconds: number, value: string]

export type RecordedPrometheus = AsyncDisposable & {
  readonly url: URL
  /** The questions so far, as path and parameters. */
  readonly questions: readonly string[]
}

/** Answers as a recorded Prometheus did; of the samples those of the time that is asked for, both ends included. */
export async function startRecordedPrometheus({
  mostSamples = Infinity,
}: {
  /** Beyond so many it refuses, as with `--query.max-samples`. */
  readonly mostSamples?: number
} = {}): Promise<RecordedPrometheus> {
  const questions: string[] = []

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const parameters = request.method === 'POST' ? new URLSearchParams(await text(request)) : searchParams
    questions.push(`${pathname} ${parameters.toString()}`)
    const send = (status: number, body: string) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    const label = /^\/api\/v1\/label\/(\w+)\/values$/.exec(pathname)?.[1]
    const selector = parameters.get('match[]') ?? parameters.get('query') ?? ''
    const port = /instance="[\d.]+:(\d+)"/.exec(selector)?.[1]
    if (label !== undefined) return void send(200, labelAnswer(label, port))
    if (pathname !== '/api/v1/query' || port === undefined) return void send(404, 'not found')
    const to = Number(parameters.get('time')) * 1000
    const from = to - Number(/\[(\d+)ms\]$/.exec(selector)?.[1])
    const series = recordedSeries(port, { from: instant(from), to: instant(to) })
    const samples = series.reduce((sum, { values }) => sum + values.length, 0)
    if (samples > mostSamples) {
      const error = 'query processing would load too many samples into memory in query execution'
      return void send(422, JSON.stringify({ status: 'error', errorType: 'execution', error }))
    }
    const data = { resultType: 'matrix', result: series }
    send(200, JSON.stringify({ status: 'success', data }))
  }

  const server = await startLoopbackServer((request, response) => void answer(request, response))
  return {
    url: new URL(server.origin),
    questions,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Of a label that no series has, Prometheus gives no value. */
function labelAnswer(label: string, port: string | undefined): string {
  const file = `label-${label}${port === undefined ? '' : `-${port}`}.json`
  return existsSync(join(folder, file)) ? read(file) : '{"status":"success","data":[]}'
}

function recordedSeries(port: string, { from, to }: Interval): readonly Series[] {
  const body: { readonly data: { readonly result: readonly Series[] } } = JSON.parse(
    read(`samples-${port}.json`),
  )
  return body.data.result
    .map(({ metric, values }) => ({
      metric,
      values: values.filter(([seconds]) => from <= seconds * 1000 && seconds * 1000 <= to),
    }))
    .filter(({ values }) => values.length > 0)
}

function read(file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}

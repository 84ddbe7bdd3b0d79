import { fork } from 'node:child_process'
import { on, once } from 'node:events'
import path from 'node:path'
import type { ExporterBodyOptions } from './exporter-body.ts'

/** A scrape that was answered whole: who asked for which node, and to which moment its values belonged. */
export type ServedScrape = {
  readonly client: string
  readonly node: string
  readonly milliseconds: number
  readonly bytes: number
}

export type Framing = 'fixed' | 'chunked'
export type Encoding = 'identity' | 'gzip'

export type ScrapePath = {
  readonly client: string
  readonly node?: string
  readonly framing: Framing
  readonly encoding: Encoding
}

/** An exporter of the benchmark, in a process of its own. */
export type ExporterProcess = AsyncDisposable & {
  /** Of one body. */
  readonly bytes: number
  readonly series: number
  urlOf(path: ScrapePath): string
  served(): Promise<readonly ServedScrape[]>
  /** Answers nobody any more, and tells all that was served. */
  stop(): Promise<readonly ServedScrape[]>
}

export async function startExporter(options: Omit<ExporterBodyOptions, 'node'>): Promise<ExporterProcess> {
  const child = fork(path.join(import.meta.dirname, 'exporter.ts'), [JSON.stringify(options)], {
    execArgv: ['--max-old-space-size=8192'],
  })
  const answers = on(child, 'message', { close: ['exit'] })
  const { port, bytes, series } = await next(answers)

  async function ask(question: 'served' | 'stop'): Promise<readonly ServedScrape[]> {
    child.send(question)
    const { served } = await next(answers)
    return served as readonly ServedScrape[]
  }

  return {
    bytes: Number(bytes),
    series: Number(series),
    urlOf: ({ client, node = 'node-0', framing, encoding }) =>
      `http://127.0.0.1:${Number(port)}/${client}/${node}/${framing}/${encoding}/metrics`,
    served: () => ask('served'),
    stop: () => ask('stop'),
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function next(answers: AsyncIterator<unknown[]>): Promise<Record<string, unknown>> {
  const answer = await answers.next()
  const [message] = answer.done === true ? [] : answer.value
  if (typeof message !== 'object' || message === null) throw new Error('the exporter has ended')
  return Object.fromEntries(Object.entries(message))
}

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'
import processSettings from '../../bin/process-settings.json' with { type: 'json' }

export type ServiceFigures = {
  readonly collections: number
  readonly collectionMs: number
  readonly heapBytes: number
  readonly arrayBufferBytes: number
  readonly loopDelayMs: { readonly p99: number; readonly max: number }
}

/** The real service, with the settings that `npm start` gives its process, and an observer inside. */
export type BenchedService = AsyncDisposable & {
  readonly url: string
  readonly pid: number
  figures(question?: 'watch-loop'): Promise<ServiceFigures>
}

const root = path.join(import.meta.dirname, '../..')
/** Without types, so that the service need not load what strips them. */
const observer = stripTypeScriptTypes(readFileSync(path.join(import.meta.dirname, 'observer.ts'), 'utf8'))

export async function startBenchedService(
  environment: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<BenchedService> {
  execFileSync(process.execPath, ['scripts/build-service.js'], { cwd: root, stdio: 'inherit' })
  const observing = ['--import', `data:text/javascript,${encodeURIComponent(observer)}`]
  const options = [...processSettings.options, ...nodeOptions, ...observing]
  const child = spawn(process.execPath, [...options, 'dist/main.js'], {
    cwd: root,
    env: {
      ...processSettings.environment,
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      HOST: '127.0.0.1',
      INTENSITY_SOURCES: 'none',
      CO2_INTENSITIES: 'DE=400',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const listening = Promise.withResolvers<string>()
  if (child.stdout === null) throw new Error('the service has no output')
  createInterface({ input: child.stdout }).on('line', (line) => {
    const url = /"url":"([^"]+)".*"co2-api is up"/.exec(line)?.[1]
    if (url !== undefined) listening.resolve(url)
    else if (/"level":(?:40|50|60)/.test(line)) console.error(line)
  })
  const ended = once(child, 'exit')
  void ended.then(([code]) => listening.reject(new Error(`the service ended with ${String(code)}`)))
  return {
    url: await listening.promise,
    pid: child.pid ?? 0,
    async figures(question) {
      child.send(question ?? 'figures')
      const [figures] = await once(child, 'message')
      return figures as ServiceFigures
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

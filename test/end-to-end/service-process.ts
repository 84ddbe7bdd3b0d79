import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import { programEnvironment } from './program-environment.ts'

const root = path.join(import.meta.dirname, '../..')

export type ServiceProcess = {
  readonly url: string
  readonly process: ChildProcess
  /** All that it has logged so far, a line each. */
  readonly log: readonly string[]
  /** Sends SIGTERM and resolves with the exit code. */
  stop(): Promise<number | null>
}

/** Services that a failed test has left behind must not keep its process, or the machine, busy. */
const running = new Set<ChildProcess>()
after(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts the real service, or what `words` name, in a process of its own, on a free port, and waits until it listens. */
export async function startServiceProcess(
  environment: Readonly<Record<string, string>>,
  words: readonly string[] = ['src/main.ts'],
): Promise<ServiceProcess> {
  const settings = { PORT: '0', HOST: '127.0.0.1', INTENSITY_SOURCES: 'none', ...environment }
  const child = spawnService(settings, words)
  const log: string[] = []
  const { promise: listening, resolve, reject } = Promise.withResolvers<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.push(line)
    const url = /"url":"([^"]+)".*"co2-api is up"/.exec(line)?.[1]
    if (url !== undefined) resolve(url)
  })
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line))
  const ended = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null))
  void ended.then((code) => reject(new Error(`the service ended with ${code}:\n${log.join('\n')}`)))
  return {
    url: await listening,
    process: child,
    log,
    async stop() {
      child.kill('SIGTERM')
      return await ended
    },
  }
}

/** Runs the service until it ends by itself. */
export async function runService(
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawnService(environment, ['src/main.ts'])
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const [code]: unknown[] = await once(child, 'close')
  return { code: typeof code === 'number' ? code : null, stderr }
}

function spawnService(environment: Readonly<Record<string, string>>, words: readonly string[]) {
  const child = spawn(process.execPath, words, {
    cwd: root,
    env: { ...programEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The service could not be started, or has ended while it should run. The message is for a person. */
export class ServiceEnded extends Error {
  override name = 'ServiceEnded'
}

/** The real service as a child process. */
export type DemoService = AsyncDisposable & {
  /** Resolves once the service says that it is ready. Rejects with ServiceEnded, or with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>
  /** Aborts, with a ServiceEnded, when the service ends by itself. */
  readonly ended: AbortSignal
}

const root = path.join(import.meta.dirname, '..')
const readyWithinMilliseconds = 30_000
const pollMilliseconds = 100
const stopWithinMilliseconds = 5000
/** The end of what the service wrote: enough for the cause of its death, whatever it logged before. */
const keptOutput = 8192

/** Rejects with ServiceEnded when the port is taken: otherwise we would talk to a stranger. */
export async function requireFreePort(port: number, host: string): Promise<void> {
  const probe = createServer()
  try {
    probe.listen(port, host)
    await once(probe, 'listening')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ServiceEnded(`Port ${port} cannot be used (${reason}); set PORT to another one.`, {
      cause: error,
    })
  }
  probe.close()
  await once(probe, 'close')
}

/** Starts `src/main.ts` with these settings and nothing of ours but what a program needs to run. */
export function startService(port: number, settings: Readonly<Record<string, string>>): DemoService {
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    env: { ...inherited(), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output = (output + text).slice(-keptOutput)
    })
  }
  const ended = new AbortController()
  const end = (how: string) =>
    ended.abort(new ServiceEnded(`The service ${how}. It wrote:\n${output.trim() || '(nothing)'}`))
  child.on('error', (error) => end(`could not be started: ${error.message}`))
  child.on('close', (code, signal) =>
    end(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
  )

  return {
    ended: ended.signal,
    async ready(signal) {
      const until = performance.now() + readyWithinMilliseconds
      let answer = 'no answer'
      while (performance.now() < until) {
        signal.throwIfAborted()
        ended.signal.throwIfAborted()
        const response = await readyz(port, signal)
        if (response?.status === 200) return
        answer = response?.text ?? 'no answer'
        await sleep(pollMilliseconds, undefined, { signal })
      }
      throw new ServiceEnded(
        `The service was not ready within ${readyWithinMilliseconds / 1000} s; /readyz said: ${answer}`,
      )
    },
    [Symbol.asyncDispose]: () => stop(child),
  }
}

async function readyz(port: number, signal: AbortSignal) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal })
    return { status: response.status, text: await response.text() }
  } catch {
    // Nobody listens yet; whether it lives is watched elsewhere.
    return undefined
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  const impatient = setTimeout(() => child.kill('SIGKILL'), stopWithinMilliseconds)
  await closed
  clearTimeout(impatient)
}

/** The settings of whoever runs the demo (a database, a token) are not the demo's. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SYSTEMROOT', 'LANG', 'TZ']
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { membersOf, signalGroup } from './process-group.ts'
import { untilAborted } from './until-aborted.ts'

/** A program that we started, with everything that it starts in turn: its process group is ours to end. */
export type OwnedProcess = {
  readonly group: number
  /** The first match of what it was to say on starting. */
  readonly said: RegExpExecArray
  /** Aborts when the program has ended, whoever ended it. */
  readonly ended: AbortSignal
  /** Asks the program to end, makes the whole group end when it does not, and waits for that. */
  stop(): Promise<void>
}

const secondsToStart = 20
const secondsToEnd = 3
const longestOutput = 4000

/**
 * Starts a program in a process group of its own and waits for it to say that it is ready. It ends with this process,
 * even if that is killed, when it is one that ends once its file descriptors 3 and 4 close.
 * Throws an Error that holds the end of the program's output when it does not start.
 */
export async function startOwnedProcess(program: {
  readonly command: string
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  readonly readyWhen: RegExp
  readonly signal: AbortSignal
}): Promise<OwnedProcess> {
  const child = spawn(program.command, program.args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    env: program.environment,
  })
  const ended = new AbortController()
  const gone = Promise.withResolvers<void>()
  const group = child.pid
  const endNow = () => {
    if (group !== undefined) signalGroup(group, 'SIGKILL')
  }
  const noteEnd = (why: string) => {
    process.removeListener('exit', endNow)
    // The rest of the group has lost what it worked for.
    endNow()
    ended.abort(new Error(`${program.command} ${why}`))
    gone.resolve()
  }
  process.once('exit', endNow)
  child.once('error', (cause) => noteEnd(`cannot be started: ${cause.message}`))
  child.once('exit', (code, signal) => noteEnd(`ended (${signal ?? `exit code ${code}`})`))

  async function stop() {
    child.kill('SIGTERM')
    await Promise.race([gone.promise, delay(secondsToEnd * 1000, undefined, { ref: false })])
    endNow()
    await gone.promise
    await allEnded(group)
  }

  try {
    const said = await firstMatch(child, program.readyWhen, { stop: program.signal, ended: ended.signal })
    if (group === undefined) throw new Error(`${program.command} has no process`)
    return { group, said, ended: ended.signal, stop }
  } catch (cause) {
    if (group !== undefined) await stop()
    throw cause
  }
}

async function firstMatch(
  child: ChildProcess,
  wanted: RegExp,
  { stop, ended }: { readonly stop: AbortSignal; readonly ended: AbortSignal },
): Promise<RegExpExecArray> {
  let output = ''
  const found = Promise.withResolvers<RegExpExecArray>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    // Read for as long as it lives: a program whose output nobody takes stops.
    stream?.on('data', (text) => {
      output += String(text)
      const match = wanted.exec(output)
      if (match !== null) found.resolve(match)
      output = output.slice(-longestOutput)
    })
    stream?.on('error', () => {})
  }
  // The pipes that tell it that we are gone break when it goes first.
  for (const stream of child.stdio) stream?.on('error', () => {})
  const tooLate = AbortSignal.timeout(secondsToStart * 1000)
  try {
    return await untilAborted(found.promise, AbortSignal.any([stop, ended, tooLate]))
  } catch (cause) {
    if (stop.aborted) throw cause
    const why = ended.aborted ? String(ended.reason) : `did not start within ${secondsToStart} s`
    throw new Error(`${why}: ${output.trim().slice(-outputShown)}`, { cause })
  }
}

const outputShown = 500

/** What is left then are ended orphans, which are for the init process to ask about, when it will. */
async function allEnded(group: number | undefined): Promise<void> {
  for (let waited = 0; waited < secondsToEnd * 1000; waited += pauseMilliseconds) {
    if (group === undefined || !membersOf(group).some(({ isRunning }) => isRunning)) return
    await delay(pauseMilliseconds)
  }
}

const pauseMilliseconds = 20

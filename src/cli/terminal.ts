import type { Clock } from '../flows/clock.ts'

/** Where a command reads from and writes to: the process, or a test. */
export type Terminal = {
  /** What was asked for. */
  readonly write: (text: string) => void
  /** What is said about it: errors and progress. */
  readonly say: (text: string) => void
  /** Whether what is said is read on a screen, where a line may be written over. */
  readonly isScreen: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Aborts with Ctrl-C. */
  readonly signal: AbortSignal
}

/** How a command ends, as shells see it. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  /** The command line does not hold. */
  usage: 2,
  /** Stopped with Ctrl-C: 128 and the number of the signal. */
  stopped: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Something that a person can mend; the message is one line. Everything else that is thrown is a mistake of ours. */
export class CommandError extends Error {
  override name = 'CommandError'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = exitCodes.failure, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

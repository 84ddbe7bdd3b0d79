import { runCommandLine } from '../../src/cli/program.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { instant } from '../../src/units.ts'

export type Run = { readonly code: number; readonly written: string; readonly said: string }

/** Runs a command at noon of 2026-11-24 and gives what it wrote, what it said and how it ended. */
export async function run(words: readonly string[], about: Partial<Terminal> = {}): Promise<Run> {
  let written = ''
  let said = ''
  const terminal: Terminal = {
    write: (text) => {
      written += text
    },
    say: (text) => {
      said += text
    },
    isScreen: false,
    environment: {},
    clock: { now: () => instant(Date.parse('2026-11-24T12:00:00Z')), waitUntil: async () => {} },
    signal: new AbortController().signal,
    ...about,
  }
  const code = await runCommandLine(words, terminal, async () => {})
  return { code, written, said }
}

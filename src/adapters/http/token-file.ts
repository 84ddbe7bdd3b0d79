import { readFile } from 'node:fs/promises'
import { type ApiToken, parseTokens } from './api-tokens.ts'

/** The tokens of a file that may change while the service runs, as a mounted secret does. */
export type TokenBook = {
  readonly tokens: readonly ApiToken[]
  /** Why the file as it is now cannot be used; the tokens from before are still good then. */
  readonly problems: readonly string[]
  /** Reads the file again. */
  refresh(): Promise<void>
}

/** Reads the tokens of `path`. The problems of the first reading are for the caller to refuse. */
export async function openTokenBook(path: string): Promise<TokenBook> {
  let tokens: readonly ApiToken[] = []
  let problems: readonly string[] = []

  async function refresh(): Promise<void> {
    const where = `API_TOKENS_FILE holds ${JSON.stringify(path)}`
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      problems = [`${where}, which cannot be read: ${why}`]
      return
    }
    const reading = parseTokens(text)
    if (reading.kind === 'tokens') tokens = reading.tokens
    problems = reading.kind === 'tokens' ? [] : reading.problems.map((problem) => `${where}: ${problem}`)
  }

  await refresh()
  return {
    get tokens() {
      return tokens
    },
    get problems() {
      return problems
    },
    refresh,
  }
}

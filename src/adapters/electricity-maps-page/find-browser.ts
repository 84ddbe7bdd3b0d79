import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { SourceError } from '../../intensity/source.ts'
import { unpackNpmChromium } from './npm-chromium.ts'

/** A Chromium that can be started, and what must stand in its environment. */
export type FoundBrowser = { readonly binary: string; readonly environment: Readonly<Record<string, string>> }

const commandNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * The Chromium that CHROME_BIN names; else one in the folders of `searchPath`; else the one that the npm package
 * @sparticuz/chromium brings, where that is installed. Throws SourceError when there is none.
 */
export async function findBrowser(options: {
  readonly chromeBinary: string | undefined
  readonly searchPath: string
}): Promise<FoundBrowser> {
  const { chromeBinary, searchPath } = options
  if (chromeBinary !== undefined) {
    if (await isProgram(chromeBinary)) return { binary: chromeBinary, environment: {} }
    throw new SourceError(
      { kind: 'unreachable' },
      `CHROME_BIN (${chromeBinary}) is no program that can be run`,
    )
  }
  for (const folder of searchPath.split(delimiter).filter((folder) => folder !== '')) {
    for (const name of commandNames) {
      const binary = join(folder, name)
      if (await isProgram(binary)) return { binary, environment: {} }
    }
  }
  const unpacked = await unpackNpmChromium()
  if (unpacked !== undefined) return unpacked
  const places = `CHROME_BIN is not set, there is no ${commandNames.join(', ')} on PATH, and no @sparticuz/chromium`
  throw new SourceError({ kind: 'unreachable' }, `no Chromium was found: ${places}`)
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

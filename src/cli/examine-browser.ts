import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type FoundBrowser, findBrowser } from '../adapters/electricity-maps-page/find-browser.ts'
import type { IntensityConfig } from '../config.ts'
import { type Finding, findingsOn } from '../flows/finding.ts'
import { SourceError } from '../intensity/source.ts'
import { reasonOf } from './option-values.ts'

const secondsToSayVersion = 20

/** Whether the browser is there that a source of intensities reads a web page with, where that source is on. */
export async function examineBrowser(
  { chromeBinary, chromedriverBinary, sources }: IntensityConfig,
  searchPath: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { ok, fail } = findingsOn('browser')
  const isWanted =
    sources === undefined ? chromeBinary !== undefined : sources.includes('electricity-maps-page')
  if (!isWanted) return [ok('not needed: no web page is read')]
  let browser: FoundBrowser
  try {
    browser = await findBrowser({ chromeBinary, searchPath })
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause
    return [
      fail(
        cause.message,
        'Install Chromium (Debian: apt-get install chromium) and name it in CHROME_BIN, or take electricity-maps-page out of INTENSITY_SOURCES.',
      ),
    ]
  }
  const version = await versionOf(browser.binary, browser.environment, signal)
  if (version.kind === 'silent')
    return [
      fail(
        `${browser.binary} does not start: ${version.why}`,
        'Start it by hand with --version: a library or a right may be missing.',
      ),
    ]
  return [
    ok(`${version.text} (${browser.binary})`),
    ...(chromedriverBinary === undefined
      ? []
      : [await examineDriver(chromedriverBinary, version.text, signal)]),
  ]
}

async function examineDriver(driver: string, browser: string, signal: AbortSignal): Promise<Finding> {
  const { ok, fail } = findingsOn('driver of the browser')
  const version = await versionOf(driver, {}, signal)
  if (version.kind === 'silent')
    return fail(
      `${driver} does not start: ${version.why}`,
      'Mend CHROMEDRIVER_BIN, or leave it out: the browser is then driven without it.',
    )
  const major = (text: string) => /(\d+)\./.exec(text)?.[1]
  if (major(version.text) === major(browser)) return ok(`${version.text} (${driver})`)
  return fail(
    `${version.text} does not belong to ${browser}`,
    'Install both in one version, or leave CHROMEDRIVER_BIN out.',
  )
}

type Version =
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'silent'; readonly why: string }

async function versionOf(
  program: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Version> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], {
      env: { ...process.env, ...environment },
      timeout: secondsToSayVersion * 1000,
      signal,
    })
    return { kind: 'said', text: stdout.trim().split('\n')[0]?.trim() ?? '' }
  } catch (cause) {
    signal.throwIfAborted()
    return { kind: 'silent', why: reasonOf(cause) }
  }
}

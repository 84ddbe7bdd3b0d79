import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { findBrowser } from '../../src/adapters/electricity-maps-page/find-browser.ts'

/** What a page must never do. */
type Trespass = string

export type OpenPage = AsyncDisposable & {
  readonly page: Page
  /** Opens an address of the dashboard and waits until nothing is on its way. */
  go(address: string): Promise<void>
  /** Waits until nothing is on its way. */
  settled(): Promise<void>
  /** Violations that axe finds, each as a line. */
  violations(): Promise<readonly string[]>
  screenshot(name: string): Promise<void>
  /** Requests to anyone else, breaches of the content security policy, errors: all that there were. */
  readonly trespasses: readonly Trespass[]
}

const screenshots = join(import.meta.dirname, 'screenshots')

export async function launchBrowser(): Promise<Browser> {
  const { binary, environment } = await findBrowser({
    chromeBinary: process.env['CHROME_BIN'],
    searchPath: process.env['PATH'] ?? '',
  })
  mkdirSync(screenshots, { recursive: true })
  return chromium.launch({
    executablePath: binary,
    env: { ...inheritedEnvironment(), ...environment },
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
  })
}

function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** A page in a context of its own. */
export async function openPage(
  browser: Browser,
  given: {
    readonly url: string
    /** Where its clock begins; undefined for the real time. */
    readonly now: number | undefined
    readonly width?: number
    readonly height?: number
    readonly scheme?: 'light' | 'dark'
  },
): Promise<OpenPage> {
  const { url, now, width = 1440, height = 900, scheme = 'light' } = given
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  })
  const trespasses: Trespass[] = []
  await watch(context, url, trespasses)
  const page = await context.newPage()
  if (now !== undefined) await page.clock.install({ time: now })
  const underWay = page.locator(unsettled)
  const settled = async () => {
    await page.locator('main').waitFor()
    while ((await underWay.count()) > 0) await underWay.first().waitFor({ state: 'detached' })
  }
  return {
    page,
    settled,
    trespasses,
    async go(address) {
      await page.goto(new URL(address, url).href)
      await settled()
    },
    async violations() {
      await page.evaluate(axe.source)
      return page.evaluate(runAxe)
    },
    async screenshot(name) {
      await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true })
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** What can be read in a part of a page, with plain spaces where units are kept on the line of their figures. */
export async function plainText(part: Locator): Promise<string> {
  return (await part.innerText()).replaceAll('\u00A0', ' ')
}

async function watch(context: BrowserContext, url: string, trespasses: Trespass[]): Promise<void> {
  const { origin } = new URL(url)
  await context.route('**/*', async (route) => {
    if (new URL(route.request().url()).origin === origin) return route.continue()
    trespasses.push(`a request to ${route.request().url()}`)
    return route.abort()
  })
  context.on('weberror', (error) => trespasses.push(`an error: ${error.error().message}`))
  context.on('console', (message) => {
    if (/content security policy/i.test(message.text())) trespasses.push(message.text())
  })
}

/** What is on its way, and charts that are not drawn. */
const unsettled = '.waiting, .tile-waiting, [aria-busy="true"], .canvas:not(:has(canvas))'

const runAxe = `
  axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => id + ': ' + help + ' in ' + html.slice(0, 160) + ' ' + failureSummary)))
`

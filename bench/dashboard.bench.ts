/**
 * How long until the dashboard is there, and does it scroll? Run: npm run bench:dashboard [-- --containers 10000 --rounds 5]
 *
 * A real Chromium whose CPU is slowed down four times opens the overview, with an empty cache: first paint, the moment at
 * which the headline figure stands, and the moment at which every chart is drawn, each the median of all rounds; beside
 * them the first paint of a page of one word, which is what this browser on this machine needs by itself. Then, at
 * full speed and at a quarter of it, the explorer's table of many containers is scrolled from its beginning for two
 * seconds, and the times between the frames are taken. The figures are made up, so that the service costs nothing.
 * Exits with 1 when the first paint takes longer than its bound.
 */
import { parseArgs } from 'node:util'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { buildPage } from '../test/dashboard/built-page.ts'
import { startFakeService } from '../test/dashboard/fake-service.ts'
import { launchBrowser } from '../test/dashboard/page-browser.ts'
import { median } from './median.ts'

const { values: options } = parseArgs({
  options: { containers: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '5' } },
})
const containers = Number(options.containers)
const rounds = Number(options.rounds)
const mostFirstPaintMs = 1000
const slowDown = 4
const viewport = { width: 1440, height: 900 }

const day = 86_400_000
const usual = { now: () => Date.now(), measuredSince: Date.now() - 2 * day }

using built = buildPage()
await using service = await startFakeService(usual, built.folder)
const browser = await launchBrowser()
try {
  await opening(browser)
  const openings: Opening[] = []
  const plain: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    openings.push(await opening(browser))
    plain.push(await firstPaintOf(browser, `${service.url}/assets/none`))
  }
  const of = (part: keyof Opening) => median(openings.map((each) => each[part]))
  console.log(`first paint at a ${slowDown} times slower CPU: ${of('firstPaint').toFixed(0)} ms`)
  console.log(`  of a page of one line: ${median(plain).toFixed(0)} ms`)
  console.log(`the headline figure: ${of('headline').toFixed(0)} ms`)
  console.log(`every chart: ${of('charts').toFixed(0)} ms`)

  service.state = { ...usual, containers }
  const page = await browser.newPage({ viewport })
  const session = await page.context().newCDPSession(page)
  await page.goto(`${service.url}/?view=explorer&range=1h&by=container`)
  await page.locator('.groups tbody tr').nth(20).waitFor({ timeout: 120_000 })
  await page.locator('.explorer-chart canvas').waitFor({ timeout: 120_000 })
  for (const rate of [1, slowDown]) {
    const frames = await scrolled(page, session, rate)
    const sorted = frames.toSorted((left, right) => left - right)
    const late = frames.filter((ms) => ms > 34).length
    console.log(
      `${containers} containers scrolled at CPU / ${rate}: ${frames.length} frames, median ${at(sorted, 0.5)} ms, 95 % within ${at(sorted, 0.95)} ms, longest ${at(sorted, 1)} ms, ${late} of more than 34 ms; ${await page.locator('.groups tbody tr').count()} rows drawn`,
    )
  }
  const isWithin = of('firstPaint') <= mostFirstPaintMs
  console.log(`${isWithin ? 'within' : 'NOT within'} the bound: first paint in ${mostFirstPaintMs} ms`)
  if (!isWithin) process.exitCode = 1
} finally {
  await browser.close()
}

type Opening = { readonly firstPaint: number; readonly headline: number; readonly charts: number }

/** One opening with an empty cache, in milliseconds since it was begun. */
async function opening(browser: Browser): Promise<Opening> {
  const page = await slowPage(browser)
  await page.goto(`${service.url}/`, { waitUntil: 'commit' })
  await page.locator('.tile-now .digits').waitFor()
  const headline = await sinceNavigation(page)
  await page.locator('.power canvas').nth(1).waitFor()
  const charts = await sinceNavigation(page)
  const firstPaint = Number(
    await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`),
  )
  await page.context().close()
  return { firstPaint, headline, charts }
}

/** A page with an empty cache, on a CPU that is slowed down. */
async function slowPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowDown })
  return page
}

async function firstPaintOf(browser: Browser, url: string): Promise<number> {
  const page = await slowPage(browser)
  await page.goto(url)
  const painted = Number(
    await page.evaluate(`new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime))
      .observe({ type: 'paint', buffered: true }))`),
  )
  await page.context().close()
  return painted
}

async function sinceNavigation(page: Page): Promise<number> {
  return Number(await page.evaluate('performance.now()'))
}

/** The times between frames while the table moves by 60 rows a second. */
async function scrolled(page: Page, session: CDPSession, rate: number): Promise<readonly number[]> {
  await session.send('Emulation.setCPUThrottlingRate', { rate })
  const frames: unknown = await page.evaluate(`new Promise((resolve) => {
    const table = document.querySelector('.groups .table-scroller')
    table.scrollTop = 0
    const frames = []
    let last
    const begun = performance.now()
    const step = (time) => {
      if (last !== undefined) frames.push(time - last)
      last = time
      table.scrollTop = (time - begun) * 2.4
      if (time - begun < 2000) requestAnimationFrame(step)
      else resolve(frames)
    }
    requestAnimationFrame(step)
  })`)
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  return Array.isArray(frames) ? frames.map(Number) : []
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1)
}

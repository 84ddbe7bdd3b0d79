/**
 * What does it cost to read 30 zone pages of Electricity Maps? Run: npm run bench:web-page [-- --zones 30 --tabs 4]
 *
 * One pass of the web-page source, with one browser, against the predecessor's way: a browser for each zone, one after
 * another, with the flags it used, driven by Selenium and Chromedriver where the machine has one, and by Playwright
 * where it has not. Both read the same local stand-in for the site with the same Chromium. CPU is user and system time,
 * of everything that was started and, apart from it, of this process; memory is what all that was started holds together
 * (PSS), sampled. Exits with 1 when a bound is broken; that on CPU holds where there is a Chromedriver.
 */
import { accessSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { createElectricityMapsPageSource } from '../src/adapters/electricity-maps-page/electricity-maps-page-source.ts'
import { findBrowser } from '../src/adapters/electricity-maps-page/find-browser.ts'
import { everyProcess, memoryOfProcess } from '../src/adapters/electricity-maps-page/process-group.ts'
import { instant } from '../src/units.ts'
import { startZoneSite } from '../test/fixtures/electricity-maps-page/zone-site.ts'

const { values: options } = parseArgs({
  options: { zones: { type: 'string', default: '30' }, tabs: { type: 'string', default: '4' } },
})
const allZones = 'AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI'
const zones = allZones.split(' ').slice(0, Number(options.zones))
const bounds = { wallSeconds: 60, megabytes: 600, timesCpu: 5 }
const millisecondsBetweenSamples = 100

const searchPath = process.env['PATH'] ?? ''
const chromeBinary = process.env['CHROME_BIN']
const { binary } = await findBrowser({ chromeBinary, searchPath })
const chromedriver = process.env['CHROMEDRIVER_BIN'] ?? firstFile('chromedriver')

function firstFile(name: string): string | undefined {
  const isThere = (path: string) => {
    try {
      accessSync(path)
      return true
    } catch {
      return false
    }
  }
  return searchPath
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isThere)
}

const plainFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
const valueSelector = '[data-testid="left-panel"] [data-testid="co2-square-value"] span'
await using site = await startZoneSite((zone) => ({ name: zone, intensity: 100 + zones.indexOf(zone) }))

/** `sample` is called when the zones are read and the browser still runs. */
async function readInOnePass(wanted: readonly string[], sample: () => void): Promise<void> {
  await using source = createElectricityMapsPageSource({
    rank: 1,
    now: () => instant(Date.now()),
    chromeBinary,
    chromedriverBinary: undefined,
    baseUrl: site.url,
    zones: wanted,
    pageTimeoutSeconds: 20,
    tabs: Number(options.tabs),
    idleSeconds: 60,
    onNotice: (notice) => console.log(notice),
  })
  for (const [zone, answer] of await source.latestOfAll(wanted, AbortSignal.timeout(300_000))) {
    if (answer.kind === 'failed') throw answer.error
    check(zone, String(answer.facts[0]?.intensity))
  }
  sample()
}

async function readWithSelenium(zone: string, driverBinary: string, sample: () => void): Promise<void> {
  const { Builder, By, until } = await import('selenium-webdriver')
  const chrome = await import('selenium-webdriver/chrome.js')
  const flags = new chrome.Options()
  flags.setChromeBinaryPath(binary)
  flags.addArguments(...plainFlags)
  const service = new chrome.ServiceBuilder(driverBinary)
  const driver = await new Builder()
    .forBrowser('chrome')
    .setChromeOptions(flags)
    .setChromeService(service)
    .build()
  try {
    await driver.get(new URL(`zone/${zone}`, site.url).href)
    const value = await driver.wait(until.elementLocated(By.css(valueSelector)), 20_000)
    check(zone, await value.getText())
    sample()
  } finally {
    await driver.quit()
  }
}

async function readWithPlaywright(zone: string, sample: () => void): Promise<void> {
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({ executablePath: binary, args: plainFlags })
  try {
    const page = await browser.newPage()
    await page.goto(new URL(`zone/${zone}`, site.url).href)
    check(zone, (await page.locator(valueSelector).first().textContent()) ?? '')
    sample()
  } finally {
    await browser.close()
  }
}

const readAlone = (zone: string, sample: () => void) =>
  chromedriver === undefined ? readWithPlaywright(zone, sample) : readWithSelenium(zone, chromedriver, sample)

function check(zone: string, value: string): void {
  if (value !== String(100 + zones.indexOf(zone))) throw new Error(`${zone} has ${value}`)
}

type Cost = {
  readonly wallSeconds: number
  readonly startedCpuSeconds: number
  readonly ownCpuSeconds: number
  readonly peakMegabytes: number
}

/** Everything that this process has started, and what that has started in turn. */
function descendants() {
  const all = everyProcess()
  const ours = new Set([process.pid])
  for (let before = 0; before < ours.size; ) {
    before = ours.size
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid)
  }
  return all.filter(({ pid }) => pid !== process.pid && ours.has(pid))
}

async function costOf(work: (sample: () => void) => Promise<void>): Promise<Cost> {
  const cpuByProcess = new Map<number, number>()
  let peakBytes = 0
  // What the sampling itself costs is no part of the figures.
  let samplingMicroseconds = 0
  const sample = () => {
    const before = process.cpuUsage()
    const found = descendants()
    for (const { pid, cpuSeconds } of found) cpuByProcess.set(pid, cpuSeconds)
    const bytes = found.reduce((sum, { pid }) => sum + memoryOfProcess(pid), 0)
    peakBytes = Math.max(peakBytes, bytes)
    const { user, system } = process.cpuUsage(before)
    samplingMicroseconds += user + system
  }
  const timer = setInterval(sample, millisecondsBetweenSamples)
  const start = performance.now()
  const startCpu = process.cpuUsage()
  await work(sample)
  const { user, system } = process.cpuUsage(startCpu)
  const wallSeconds = (performance.now() - start) / 1000
  clearInterval(timer)
  return {
    wallSeconds,
    startedCpuSeconds: [...cpuByProcess.values()].reduce((sum, seconds) => sum + seconds, 0),
    ownCpuSeconds: (user + system - samplingMicroseconds) / 1e6,
    peakMegabytes: peakBytes / 1e6,
  }
}

// What a first browser leaves in the page cache, all others find there; and the code of both ways is loaded once.
await readInOnePass(zones.slice(0, 1), () => {})
await readAlone(zones[0] ?? '', () => {})

const onePass = await costOf((sample) => readInOnePass(zones, sample))
const browserEach = await costOf(async (sample) => {
  for (const zone of zones) await readAlone(zone, sample)
})

const widths = [46, 9, 13, 9, 9]
const row = (cells: readonly string[]) =>
  cells
    .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
    .join(' | ')
const costs = (name: string, { wallSeconds, startedCpuSeconds, ownCpuSeconds, peakMegabytes }: Cost) =>
  row([
    name,
    `${wallSeconds.toFixed(2)} s`,
    `${startedCpuSeconds.toFixed(2)} s`,
    `${ownCpuSeconds.toFixed(2)} s`,
    `${peakMegabytes.toFixed(0)} MB`,
  ])
const driver = chromedriver === undefined ? 'Playwright' : 'Selenium'
console.log(`${binary}, ${zones.length} zones`)
console.log(row(['', 'wall', 'browsers CPU', 'own CPU', 'peak']))
console.log(costs(`one browser, ${options.tabs} tabs`, onePass))
console.log(costs(`a browser for each zone in turn, by ${driver}`, browserEach))

const cpuOf = (cost: Cost) => cost.startedCpuSeconds + cost.ownCpuSeconds
const timesCpu = cpuOf(browserEach) / cpuOf(onePass)
const timesBrowsersCpu = browserEach.startedCpuSeconds / onePass.startedCpuSeconds
console.log(
  `CPU: one browser needs ${timesCpu.toFixed(1)} times less; the browsers by themselves ${timesBrowsersCpu.toFixed(1)} times`,
)
// Another driver than Chromedriver, and a Chromium without a desktop's parts, are not what the bound is about.
const leastTimes = chromedriver === undefined ? 1 : bounds.timesCpu
const isWithin =
  onePass.wallSeconds <= bounds.wallSeconds &&
  onePass.peakMegabytes <= bounds.megabytes &&
  timesCpu >= leastTimes
const cpuBound =
  chromedriver === undefined
    ? `no bound on CPU: the predecessor's way needs Chromedriver (CHROMEDRIVER_BIN)`
    : `${leastTimes} times less CPU`
const verdict = isWithin ? 'within' : 'NOT within'
console.log(`${verdict} the bounds: ${bounds.wallSeconds} s, ${bounds.megabytes} MB, ${cpuBound}`)
if (!isWithin) process.exitCode = 1

import type { IntensityFact } from '../../intensity/fact.ts'
import { type AboutSource, type IntensitySource, SourceError } from '../../intensity/source.ts'
import { type Instant, type Interval, instant } from '../../units.ts'
import { startBrowser } from './browser-process.ts'
import { TabLostError } from './browser-tabs.ts'
import { findBrowser } from './find-browser.ts'
import { connectPlaywright } from './playwright-tabs.ts'
import { memoryOf } from './process-group.ts'
import { readZone, type ZoneFigure } from './read-zone.ts'
import { connectSelenium } from './selenium-tabs.ts'
import { createTabPool, type PooledBrowser } from './tab-pool.ts'
import { untilAborted } from './until-aborted.ts'

/** What came of one zone when many were asked about. */
export type ZoneAnswer =
  | { readonly kind: 'facts'; readonly facts: readonly IntensityFact[] }
  | { readonly kind: 'failed'; readonly error: SourceError }

export type ElectricityMapsPageSource = IntensitySource &
  AsyncDisposable & {
    /** `latest` for many zones in one pass. Rejects only with the signal's reason. */
    latestOfAll(zones: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, ZoneAnswer>>
  }

const id = 'electricity-maps-page'

const about: AboutSource = {
  name: 'Electricity Maps, web page',
  url: 'https://app.electricitymaps.com',
  licence: 'LicenseRef-Electricity-Maps-Terms',
  attribution: 'Electricity Maps, app.electricitymaps.com: exclusive property of Electricity Maps',
  signal: 'average',
  basis: 'lifecycle',
  everySeconds: 3600,
  secondsBetweenRequests: 1,
}

/** The browser is started anew well before it holds the 600 MB that it is allowed. */
const maxBytes = 540e6
const secondsToConnect = 20

/**
 * The figures on the zone pages of Electricity Maps: whole grams of CO2e per kWh consumed, over the life cycle, of the
 * hour that the page was read in. Read by a headless Chromium that starts when it is asked and ends when it is idle; see
 * `docs/sources/electricity-maps-page.md` for the terms and the weaknesses. It has no history.
 */
export function createElectricityMapsPageSource(options: {
  readonly rank: number
  readonly now: () => Instant
  /** CHROME_BIN; undefined to look for one. */
  readonly chromeBinary: string | undefined
  /** CHROMEDRIVER_BIN; undefined to drive the browser without one. */
  readonly chromedriverBinary: string | undefined
  readonly baseUrl?: URL
  /** Electricity Maps' codes, in capitals. */
  readonly zones: readonly string[]
  readonly pageTimeoutSeconds: number
  /** How many pages are read at the same time. */
  readonly tabs: number
  readonly idleSeconds: number
  /** Told, in a sentence, what the browser did that its owner may want to know. */
  readonly onNotice: (notice: string) => void
  /** The folders to look for a browser in; those of PATH unless given. */
  readonly searchPath?: string
  /** Less than the usual limit, in bytes. */
  readonly maxBytes?: number
}): ElectricityMapsPageSource {
  const { rank, now, zones, pageTimeoutSeconds, tabs, idleSeconds, onNotice } = options
  const base = withClosingSlash(options.baseUrl ?? new URL(about.url))
  const known = new Set(zones)
  const pool = createTabPool({
    start: (signal) => startPooledBrowser({ ...options, base, signal }),
    tabs,
    idleSeconds,
    maxBytes: options.maxBytes ?? maxBytes,
    onNotice,
  })
  if (process.pid === 1) {
    onNotice('no init process waits for the ended processes of the browser: run the container with one')
  }

  function factOf(zone: string, figure: ZoneFigure): readonly IntensityFact[] {
    if (figure.kind === 'no-value') return []
    const learnedAt = now()
    return [
      {
        zone,
        valid: hourOf(learnedAt),
        intensity: figure.intensity,
        source: id,
        method: figure.mark === null ? { kind: 'measured' } : { kind: 'estimated', detail: figure.mark },
        signal: about.signal,
        basis: about.basis,
        rank,
        learnedAt,
      },
    ]
  }

  async function latest(given: string, signal: AbortSignal): Promise<readonly IntensityFact[]> {
    signal.throwIfAborted()
    const zone = given.toUpperCase()
    if (!known.has(zone)) {
      throw new SourceError({ kind: 'unknown-zone' }, `the Electricity Maps page is not read for ${given}`)
    }
    try {
      const figure = await pool.inTab(
        (tab) => readZone(tab, { zone, base, timeoutSeconds: pageTimeoutSeconds, signal }),
        signal,
      )
      return factOf(zone, figure)
    } catch (cause) {
      signal.throwIfAborted()
      throw sourceError(zone, cause)
    }
  }

  async function answerFor(zone: string, signal: AbortSignal): Promise<ZoneAnswer> {
    try {
      return { kind: 'facts', facts: await latest(zone, signal) }
    } catch (cause) {
      if (!(cause instanceof SourceError)) throw cause
      return { kind: 'failed', error: cause }
    }
  }

  return {
    id,
    about,
    zones: () => zones,
    latest,
    async latestOfAll(wanted, signal) {
      const answers = wanted.map(async (zone) => [zone, await answerFor(zone, signal)] as const)
      return new Map(await Promise.all(answers))
    },
    async history(_zone, _during, signal) {
      signal.throwIfAborted()
      return []
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

async function startPooledBrowser(options: {
  readonly chromeBinary: string | undefined
  readonly chromedriverBinary: string | undefined
  readonly searchPath?: string
  readonly base: URL
  readonly signal: AbortSignal
}): Promise<PooledBrowser> {
  const { chromedriverBinary, base } = options
  const searchPath = options.searchPath ?? process.env['PATH'] ?? ''
  const browser = await startBrowser({
    browser: await findBrowser({ chromeBinary: options.chromeBinary, searchPath }),
    reachableHosts: reachableHosts(base),
    // Chromedriver wants a window to begin with.
    firstPage: chromedriverBinary === undefined ? 'none' : 'blank',
    signal: options.signal,
  })
  const { devTools } = browser
  const signal = AbortSignal.any([
    options.signal,
    browser.ended,
    AbortSignal.timeout(secondsToConnect * 1000),
  ])
  try {
    const connecting =
      chromedriverBinary === undefined
        ? connectPlaywright(browser)
        : connectSelenium({ devTools, chromedriverBinary, signal })
    const tabs = await untilAborted(connecting, signal)
    return {
      tabs,
      ended: browser.ended,
      memory: () => memoryOf(browser.group) + tabs.memory(),
      async stop() {
        // What drives the browser may wait for it, so it has to go whatever that does.
        await Promise.all([browser.stop(), tabs.close().catch(() => {})])
      },
    }
  } catch (cause) {
    await browser.stop()
    throw cause
  }
}

/** The host itself, and where it is a sub-domain, the site's other hosts: the page's figures come from one of them. */
function reachableHosts(base: URL): readonly string[] {
  const { hostname } = base
  const labels = hostname.split('.')
  const isName = /[a-z]$/i.test(hostname)
  return isName && labels.length > 2 ? [hostname, `*.${labels.slice(1).join('.')}`] : [hostname]
}

function sourceError(zone: string, cause: unknown): SourceError {
  if (cause instanceof SourceError) return cause
  const what =
    cause instanceof TabLostError ? 'could not be read' : 'could not be read: the browser does not start'
  const why = cause instanceof Error ? cause.message : String(cause)
  return new SourceError({ kind: 'unreachable' }, `the Electricity Maps page of ${zone} ${what}: ${why}`, {
    cause,
  })
}

function withClosingSlash(url: URL): URL {
  const closed = new URL(url)
  if (!closed.pathname.endsWith('/')) closed.pathname += '/'
  return closed
}

const millisecondsPerHour = 3_600_000

/** The hour of UTC that `at` lies in. */
function hourOf(at: Instant): Interval {
  const from = Math.floor(at / millisecondsPerHour) * millisecondsPerHour
  return { from: instant(from), to: instant(from + millisecondsPerHour) }
}

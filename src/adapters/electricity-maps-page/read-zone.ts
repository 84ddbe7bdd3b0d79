import { setTimeout as delay } from 'node:timers/promises'
import { SourceError } from '../../intensity/source.ts'
import type { GramsPerKilowattHour } from '../../units.ts'
import { PageNotLoadedError, type Tab, TabLostError } from './browser-tabs.ts'
import { untilAborted } from './until-aborted.ts'
import { shownPageExpression, shownPageFrom } from './zone-page.ts'
import { verdictOn, type ZonePageVerdict } from './zone-page-verdict.ts'

/** What the page of a zone says in the end. */
export type ZoneFigure =
  | { readonly kind: 'value'; readonly intensity: GramsPerKilowattHour; readonly mark: string | null }
  | { readonly kind: 'no-value' }

/** How often the page is looked at: soon at first, then less and less. */
const firstPauseMilliseconds = 20
const longestPauseMilliseconds = 250
const pauseGrowth = 1.5

/** How long a question mark must stand before it is believed: a page may show it before its figures are there. */
const doubtMilliseconds = 600

/**
 * Opens the page of `zone` in `tab` and waits for its figure. Throws SourceError when the page comes to nothing,
 * TabLostError when the tab is lost meanwhile, and the signal's reason when it aborts.
 */
export async function readZone(
  tab: Tab,
  request: {
    readonly zone: string
    readonly base: URL
    readonly timeoutSeconds: number
    readonly signal: AbortSignal
  },
): Promise<ZoneFigure> {
  const { zone, base, timeoutSeconds, signal } = request
  const tooLate = AbortSignal.timeout(timeoutSeconds * 1000)
  const stop = AbortSignal.any([signal, tooLate])
  const last: { verdict: ZonePageVerdict } = {
    verdict: { kind: 'unfinished', failure: { kind: 'timed-out' }, why: 'did not answer' },
  }
  try {
    await untilAborted(tab.open(new URL(`zone/${encodeURIComponent(zone)}`, base)), stop)
    return await settledFigure(tab, { zone, base, stop, last })
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof SourceError || cause instanceof TabLostError) throw cause
    if (cause instanceof PageNotLoadedError) throw failed(zone, { kind: 'unreachable' }, cause.message, cause)
    if (!tooLate.aborted) throw failed(zone, { kind: 'unreachable' }, 'could not be opened', cause)
    if (last.verdict.kind === 'question-mark') return { kind: 'no-value' }
    if (last.verdict.kind !== 'unfinished') throw cause
    throw failed(zone, last.verdict.failure, `${last.verdict.why} (waited ${timeoutSeconds} s)`, cause)
  }
}

async function settledFigure(
  tab: Tab,
  reading: {
    readonly zone: string
    readonly base: URL
    readonly stop: AbortSignal
    readonly last: { verdict: ZonePageVerdict }
  },
): Promise<ZoneFigure> {
  const { zone, base, stop, last } = reading
  let doubted = 0
  for (
    let pause = firstPauseMilliseconds;
    ;
    pause = Math.min(pause * pauseGrowth, longestPauseMilliseconds)
  ) {
    await delay(pause, undefined, { signal: stop })
    const verdict = await glance(tab, zone, base, stop)
    if (verdict !== undefined) last.verdict = verdict
    switch (verdict?.kind) {
      case 'value':
      case 'no-value':
        return verdict
      case 'refused':
        throw failed(zone, verdict.failure, verdict.why)
      case 'question-mark':
        if (doubted >= doubtMilliseconds) return { kind: 'no-value' }
        doubted += pause
        break
      case 'unfinished':
      case undefined:
        doubted = 0
        break
    }
  }
}

/** What the page means at this moment; undefined while it moves on to another address and cannot be asked. */
async function glance(
  tab: Tab,
  zone: string,
  base: URL,
  stop: AbortSignal,
): Promise<ZonePageVerdict | undefined> {
  try {
    const page = shownPageFrom(await untilAborted(tab.evaluate(shownPageExpression), stop))
    return page === undefined ? undefined : verdictOn(page, zone, base)
  } catch (cause) {
    if (stop.aborted || cause instanceof TabLostError) throw cause
    return undefined
  }
}

function failed(zone: string, failure: SourceError['failure'], why: string, cause?: unknown): SourceError {
  const message = `the Electricity Maps page of ${zone} ${why}`
  return new SourceError(failure, message, cause === undefined ? undefined : { cause })
}

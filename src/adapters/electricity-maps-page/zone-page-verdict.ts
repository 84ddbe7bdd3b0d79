import { whyImplausible } from '../../intensity/fact.ts'
import type { SourceFailure } from '../../intensity/source.ts'
import { type GramsPerKilowattHour, gramsPerKilowattHour } from '../../units.ts'
import type { ShownPage } from './zone-page.ts'

/** What a page that a browser shows means for the zone whose page was asked for. */
export type ZonePageVerdict =
  | { readonly kind: 'value'; readonly intensity: GramsPerKilowattHour; readonly mark: string | null }
  /** The page says that it has no figure. */
  | { readonly kind: 'no-value' }
  /** `?`: no figure, or zero, or not yet. It counts as no value once it has stood for a while. */
  | { readonly kind: 'question-mark' }
  /** More may come. If nothing does, `failure` is what it comes to. */
  | { readonly kind: 'unfinished'; readonly failure: SourceFailure; readonly why: string }
  | { readonly kind: 'refused'; readonly failure: SourceFailure; readonly why: string }

const unexpected: SourceFailure = { kind: 'unexpected-answer' }

/** `zone` is a canonical code, in capitals. `base` is the address that zone pages stand under. */
export function verdictOn(page: ShownPage, zone: string, base: URL): ZonePageVerdict {
  return (
    refusedAddress(page.address, zone, base) ?? refusedStatus(page.status) ?? contentVerdict(page.text, zone)
  )
}

function refusedAddress(address: string, zone: string, base: URL): ZonePageVerdict | undefined {
  const url = URL.parse(address)
  if (url === null || url.protocol === 'about:') {
    return { kind: 'unfinished', failure: { kind: 'timed-out' }, why: 'did not answer' }
  }
  if (url.protocol === 'chrome-error:') {
    return { kind: 'refused', failure: { kind: 'unreachable' }, why: 'could not be loaded' }
  }
  const path = (/^#(\/(?:zone|map)\b.*)$/.exec(url.hash)?.[1] ?? url.pathname).slice(0, longestShown)
  const [, shownZone, , resolution] =
    /^(?:.*\/)?zone\/([^/?]+)(?:\/([^/?]+)(?:\/([^/?]+))?)?\/?$/.exec(path) ?? []
  if (url.host !== base.host || shownZone === undefined) {
    return { kind: 'refused', failure: unexpected, why: `shows ${url.host}${path}, which is no zone's page` }
  }
  if (shownZone.toUpperCase() !== zone) {
    return { kind: 'refused', failure: unexpected, why: `shows the zone ${shownZone} instead` }
  }
  if (resolution !== undefined && !/^hourly$|min/i.test(resolution)) {
    return { kind: 'refused', failure: unexpected, why: `shows ${resolution} figures instead of hourly ones` }
  }
  return undefined
}

function refusedStatus(status: number): ZonePageVerdict | undefined {
  const why = `answered with status ${status}`
  if (status === 429) {
    return { kind: 'refused', failure: { kind: 'rate-limited', retryAfterSeconds: undefined }, why }
  }
  if (status === 401 || status === 403) return { kind: 'refused', failure: { kind: 'refused' }, why }
  if (status >= 500) return { kind: 'refused', failure: { kind: 'server-error' }, why }
  if (status >= 400) return { kind: 'refused', failure: unexpected, why }
  return undefined
}

function contentVerdict(text: ShownPage['text'], zone: string): ZonePageVerdict {
  const { isLoading, hasPanel, zoneName, value, unit, message } = text
  const unfinished = (why: string): ZonePageVerdict => ({
    kind: 'unfinished',
    failure: isLoading ? { kind: 'timed-out' } : unexpected,
    why: isLoading ? `did not finish: it ${why}` : `${why}; has it been changed?`,
  })
  if (!hasPanel) return unfinished('shows no zone panel')
  if (zoneName === null) return unfinished('names no zone')
  const otherZone = whyAnotherZone(zoneName, zone)
  if (otherZone !== undefined) return { kind: 'refused', failure: unexpected, why: otherZone }

  if (value === null) {
    if (message === null) return unfinished('shows no value')
    if (/server error/i.test(message)) {
      return { kind: 'refused', failure: { kind: 'server-error' }, why: 'says that its server failed' }
    }
    return { kind: 'no-value' }
  }
  if (value === '?') return { kind: 'question-mark' }
  return figureVerdict(value, unit, text.mark)
}

function figureVerdict(value: string, unit: string | null, mark: string | null): ZonePageVerdict {
  const refused = (why: string): ZonePageVerdict => ({ kind: 'refused', failure: unexpected, why })
  const shown = JSON.stringify(value.slice(0, longestShown))
  if (!/^\d+$/.test(value)) return refused(`shows ${shown}, which is no whole number`)
  if (unit !== 'g')
    return refused(`shows its value in ${JSON.stringify(unit?.slice(0, longestShown))}, not in g`)
  const intensity = Number(value)
  // No electricity has life-cycle emissions below half a gram: wind, the least, has about 11 g/kWh (IPCC AR5).
  const why = intensity === 0 ? 'is zero over a life cycle' : whyImplausible(intensity)
  if (why !== undefined) return refused(`shows ${shown}, which ${why}`)
  return { kind: 'value', intensity: gramsPerKilowattHour(intensity), mark }
}

const longestShown = 60
const zoneCode = /^[A-Z]{2}(?:-[A-Z0-9]+)*$/

/**
 * Why the name on the page is another zone's. The address is what tells zones apart; names are written in ways that we
 * do not know, so only a code, or another country's name, contradicts it.
 */
function whyAnotherZone(name: string, zone: string): string | undefined {
  const isOurs = zoneCode.test(name)
    ? name === zone
    : name === englishNames.of(zone.slice(0, 2)) || !isCountryName(name)
  return isOurs ? undefined : `names the zone ${name.slice(0, longestShown)} instead`
}

const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
const englishNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

function isCountryName(name: string): boolean {
  return letters.some((first) => letters.some((second) => englishNames.of(first + second) === name))
}

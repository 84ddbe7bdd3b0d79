/** The little of the DOM that is read. A browser's own `Document` and `Element` have it. */
export type PageElement = {
  readonly id: string
  readonly textContent: string | null
  readonly parentElement: PageElement | null
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
}

export type PageDocument = {
  readonly readyState: string
  querySelector(selector: string): PageElement | null
}

/** What stands on a zone's page, word for word; null for what does not. */
export type ZonePageText = {
  /** The page is still being loaded, or shows that it waits for its figures. */
  readonly isLoading: boolean
  readonly hasPanel: boolean
  readonly zoneName: string | null
  readonly value: string | null
  readonly unit: string | null
  /** What marks the value as an estimate. */
  readonly mark: string | null
  /** What stands in the place of a value that there is none of. */
  readonly message: string | null
}

/**
 * Reads the page of a zone. It runs inside the browser, from its own source text: it may use nothing but its argument.
 *
 * The structure is that of the last front end whose source was public (electricitymaps-contrib, January 2026). Map
 * tooltips show the same square for other zones, hence the panel; the unit is a second span like the value's. The charts
 * further down have estimate marks of their own, which say nothing about this hour, hence the card.
 */
export function readZonePage(page: PageDocument): ZonePageText {
  const textOf = (element: PageElement | null | undefined) =>
    element?.textContent?.replaceAll(/\s+/g, ' ').trim() || null
  const panel = page.querySelector('[data-testid="left-panel"]')
  const square = panel?.querySelector('[data-testid="co2-square-value"]')
  const [value, unit] = square === null || square === undefined ? [] : [...square.querySelectorAll('span')]

  let card = square
  for (
    let outer = square?.parentElement;
    outer &&
    outer !== panel &&
    outer.id !== 'panel-scroller' &&
    !outer.querySelector('[data-testid$="-graph"]');
    outer = outer.parentElement
  ) {
    card = outer
  }
  const pillWords = /^(preliminary|synthetic|estimated|imprecise|\d+ ?% estimated)$/i
  const pill = card && [...card.querySelectorAll('*')].map(textOf).find((text) => pillWords.test(text ?? ''))
  const cardTitle = textOf(card?.querySelector('[data-testid="title"]'))
  const cardText = textOf(card?.querySelector('[data-testid="body-text"]'))

  const apology = /data is temporarily unavailable/i.exec(panel?.textContent ?? '')
  return {
    isLoading: page.readyState === 'loading' || (panel?.querySelector('[role="status"]') ?? null) !== null,
    hasPanel: panel !== null,
    zoneName: textOf(panel?.querySelector('[data-testid="zone-name"]')),
    value: textOf(value),
    unit: textOf(unit),
    mark: pill ?? cardTitle ?? cardText,
    message: textOf(panel?.querySelector('[data-testid="no-parser-message"]')) ?? apology?.[0] ?? null,
  }
}

/** What a browser says about the page it shows. */
export type ShownPage = {
  /** The address in the address bar: `about:blank` before anything, `chrome-error:` when nothing came. */
  readonly address: string
  /** The HTTP status of the document; 0 where it is not known. */
  readonly status: number
  readonly text: ZonePageText
}

/** The expression that a browser evaluates to a ShownPage. */
export const shownPageExpression = `({
  address: location.href,
  status: performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0,
  text: (${readZonePage.toString()})(document),
})`

/** What a browser evaluated to, checked; undefined if it is no ShownPage. */
export function shownPageFrom(evaluated: unknown): ShownPage | undefined {
  if (!isRecord(evaluated) || !isRecord(evaluated['text'])) return undefined
  const { address, status, text } = evaluated
  if (typeof address !== 'string' || typeof status !== 'number') return undefined
  return {
    address,
    status,
    text: {
      isLoading: text['isLoading'] === true,
      hasPanel: text['hasPanel'] === true,
      zoneName: stringOrNull(text['zoneName']),
      value: stringOrNull(text['value']),
      unit: stringOrNull(text['unit']),
      mark: stringOrNull(text['mark']),
      message: stringOrNull(text['message']),
    },
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

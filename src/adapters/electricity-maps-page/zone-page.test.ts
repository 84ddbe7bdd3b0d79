import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type BrowserProcess, startBrowser } from './browser-process.ts'
import type { BrowserTabs, Tab } from './browser-tabs.ts'
import { findBrowser } from './find-browser.ts'
import { connectPlaywright } from './playwright-tabs.ts'
import { readZonePage, shownPageFrom, type ZonePageText } from './zone-page.ts'

const square = (value: string) =>
  `<p data-testid="co2-square-value"><span>${value}</span><span class="text-xs">g</span></p>`
const panel = (inner: string) =>
  `<div data-testid="left-panel"><h1 data-testid="zone-name"> Germany </h1><div id="panel-scroller">${inner}</div></div>`
const chart = (badge: string) => `<div><i>${badge}</i><svg data-testid="details-carbon-graph"></svg></div>`

const nothing: ZonePageText = {
  isLoading: false,
  hasPanel: false,
  zoneName: null,
  value: null,
  unit: null,
  mark: null,
  message: null,
}
const germany = { ...nothing, hasPanel: true, zoneName: 'Germany' }
const withValue = { ...germany, value: '342', unit: 'g' }

describe('the reader of a zone page, in a browser', () => {
  let browser: BrowserProcess
  let tabs: BrowserTabs
  let tab: Tab

  before(async () => {
    const { signal } = new AbortController()
    const found = await findBrowser({
      chromeBinary: process.env['CHROME_BIN'],
      searchPath: process.env['PATH'] ?? '',
    })
    browser = await startBrowser({ browser: found, reachableHosts: [], firstPage: 'none', signal })
    tabs = await connectPlaywright(browser)
    tab = await tabs.newTab()
  })
  after(async () => {
    await browser.stop()
    await tabs.close()
  })

  const reading = (html: string) =>
    tab.evaluate(
      `(${readZonePage.toString()})(new DOMParser().parseFromString(${JSON.stringify(html)}, 'text/html'))`,
    )

  it('finds the value and its unit in the square of the panel', async () => {
    assert.deepEqual(await reading(panel(square('342'))), withValue)
    assert.deepEqual(await reading(panel(square('?'))), { ...withValue, value: '?' })
  })

  it('leaves the squares of map tooltips alone', async () => {
    assert.deepEqual(await reading(square('999') + panel(square('342')) + square('998')), withValue)
    assert.deepEqual(await reading(square('999') + panel('')), germany)
    assert.deepEqual(await reading(square('999')), nothing)
  })

  it('finds what marks the value as an estimate: the pill, else the title of the card, else its text', async () => {
    const card = (inner: string) => panel(`<div><div>${inner}</div>${square('342')}</div>`)
    const title = '<h3 data-testid="title">Data is preliminary</h3>'
    const text = '<div data-testid="body-text">The data for this hour has\n not yet been reported.</div>'
    const marks = [
      [card(`<b>Synthetic</b>${title}${text}`), 'Synthetic'],
      [card('<span><svg></svg>25% estimated</span>'), '25% estimated'],
      [card(title + text), 'Data is preliminary'],
      [card(text), 'The data for this hour has not yet been reported.'],
    ] as const
    for (const [html, mark] of marks) assert.deepEqual(await reading(html), { ...withValue, mark })
  })

  it('leaves the estimate marks of the charts below alone', async () => {
    assert.deepEqual(await reading(panel(`<div>${square('342')}</div>${chart('Preliminary')}`)), withValue)
  })

  it('finds what stands in the place of a value', async () => {
    const message = '🤖 Unknown server error 🤖'
    assert.deepEqual(await reading(panel(`<div data-testid="no-parser-message">${message}</div>`)), {
      ...germany,
      message,
    })
    const apology = 'Data is temporarily unavailable'
    assert.deepEqual(await reading(panel(`<p>${apology} for the selected time</p>`)), {
      ...germany,
      message: apology,
    })
  })

  it('sees that a page still waits for its figures', async () => {
    assert.deepEqual(await reading(panel('<div role="status">loading</div>')), {
      ...germany,
      isLoading: true,
    })
  })
})

describe('what a browser says that it shows', () => {
  it('is taken only in the shape that was asked for', () => {
    const page = { address: 'about:blank', status: 0, text: nothing }
    assert.deepEqual(shownPageFrom(page), page)
    for (const other of [null, 3, {}, { ...page, address: 1 }, { ...page, text: null }]) {
      assert.equal(shownPageFrom(other), undefined)
    }
  })
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { createDemoScenario } from '../../simulator/scenario.ts'
import { startKeplerSimulator } from '../../simulator/server.ts'
import { type ServiceProcess, startServiceProcess } from '../end-to-end/service-process.ts'
import { buildServedPage } from './built-page.ts'
import { launchBrowser, openPage, plainText } from './page-browser.ts'

/** The dashboard over the real service, which reads two simulated nodes: what it expects of the API is what there is. */
describe('the dashboard over the real service', () => {
  const resources = new AsyncDisposableStack()
  let service: ServiceProcess
  let browser: Browser

  before(async () => {
    buildServedPage()
    const scenario = createDemoScenario(1)
    const begun = performance.now()
    const beforeScrape = () => scenario.tick((performance.now() - begun) / 1000)
    const urls: string[] = []
    for (const { node, dialect } of scenario.nodes) {
      urls.push(resources.use(await startKeplerSimulator({ node, dialect, beforeScrape })).url)
    }
    service = await startServiceProcess({
      EXPORTER_URL: urls.join(','),
      SAMPLE_INTERVAL: '1',
      COUNTRIES: 'DE,FR',
      CO2_INTENSITIES: 'DE=312,FR=45',
    })
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await service.stop()
    await resources.disposeAsync()
  })

  it('shows every view of its figures, refuses none of its answers, and asks nobody else', async () => {
    await using opened = await openPage(browser, { url: service.url, now: undefined })
    const { page } = opened
    await opened.go('/?range=15m&zone=DE&zone=FR&zone=PL')
    // The first figures come with the second scrape.
    await page.getByText('at the last scrape').waitFor()
    const headline = await plainText(page.locator('.headline'))
    assert.match(
      headline,
      /Emitting now\s+[\d.]+ g\/h\s+[\d.]+ W × 312 g\/kWh in Germany\s+at the last scrape · intensity set by the operator/,
    )
    assert.match(headline, /2 of 2 targets answer/)
    await page
      .locator('.ranking')
      .getByRole('link', { name: 'shop', exact: true })
      .waitFor({ timeout: 40_000 })
    for (const view of ['overview', 'explorer', 'comparison', 'intensity', 'quality']) {
      await opened.go(`/?view=${view}&range=15m&zone=DE&zone=FR&zone=PL`)
      assert.equal(
        await page.locator('.failed, .unrefreshed .icon').count(),
        0,
        await page.locator('main').innerText(),
      )
      assert.deepEqual(await opened.violations(), [], view)
      await opened.screenshot(`real-${view}-1440-light`)
    }
    const quality = await page.locator('main').innerText()
    assert.match(quality, /The books balance/)
    assert.match(quality, /legacy Kepler/)
    assert.deepEqual(opened.trespasses, [])
  })

  it('digs down to a container, whose sum is that of the CSV beside it', async () => {
    await using opened = await openPage(browser, { url: service.url, now: undefined })
    const { page } = opened
    await opened.go('/?view=explorer&range=15m&zone=DE&namespace=shop&pod=postgres-0&by=container')
    await page.getByRole('row', { name: /postgres/ }).waitFor()
    const href = await page.getByRole('link', { name: 'CSV' }).getAttribute('href')
    const csv = await (await fetch(`${service.url}/${href}`)).text()
    const [head = '', row = ''] = csv.split('\n')
    assert.equal(row.split(',')[head.split(',').indexOf('container')], 'postgres')
    assert.ok(Number(row.split(',')[head.split(',').indexOf('co2_g')]) > 0)
  })
})

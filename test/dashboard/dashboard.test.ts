import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { buildPage } from './built-page.ts'
import { type FakeService, startFakeService } from './fake-service.ts'
import type { FakeState } from './fake-work.ts'
import { launchBrowser, type OpenPage, openPage, plainText } from './page-browser.ts'

/**
 * The dashboard in a real browser, over an API whose figures are made up: every view, every state. Pictures of them are
 * left in test/dashboard/screenshots.
 */

/** Half past two in Berlin. */
const start = Date.UTC(2026, 1, 11, 13, 30, 12)
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** The clock of the service begins when a page is opened, as the page's does, and is moved on by tests. */
let skew = 0
let begun = performance.now()
const now = () => start + performance.now() - begun + skew

const usual: FakeState = {
  now,
  measuredSince: start - 9 * day,
  outages: [{ from: start - 5.2 * hour, to: start - 4.9 * hour }],
}
const zones = 'zone=DE&zone=FR&zone=PL'

/** Every view, as a reader would have it. */
const views = [
  ['overview', `/?${zones}`],
  ['explorer', `/?view=explorer&${zones}`],
  ['comparison', `/?view=comparison&${zones}`],
  ['intensity', `/?view=intensity&${zones}`],
  ['quality', `/?view=quality&${zones}`],
] as const

let built: ReturnType<typeof buildPage>
let service: FakeService
let browser: Browser

before(async () => {
  built = buildPage()
  service = await startFakeService(usual, built.folder)
  browser = await launchBrowser()
})
after(async () => {
  await browser.close()
  await service[Symbol.asyncDispose]()
  built[Symbol.dispose]()
})

async function open(more: Partial<Parameters<typeof openPage>[1]> = {}): Promise<OpenPage> {
  begun = performance.now()
  return openPage(browser, { url: service.url, now: start, ...more })
}

/** Runs a test while the service is in a state of its own. */
async function during(state: Partial<FakeState>, run: () => Promise<void>): Promise<void> {
  const before = service.state
  service.state = { ...usual, ...state }
  try {
    await run()
  } finally {
    service.state = before
    skew = 0
  }
}

const noTrespass = (opened: OpenPage) => assert.deepEqual(opened.trespasses, [])

describe('every view of the dashboard', () => {
  for (const scheme of ['light', 'dark'] as const) {
    it(`has nothing that axe objects to on a desktop, ${scheme}, and asks nobody but its own server`, async () => {
      await using opened = await open({ scheme })
      for (const [view, address] of views) {
        await opened.go(address)
        assert.deepEqual(await opened.violations(), [], `${view} ${scheme}`)
        await opened.screenshot(`${view}-1440-${scheme}`)
      }
      noTrespass(opened)
    })

    it(`fits on a phone, ${scheme}, and axe has no objection there either`, async () => {
      await using opened = await open({ width: 390, height: 844, scheme })
      for (const [view, address] of views) {
        await opened.go(address)
        const width = Number(await opened.page.evaluate('document.scrollingElement.scrollWidth'))
        assert.ok(width <= 390, `${view} is ${width} pixels wide`)
        assert.deepEqual(await opened.violations(), [], `${view} ${scheme}`)
        await opened.screenshot(`${view}-390-${scheme}`)
      }
      noTrespass(opened)
    })
  }

  it('fills a wall screen, the overview without scrolling', async () => {
    await using opened = await open({ width: 2560, height: 1440, scheme: 'dark' })
    await opened.go(`/?${zones}`)
    const height = Number(
      await opened.page.evaluate('document.querySelector("main").getBoundingClientRect().bottom'),
    )
    assert.ok(height <= 1440, `${height} pixels`)
    await opened.screenshot('overview-2560-dark')
  })
})

describe('the overview', () => {
  it('answers in one look: how much now and today, whether it rises, who, what elsewhere, and whether to trust it', async () => {
    await using opened = await open()
    await opened.go(`/?${zones}`)
    const { page } = opened
    const text = await plainText(page.locator('main'))
    assert.match(text, /Emitting now\s+\d+ g\/h\s+1\.\d+ kW × \d+ g\/kWh in Germany/)
    assert.match(
      text,
      /Today, since midnight\s+4\.\d+ kg\s+11\.\d kWh\s+covers 14 h 12 min of today’s 14 h 30 min/,
    )
    assert.match(text, /Last hour, against yesterday’s\s+\+\d+ %\s+rising: energy \+\d+ %, grid \+1 %/)
    assert.match(text, /These figures can be relied on\s+5 of 5 targets answer/)
    assert.match(text, /Who emits most[\s\S]*ml-training\s+\d+ g\s+\d+ %/)
    assert.match(text, /The same work elsewhere[\s\S]*France 9\d % less \(measured\)/)
    assert.match(text, /85 zones, 77 of them by an annual average/)
    assert.equal(await page.title(), 'Overview · co2-api')
  })

  it('is live: its rate moves with the events of the stream, without being asked again', async () => {
    await using opened = await open()
    await opened.go('/')
    const rate = opened.page.locator('.tile-now .tile-how')
    const first = await rate.innerText()
    assert.equal(
      await opened.page
        .locator('.live')
        .innerText()
        .then((text) => text.includes('Live')),
      true,
    )
    service.state = { ...usual, containers: 200 }
    await rate.filter({ hasNotText: first }).waitFor()
    service.state = usual
  })

  it('says what its figures rest on where that is an annual average', async () => {
    await using opened = await open()
    await opened.go('/?zone=SE')
    const text = await plainText(opened.page.locator('.headline'))
    assert.match(text, /intensity annual average 2024/)
    assert.match(text, /Rely on these figures with care/)
    assert.match(text, /carbon intensity: annual average 2024/)
    assert.match(text, /likely [\d.]+ g to [\d.]+ g/)
  })

  it('says how much of today it covers, and claims no trend, where measuring began only lately', async () => {
    await during({ measuredSince: start - 72 * minute, outages: [] }, async () => {
      await using opened = await open()
      await opened.go('/')
      const text = await plainText(opened.page.locator('.headline'))
      assert.match(text, /covers 1 h 12 min of today’s 14 h 30 min/)
      assert.match(text, /no trend yet\s+only 20 % of the time before was measured/)
      await opened.screenshot('state-young-1440-light')
    })
  })

  it('takes the first minutes for a beginning and not for a gap, and shows them large', async () => {
    await during({ measuredSince: start - 3 * minute, outages: [] }, async () => {
      await using opened = await open()
      await opened.go('/')
      const text = await plainText(opened.page.locator('main'))
      assert.match(text, /Rely on these figures with care/)
      assert.match(text, /measured for 3 min so far/)
      assert.match(text, /Emissions and power last 15 min/)
      await opened.screenshot('state-first-minutes-1440-light')
    })
  })
})

describe('a state that is not as usual', () => {
  it('empty: nothing has been measured yet, and why', async () => {
    await during({ measuredSince: start + day, targetError: 'connection refused' }, async () => {
      await using opened = await open()
      await opened.go('/')
      const text = await opened.page.locator('main').innerText()
      assert.match(text, /Nothing has been measured yet/)
      assert.match(text, /10\.0\.3\.21:28282\/metrics says: connection refused/)
      assert.match(text, /Do not rely on these figures/)
      assert.deepEqual(await opened.violations(), [])
      await opened.screenshot('state-empty-1440-light')
      await opened.go('/?view=explorer')
      assert.match(await opened.page.locator('main').innerText(), /Nothing was measured in this time/)
      await opened.screenshot('state-empty-explorer-1440-light')
    })
  })

  it('loading: the outline of what is on its way, said to who listens', async () => {
    await during({ isSilent: true }, async () => {
      await using opened = await open({ scheme: 'dark' })
      await opened.page.goto(`${service.url}/`)
      await opened.page.locator('.waiting').first().waitFor()
      assert.match(await opened.page.locator('main').innerText(), /Loading the chart of emissions and power/)
      assert.deepEqual(await opened.violations(), [])
      await opened.screenshot('state-loading-1440-dark')
    })
  })

  it('failed: what the service says, and a way to ask again', async () => {
    await during({ failsWith: 503 }, async () => {
      await using opened = await open()
      await opened.go('/?view=explorer')
      const failed = opened.page.locator('.explorer-chart [role="alert"]')
      assert.match(
        await failed.innerText(),
        /The service says: the database cannot be reached: connection refused\./,
      )
      assert.deepEqual(await opened.violations(), [])
      await opened.screenshot('state-failed-1440-light')
      service.state = usual
      await failed.getByRole('button', { name: 'Ask again' }).click()
      await opened.page.locator('.explorer-chart canvas').waitFor()
    })
  })

  it('stale: nothing new for minutes, which is said, with its cause, above the last that is known', async () => {
    await during({}, async () => {
      await using opened = await open({ scheme: 'dark' })
      await opened.go('/')
      service.state = { ...usual, measuredUntil: now(), targetError: 'the connection was refused' }
      await opened.page.locator('.live').waitFor()
      skew = 4 * minute
      await opened.page.clock.fastForward(4 * minute)
      const notice = opened.page.locator('.notice-bad')
      await notice.waitFor()
      await notice.getByText('refused').first().waitFor()
      const text = await plainText(notice)
      assert.match(
        text,
        /No new measurement since 14:3\d:\d\d, 4 min ago\. What is shown is the last that is known\./,
      )
      assert.match(text, /10\.0\.3\.2\d:28282\/metrics: the connection was refused/)
      assert.match(await opened.page.locator('.tile-now').innerText(), /Emitted at last/)
      await opened.settled()
      assert.deepEqual(await opened.violations(), [])
      await opened.screenshot('state-stale-1440-dark')
    })
  })

  it('partly failing: one target is quiet, and the figures are said to need care', async () => {
    await during({ targetError: 'status 500' }, async () => {
      await using opened = await open()
      await opened.go('/')
      assert.match(await opened.page.locator('.tile-trust').innerText(), /4 of 5 targets answer/)
      await opened.go('/?view=quality')
      const row = opened.page.getByRole('row', { name: /10\.0\.3\.24/ })
      assert.match(await plainText(row), /fails[\s\S]*status 500[\s\S]*41 in a row/)
      await opened.screenshot('state-failing-target-1440-light')
    })
  })

  it('closed: a token is asked for, kept for this tab, and shown to nobody else', async () => {
    await during({ token: 'secret-of-a-team' }, async () => {
      await using opened = await open()
      const { page } = opened
      await opened.go('/')
      assert.match(await page.locator('main').innerText(), /A token is needed/)
      assert.deepEqual(await opened.violations(), [])
      await opened.screenshot('state-token-1440-light')
      await page.getByLabel('Token').fill('wrong')
      await page.getByRole('button', { name: 'Show the figures' }).click()
      await page.getByText('This token is not accepted').waitFor()
      await page.getByLabel('Token').fill('secret-of-a-team')
      await page.getByRole('button', { name: 'Show the figures' }).click()
      await page.locator('.power canvas').first().waitFor()
      await page.locator('.live-live').waitFor()
      assert.doesNotMatch(page.url(), /secret/)
      await page.reload()
      await page.locator('.power canvas').first().waitFor()
    })
  })

  it('seen by a team alone: its figures are asked for, and what is about everybody is said to be closed', async () => {
    await during({ isOfATeam: true }, async () => {
      await using opened = await open()
      await opened.go('/')
      const text = await plainText(opened.page.locator('main'))
      assert.match(
        text,
        /Emitting now\s+\d+ g\/h\s+[\d.]+ kW × \d+ g\/kWh in Germany\s+mean of 14:2\d to 14:(2\d|30)/,
      )
      assert.match(await opened.page.locator('.live').innerText(), /Asked now and then/)
      await opened.page.clock.fastForward(minute)
      assert.equal(await opened.page.locator('.notice').count(), 0)
      await opened.go('/?view=quality')
      assert.match(
        await opened.page.locator('main').innerText(),
        /The service says: the token "team" sees shop only/,
      )
      noTrespass(opened)
    })
  })

  it('not understood: what is wrong with the address, and what is shown instead', async () => {
    await using opened = await open()
    await opened.go('/?view=map&range=soon')
    const text = await opened.page.locator('.notice-care').innerText()
    assert.match(text, /“view=map” in the address is none of overview/)
    assert.match(text, /“range=soon” in the address is no range of time/)
  })
})

describe('the explorer', () => {
  it('digs from namespace to pod to container, and back, each with an address of its own', async () => {
    await using opened = await open()
    const { page } = opened
    await opened.go('/?view=explorer')
    await page.getByRole('link', { name: 'shop', exact: true }).click()
    await opened.settled()
    assert.match(page.url(), /namespace=shop&by=pod$/)
    await page.getByRole('link', { name: 'postgres-1' }).click()
    await opened.settled()
    assert.match(page.url(), /namespace=shop&pod=postgres-1&by=container$/)
    assert.match(await page.locator('.trail').innerText(), /Everything\s+namespace shop\s+pod postgres-1/)
    assert.equal(await page.locator('.groups tbody th').innerText(), 'postgres\nshop / postgres-1')
    await opened.screenshot('explorer-container-1440-light')
    await page.goBack()
    await opened.settled()
    assert.match(page.url(), /namespace=shop&by=pod$/)
    await page.getByRole('link', { name: 'Everything' }).click()
    await opened.settled()
    assert.match(await page.locator('.table-count').innerText(), /9 namespaces/)
  })

  it('looks the same when its address is opened again: range, zones, grouping, chart, order, search', async () => {
    await using opened = await open()
    const { page } = opened
    await opened.go(`/?view=explorer&${zones}`)
    await page.getByRole('button', { name: /Range of time/ }).click()
    await page.getByRole('button', { name: 'Last 6 h' }).click()
    await page.getByRole('button', { name: 'Workloads' }).click()
    await page.getByRole('button', { name: 'Power', exact: true }).click()
    await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click()
    await page.getByLabel('Find workloads').fill('shop')
    await opened.settled()
    const seen = () =>
      page
        .locator('main')
        .innerText()
        .then((text) => text.replaceAll(/[\d.]+(?=\u00A0)/g, '#'))
    const before = await seen()
    assert.match(before, /4 of 17 workloads/)
    const url = new URL(page.url())
    assert.equal(
      url.search,
      '?view=explorer&range=6h&zone=DE&zone=FR&zone=PL&by=workload&show=power&order=name&search=shop',
    )
    await opened.go(url.search)
    assert.equal(await seen(), before)
  })

  it('shows two times of one’s own choice', async () => {
    await using opened = await open()
    const { page } = opened
    await opened.go('/?view=explorer')
    await page.getByRole('button', { name: /Range of time/ }).click()
    await page.getByLabel('From').fill('2026-02-10T08:00')
    await page.getByLabel('To', { exact: true }).fill('2026-02-10T09:30')
    assert.match(await page.locator('.ranges').innerText(), /Times of Europe\/Berlin/)
    await opened.screenshot('explorer-range-1440-light')
    await page.getByRole('button', { name: 'Show this time' }).click()
    await opened.settled()
    assert.match(page.url(), /range=2026-02-10T07:00Z\.\.2026-02-10T08:30Z/)
    assert.match(await page.locator('.opener-words').last().innerText(), /10 Feb 08:00 to 09:30/)
  })

  it('gives what it shows as CSV, by the API’s own address', async () => {
    await using opened = await open()
    await opened.go('/?view=explorer&range=6h&zone=FR&namespace=shop&by=pod')
    const href = await opened.page.getByRole('link', { name: 'CSV' }).getAttribute('href')
    assert.equal(
      href,
      'api/v1/emissions?from=now-6h&to=now&zone=FR&namespace=shop&group_by=namespace,pod&limit=10000&format=csv',
    )
    const answer = await fetch(`${service.url}/${href}`)
    assert.equal(answer.headers.get('content-type'), 'text/csv')
  })

  it('draws few of 10,000 containers, and reaches them all', async () => {
    await during({ containers: 10_000 }, async () => {
      await using opened = await open()
      const { page } = opened
      await opened.go('/?view=explorer&range=1h&by=container')
      assert.match(
        (await page.locator('.table-count').innerText()).replaceAll('\u202F', ' '),
        /^10 000 containers$/,
      )
      assert.equal(await page.locator('.groups table').getAttribute('aria-rowcount'), '10001')
      const drawn = await page.locator('.groups tbody tr:not(.spacer)').count()
      assert.ok(drawn < 60, `${drawn} rows are drawn`)
      const region = page.getByRole('region', { name: 'Table of containers' })
      await region.focus()
      await page.keyboard.press('End')
      await page.locator('tr[aria-rowindex="10001"]').waitFor()
      assert.ok((await page.locator('.groups tbody tr:not(.spacer)').count()) < 60)
      await opened.screenshot('explorer-10000-1440-light')
    })
  })
})

describe('by keyboard', () => {
  it('the figures are one key away, and each view a link', async () => {
    await using opened = await open()
    const { page } = opened
    await opened.go('/')
    await page.keyboard.press('Tab')
    assert.equal(await focused(page), 'Skip to the figures')
    await page.keyboard.press('Enter')
    assert.equal(await page.locator(':focus').getAttribute('id'), 'main')
    await page.getByRole('link', { name: 'Explorer' }).focus()
    await page.keyboard.press('Enter')
    await opened.settled()
    assert.equal(await focused(page), 'Explorer')
    assert.equal(await page.title(), 'Explorer · co2-api')
  })

  it('zones are chosen: open, type, take, and back to where one was', async () => {
    await using opened = await open()
    const { page } = opened
    await opened.go('/')
    await page.getByRole('button', { name: /Zones/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Find a zone').focus()
    await page.keyboard.type('fra')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    assert.match(page.url(), /\?zone=DE&zone=FR$/)
    assert.match(await page.locator('.zones-chosen').innerText(), /Germany\s+home\s+France/)
    // What is being asked again is paler.
    await opened.settled()
    assert.deepEqual(await opened.violations(), [])
    await opened.screenshot('zones-1440-light')
    await page.getByRole('button', { name: 'make France home' }).focus()
    await page.keyboard.press('Enter')
    assert.match(page.url(), /\?zone=FR&zone=DE$/)
    await page.keyboard.press('Escape')
    assert.match(await focused(page), /^Zones:\s+France/)
    assert.equal(await page.locator('.zones').count(), 0)
  })

  it('a chart is read point by point, in words', async () => {
    await using opened = await open()
    const { page } = opened
    await opened.go('/?view=explorer')
    const chart = page.getByRole('slider')
    await chart.focus()
    await page.keyboard.press('Home')
    const said = async () => String(await chart.getAttribute('aria-valuetext')).replaceAll('\u00A0', ' ')
    assert.match(await said(), /^10 Feb 14:\d0, mean of 10 min: ml-training [\d.]+ m?g\/h, shop [\d.]+ g\/h/)
    const first = await said()
    await page.keyboard.press('ArrowRight')
    assert.notEqual(await said(), first)
    assert.match(await page.locator('.legend-moment').innerText(), /^10 Feb 14:/)
  })

  it('a table is ordered by the buttons of its head, and says so', async () => {
    await using opened = await open()
    const { page } = opened
    await opened.go('/?view=explorer')
    const head = page.getByRole('columnheader', { name: 'Mean power' })
    await head.getByRole('button').focus()
    await page.keyboard.press('Enter')
    assert.equal(await head.getAttribute('aria-sort'), 'descending')
    await page.keyboard.press('Enter')
    assert.equal(await head.getAttribute('aria-sort'), 'ascending')
    assert.equal(await page.locator('.groups tbody th').first().innerText(), 'docs')
  })
})

describe('the other views', () => {
  it('compare in plain words, and leave open what the figures cannot tell', async () => {
    await using opened = await open()
    await opened.go('/?view=comparison&zone=DE&zone=FR')
    const text = await plainText(opened.page.locator('main'))
    assert.match(text, /In Germany this work emitted 8\.\d+ kg\./)
    assert.match(
      text,
      /In France it would have been \d+ g: 91 % less\. The 8\.\d+ kg less are what it emits in Germany in 21 h/,
    )
    assert.match(text, /United States[\s\S]*too close to call/)
    assert.match(text, /Best start by the forecast\s+Germany/)
    await opened.page.getByRole('button', { name: 'All 85' }).click()
    assert.equal(await opened.page.locator('.ranked tbody tr').count(), 85)
    assert.match(opened.page.url(), /all=true/)
  })

  it('tell for each zone whose intensity it is and how it was made', async () => {
    await using opened = await open()
    await opened.go(`/?view=intensity&${zones}`)
    const text = await plainText(opened.page.locator('main'))
    assert.match(text, /Germany\s+\d+ g\/kWh\s+measured, energy-charts/)
    for (const run of [
      'measured · energy-charts',
      'forecast · rte-eco2mix',
      'annual average 2024 · ember-annual',
    ]) {
      assert.ok(text.includes(run), run)
    }
    await opened.page.getByText('The same as a table').click()
    assert.ok((await opened.page.locator('.pieces tbody tr').count()) >= 7)
  })

  it('show that the books balance, and what is missing by its cause', async () => {
    await using opened = await open()
    await opened.go('/?view=quality')
    const text = await plainText(opened.page.locator('main'))
    assert.match(text, /The books balance\s+Counters advanced by\s+[\d.]+ MJ\s+100 %/)
    assert.match(text, /scrape missed\s+62/)
    assert.match(text, /ENTSO-E Transparency Platform[\s\S]*resting/)
  })
})

function focused(page: OpenPage['page']): Promise<string> {
  return page.locator(':focus').innerText()
}

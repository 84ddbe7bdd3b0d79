import assert from 'node:assert/strict'
import { accessSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Scene, startZoneSite } from '../../../test/fixtures/electricity-maps-page/zone-site.ts'
import { SourceError } from '../../intensity/source.ts'
import { instant } from '../../units.ts'
import {
  createElectricityMapsPageSource,
  type ElectricityMapsPageSource,
} from './electricity-maps-page-source.ts'
import { membersOf } from './process-group.ts'

const now = instant(Date.parse('2026-02-11T10:37:00Z'))
const hour = {
  from: instant(Date.parse('2026-02-11T10:00:00Z')),
  to: instant(Date.parse('2026-02-11T11:00:00Z')),
}
const never = new AbortController().signal
const otherHost = '127.0.0.2'

type Site = Awaited<ReturnType<typeof startZoneSite>>
type Options = Partial<Parameters<typeof createElectricityMapsPageSource>[0]>

const notices: string[] = []

function sourceOf(site: Site, options: Options = {}): ElectricityMapsPageSource {
  return createElectricityMapsPageSource({
    rank: 7,
    now: () => now,
    chromeBinary: process.env['CHROME_BIN'],
    chromedriverBinary: undefined,
    baseUrl: site.url,
    zones: Object.keys(scenes),
    pageTimeoutSeconds: 8,
    tabs: 4,
    idleSeconds: 60,
    onNotice: (notice) => notices.push(notice),
    ...options,
  })
}

async function figureOf(source: ElectricityMapsPageSource, zone: string): Promise<number | undefined> {
  const [fact, ...more] = await source.latest(zone, never)
  assert.deepEqual(more, [])
  return fact?.intensity
}

const failing = (kind: string, says: RegExp) => (cause: unknown) => {
  assert.ok(cause instanceof SourceError, String(cause))
  assert.equal(cause.failure.kind, kind, cause.message)
  assert.match(cause.message, says)
  return true
}

const scenes: Readonly<Record<string, Scene>> = {
  DE: { name: 'Germany', intensity: 342 },
  FR: { name: 'France', intensity: 31, mark: 'Preliminary', title: 'Data is preliminary' },
  IT: { name: 'Italy', intensity: 280, title: 'Data is estimated' },
  NO: { name: 'Norway', intensity: 0 },
  SE: { name: 'Sweden', intensity: null },
  FI: { name: 'Finland', kind: 'outage' },
  EE: { name: 'Estonia', kind: 'no-data' },
  LV: { name: 'Latvia', kind: 'server-error' },
  LT: { name: 'Lithuania', kind: 'no-square' },
  PL: { name: 'Poland', kind: 'changed', intensity: 700 },
  CZ: { name: 'Czechia', kind: 'endless' },
  SK: { kind: 'hung' },
  HU: { status: 0 },
  AT: { name: 'Germany', kind: 'other-zone', zone: 'DE', intensity: 342 },
  CH: { kind: 'map' },
  SI: { location: '/zone/HR' },
  HR: { name: 'Croatia', intensity: 210 },
  RO: { status: 503 },
  BG: { name: 'Bulgaria', intensity: 400, resolution: 'daily' },
  GR: { location: `http://${otherHost}:9999/zone/GR` },
  'DK-DK1': { name: 'West Denmark', intensity: 95 },
}

/** The whole test works in a folder for temporary files of its own: what is left in it was left behind by us. */
let folder: string
const usualFolder = process.env['TMPDIR']

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-test-'))
  process.env['TMPDIR'] = folder
})
after(async () => {
  if (usualFolder === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = usualFolder
  await rm(folder, { recursive: true, force: true })
})

/** The processes whose command line names a file in that folder; the browser itself alone, or all of its kind. */
async function browserProcesses(which: 'all' | 'main'): Promise<readonly number[]> {
  const found: number[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const isMain = !command.includes('--type=') && !command.includes('crashpad')
    if (command.includes(`${folder}/co2-api-browser-`) && (which === 'all' || isMain)) found.push(Number(pid))
  }
  return found
}

const leftFolders = async () =>
  (await readdir(folder)).filter((name) => !name.startsWith('co2-api-chromium-'))

describe('the web page of Electricity Maps, read in a browser', () => {
  let site: Site
  let source: ElectricityMapsPageSource
  before(async () => {
    site = await startZoneSite((zone) => scenes[zone] ?? {})
    source = sourceOf(site)
  })
  after(async () => {
    await source[Symbol.asyncDispose]()
    await site[Symbol.asyncDispose]()
  })

  it('gives a life-cycle average for the hour that it is read in', async () => {
    assert.deepEqual(await source.latest('DE', never), [
      {
        zone: 'DE',
        valid: hour,
        intensity: 342,
        source: 'electricity-maps-page',
        method: { kind: 'measured' },
        signal: 'average',
        basis: 'lifecycle',
        rank: 7,
        learnedAt: now,
      },
    ])
  })

  it('says that a value is an estimate, in the words of the page', async () => {
    const [preliminary] = await source.latest('FR', never)
    assert.deepEqual(preliminary?.method, { kind: 'estimated', detail: 'Preliminary' })
    const [estimated] = await source.latest('IT', never)
    assert.deepEqual(estimated?.method, { kind: 'estimated', detail: 'Data is estimated' })
  })

  it('gives nothing where the page shows a question mark, for zero as for no data', async () => {
    assert.equal(await figureOf(source, 'NO'), undefined)
    assert.equal(await figureOf(source, 'SE'), undefined)
  })

  it('gives nothing where the page says that there is no data', async () => {
    assert.equal(await figureOf(source, 'FI'), undefined)
    assert.equal(await figureOf(source, 'EE'), undefined)
  })

  it('knows a zone in any case, and parts of countries', async () => {
    assert.equal(await figureOf(source, 'de'), 342)
    assert.equal(await figureOf(source, 'dk-dk1'), 95)
  })

  it('refuses the page of another zone, wherever it was sent to it', async () => {
    await assert.rejects(
      source.latest('AT', never),
      failing('unexpected-answer', /AT (shows the zone DE|names the zone Germany) instead/),
    )
    await assert.rejects(
      source.latest('SI', never),
      failing('unexpected-answer', /SI shows the zone HR instead/),
    )
    await assert.rejects(source.latest('CH', never), failing('unexpected-answer', /no zone's page/))
  })

  it('refuses figures of whole days', async () => {
    await assert.rejects(source.latest('BG', never), failing('unexpected-answer', /daily figures/))
  })

  it('says that a server failed, or cannot be reached', async () => {
    await assert.rejects(source.latest('LV', never), failing('server-error', /its server failed/))
    await assert.rejects(source.latest('RO', never), failing('server-error', /status 503/))
    await assert.rejects(source.latest('GR', never), failing('unreachable', /ERR_NAME_NOT_RESOLVED/))
  })

  it('waits for a page no longer than it is told to, and says what is wrong with it', async () => {
    await using hasty = sourceOf(site, { pageTimeoutSeconds: 1.5, tabs: 6 })
    const failures = [
      ['LT', 'unexpected-answer', /shows no value; has it been changed/],
      ['PL', 'unexpected-answer', /shows no zone panel; has it been changed/],
      ['CZ', 'timed-out', /did not finish/],
      ['SK', 'timed-out', /SK did not/],
      ['HU', 'timed-out', /did not answer/],
    ] as const
    await Promise.all(
      failures.map(([zone, kind, says]) => assert.rejects(hasty.latest(zone, never), failing(kind, says))),
    )
    assert.equal(await figureOf(hasty, 'DE'), 342)
  })

  it('asks for no zone that it was not told of', async () => {
    await assert.rejects(source.latest('US', never), failing('unknown-zone', /US/))
    assert.ok(!site.asked.includes('/zone/US'))
  })

  it('stops when the caller does', async () => {
    const stop = new AbortController()
    const reading = source.latest('CZ', stop.signal)
    stop.abort(new Error('enough'))
    await assert.rejects(reading, /enough/)
  })

  it('has no history', async () => {
    assert.deepEqual(await source.history('DE', hour, never), [])
  })

  it('loads no images, fonts, videos, and nothing from other hosts', async () => {
    await using other = await startZoneSite(() => ({}))
    const elsewhere = [`http://localhost:${other.url.port}/tracker`]
    await using own = await startZoneSite(() => ({ ...scenes['DE'], elsewhere }))
    await using page = sourceOf(own)
    assert.equal(await figureOf(page, 'DE'), 342)
    assert.deepEqual(other.asked, [])
    // The icon of the address bar is loaded by some browsers: once, and by no page.
    const asked = own.asked.filter((path) => path !== '/favicon.ico')
    assert.deepEqual(asked, ['/zone/DE', '/figures/DE'])
  })
})

describe('one pass over many zones', () => {
  const zones =
    'AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI'.split(' ')

  it('reads them in one browser, a few at a time, each with its own value', async () => {
    let open = 0
    let mostOpen = 0
    const four = Promise.withResolvers<void>()
    await using site = await startZoneSite((zone) => ({
      name: zone,
      intensity: 100 + zones.indexOf(zone),
      beforeFigures: async () => {
        open += 1
        mostOpen = Math.max(mostOpen, open)
        if (open === 4) four.resolve()
        await four.promise
        open -= 1
      },
    }))
    await using source = sourceOf(site, { zones })
    const answers = source.latestOfAll(zones, never)
    const values = [...(await answers)].map(([zone, answer]) => {
      assert.ok(answer.kind === 'facts', zone)
      return [zone, answer.facts[0]?.intensity]
    })
    assert.deepEqual(
      values,
      zones.map((zone, at) => [zone, 100 + at]),
    )
    assert.equal((await browserProcesses('main')).length, 1)
    assert.equal(mostOpen, 4)
  })

  it('loses one crashed tab, and no other zone', async () => {
    let crashes = 0
    await using site = await startZoneSite((zone) => ({
      name: zone,
      intensity: 200,
      beforeFigures: async () => {
        if (zone !== 'ES') return
        crashes += 1
        await crashTab('/zone/ES')
      },
    }))
    await using source = sourceOf(site, { zones })
    const answers = await source.latestOfAll(['DE', 'ES', 'FR', 'PT', 'IT'], never)
    const failed = [...answers].flatMap(([zone, answer]) =>
      answer.kind === 'failed' ? [[zone, answer.error]] : [],
    )
    assert.deepEqual(
      failed.map(([zone]) => zone),
      ['ES'],
    )
    assert.ok(failing('unreachable', /ES could not be read: the tab/)(failed[0]?.[1]))
    assert.equal(crashes, 3, 'it is tried three times')
    assert.equal((await browserProcesses('main')).length, 1)
  })
})

/** Makes the renderer of the tab that shows `path` crash, as Chromium's own tests do. */
async function crashTab(path: string): Promise<void> {
  const profile = (await readdir(folder)).find((name) => name.startsWith('co2-api-browser-'))
  const active = await readFile(join(folder, profile ?? '', 'profile', 'DevToolsActivePort'), 'utf8')
  const targets: unknown = await (await fetch(`http://127.0.0.1:${active.split('\n')[0]}/json/list`)).json()
  assert.ok(Array.isArray(targets))
  const target: unknown = targets.find(({ url }) => String(url).includes(path))
  assert.ok(typeof target === 'object' && target !== null && 'webSocketDebuggerUrl' in target)
  const socket = new WebSocket(String(target.webSocketDebuggerUrl))
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
  // The page gets its figures only after the crash, or the next zone would be hit by it.
  const crashed = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => resolve(), { once: true })
    socket.addEventListener('message', ({ data }) => {
      if (String(data).includes('targetCrashed')) resolve()
    })
  })
  socket.send(JSON.stringify({ id: 1, method: 'Inspector.enable' }))
  socket.send(JSON.stringify({ id: 2, method: 'Page.crash' }))
  await crashed
}

/** What was killed is gone a moment later: the kernel takes its time on a busy machine. */
async function noBrowserProcesses(): Promise<void> {
  const patience = AbortSignal.timeout(10_000)
  while ((await browserProcesses('all')).length > 0) {
    patience.throwIfAborted()
    await delay(20)
  }
}

describe('the browser', () => {
  let site: Site
  before(async () => {
    site = await startZoneSite((zone) => scenes[zone] ?? {})
  })
  after(() => site[Symbol.asyncDispose]())

  it('is gone when the source is disposed of, with all its processes and files', async () => {
    await using source = sourceOf(site)
    assert.equal(await figureOf(source, 'DE'), 342)
    const [main] = await browserProcesses('main')
    const inGroup = () => membersOf(main ?? 0).filter(({ isRunning }) => isRunning)
    assert.ok(inGroup().length > 2)
    assert.equal((await leftFolders()).length, 1)
    await source[Symbol.asyncDispose]()
    assert.deepEqual(inGroup(), [])
    await noBrowserProcesses()
    assert.deepEqual(await leftFolders(), [])
    await assert.rejects(source.latest('DE', never), failing('unreachable', /no longer needed/))
  })

  it('is not started before it is needed', async () => {
    await using source = sourceOf(site)
    assert.deepEqual(source.zones(), Object.keys(scenes))
    assert.deepEqual(await leftFolders(), [])
  })

  it('is replaced when it is killed in the middle of a page, and leaves nothing behind', async () => {
    let kills = 0
    const killing = await startZoneSite(() => ({
      ...scenes['DE'],
      beforeFigures: async () => {
        kills += 1
        if (kills > 1) return
        for (const pid of await browserProcesses('main')) process.kill(pid, 'SIGKILL')
      },
    }))
    await using source = sourceOf(killing)
    assert.equal(await figureOf(source, 'DE'), 342)
    assert.equal(kills, 2)
    for (const pid of await browserProcesses('main')) process.kill(pid, 'SIGKILL')
    await source[Symbol.asyncDispose]()
    await killing[Symbol.asyncDispose]()
    await noBrowserProcesses()
    assert.deepEqual(await leftFolders(), [])
  })

  it('is ended when it is idle, and started again when it is needed', async () => {
    await using source = sourceOf(site, { idleSeconds: 0 })
    assert.equal(await figureOf(source, 'DE'), 342)
    const [first] = await browserProcesses('main')
    assert.equal(await figureOf(source, 'DE'), 342)
    const [second] = await browserProcesses('main')
    assert.ok(first === undefined || first !== second)
  })

  it('is started anew with fewer tabs when it holds too much memory, and says so', async () => {
    notices.length = 0
    await using source = sourceOf(site, { maxBytes: 1e6, pageTimeoutSeconds: 3 })
    await assert.rejects(source.latest('CZ', never), failing('unreachable', /held \d+ MB, more than 1 MB/))
    assert.equal(notices.length, 3)
    assert.match(notices[0] ?? '', /held \d+ MB, more than 1 MB: it is started anew, with at most 2 tabs/)
    assert.match(notices[1] ?? '', /with at most 1 tab$/)
  })

  it('comes from npm where the machine has none', async () => {
    await using source = sourceOf(site, { chromeBinary: undefined, searchPath: '' })
    assert.equal(await figureOf(source, 'DE'), 342)
    // The map's input field needs a font, which a bare machine has none of.
    await assert.rejects(source.latest('CH', never), failing('unexpected-answer', /no zone's page/))
    const [main] = await browserProcesses('main')
    const command = await readFile(`/proc/${main}/cmdline`, 'utf8')
    assert.match(command, /co2-api-chromium-153\.0\.0-user-\d+\/chromium/)
  })

  it('is missing in words where CHROME_BIN names no program', async () => {
    await using source = sourceOf(site, { chromeBinary: '/nowhere/chromium' })
    await assert.rejects(
      source.latest('DE', never),
      failing('unreachable', /CHROME_BIN \(\/nowhere\/chromium\)/),
    )
    await using wrong = sourceOf(site, { chromeBinary: '/bin/false' })
    await assert.rejects(
      wrong.latest('DE', never),
      failing('unreachable', /\/bin\/false ended \(exit code 1\)/),
    )
    assert.deepEqual(await leftFolders(), [])
  })
})

describe('the same page, read through Chromedriver', () => {
  const chromedriver = process.env['CHROMEDRIVER_BIN'] ?? onPath('chromedriver')
  const chrome = process.env['CHROME_BIN'] ?? onPath('chromium') ?? onPath('google-chrome')
  const reason =
    chromedriver === undefined || chrome === undefined
      ? 'this machine has no Chromedriver (CHROMEDRIVER_BIN) with a Chromium of its version'
      : false

  it('gives the same answers, and leaves nothing behind', { skip: reason }, async () => {
    const site = await startZoneSite((zone) => scenes[zone] ?? {})
    const source = sourceOf(site, { chromeBinary: chrome, chromedriverBinary: chromedriver })
    const wanted = ['DE', 'FR', 'NO', 'FI', 'AT', 'CH', 'GR', 'DK-DK1']
    const told = await source.latestOfAll(wanted, never)
    const answers = [...told].map(([zone, answer]) => [
      zone,
      answer.kind === 'failed'
        ? answer.error.failure.kind
        : answer.facts.map(({ intensity, method }) => [Number(intensity), method.kind]),
    ])
    await source[Symbol.asyncDispose]()
    await site[Symbol.asyncDispose]()
    const expected = [
      ['DE', [[342, 'measured']]],
      ['FR', [[31, 'estimated']]],
      ['NO', []],
      ['FI', []],
      ['AT', 'unexpected-answer'],
      ['CH', 'unexpected-answer'],
      ['GR', 'unreachable'],
      ['DK-DK1', [[95, 'measured']]],
    ]
    const failures = [...told].flatMap(([zone, answer]) =>
      answer.kind === 'failed' ? [`${zone}: ${answer.error.message}`] : [],
    )
    assert.deepEqual(answers, expected, [JSON.stringify(answers), ...failures].join('\n'))
    await noBrowserProcesses()
    assert.deepEqual(await leftFolders(), [])
  })
})

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((place) => join(place, name))
    .find((path) => {
      try {
        accessSync(path)
        return true
      } catch {
        return false
      }
    })
}

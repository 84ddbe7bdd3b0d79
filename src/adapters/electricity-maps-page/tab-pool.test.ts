import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Tab, TabLostError } from './browser-tabs.ts'
import { createTabPool, type PooledBrowser } from './tab-pool.ts'

const never = new AbortController().signal

/** A pool over browsers that are kept in memory, and what became of them. */
function startPool({ tabs = 2, idleSeconds = 60, maxBytes = 600e6 } = {}) {
  const log: string[] = []
  const browsers: { readonly ending: AbortController; bytes: number }[] = []
  const notices: string[] = []
  const pool = createTabPool({
    start: async (): Promise<PooledBrowser> => {
      const browser = { ending: new AbortController(), bytes: 100e6 }
      browsers.push(browser)
      const name = `browser ${browsers.length}`
      log.push(`${name} starts`)
      return {
        ended: browser.ending.signal,
        memory: () => browser.bytes,
        stop: async () => {
          log.push(`${name} stops`)
        },
        tabs: {
          memory: () => 0,
          close: async () => {},
          newTab: async (): Promise<Tab> => {
            if (browser.ending.signal.aborted) throw new TabLostError('no browser')
            log.push('tab opens')
            return {
              open: async () => {},
              evaluate: async () => name,
              close: async () => {
                log.push('tab closes')
              },
            }
          },
        },
      }
    },
    tabs,
    idleSeconds,
    maxBytes,
    onNotice: (notice) => notices.push(notice),
  })
  return { pool, log, browsers, notices }
}

describe('a pool of tabs', () => {
  it('lends a few tabs of one browser, one after another to all who wait', async () => {
    const { pool, log } = startPool()
    let lent = 0
    const most: number[] = []
    const work = async () => {
      lent += 1
      most.push(lent)
      await new Promise(setImmediate)
      lent -= 1
    }
    await Promise.all(Array.from({ length: 9 }, () => pool.inTab(work, never)))
    await pool[Symbol.asyncDispose]()
    assert.equal(most.length, 9)
    assert.equal(Math.max(...most), 2)
    assert.equal(log.filter((event) => event === 'tab opens').length, 2)
    assert.equal(log.filter((event) => event === 'tab closes').length, 2)
    assert.deepEqual(
      log.filter((event) => event.startsWith('browser')),
      ['browser 1 starts', 'browser 1 stops'],
    )
  })

  it('does the work once more in a new tab when a tab is lost, but not for ever', async () => {
    const { pool, log } = startPool()
    let tries = 0
    const work = async () => {
      tries += 1
      if (tries === 1) throw new TabLostError('the tab crashed')
      return tries
    }
    assert.equal(await pool.inTab(work, never), 2)
    const always = () => Promise.reject(new TabLostError('the tab crashed'))
    await assert.rejects(pool.inTab(always, never), TabLostError)
    assert.equal(log.filter((event) => event === 'tab opens').length, 5)
    assert.equal(log.filter((event) => event === 'tab closes').length, 5)
    await pool[Symbol.asyncDispose]()
  })

  it('does the work once more in a new browser when the browser ends', async () => {
    const { pool, browsers, notices } = startPool()
    const work = async (tab: Tab) => {
      if (browsers.length === 1) {
        browsers[0]?.ending.abort(new Error('chromium ended (SIGTRAP)'))
        await new Promise(() => {})
      }
      return await tab.evaluate('')
    }
    assert.equal(await pool.inTab(work, never), 'browser 2')
    assert.deepEqual(notices, ['the browser ended by itself: chromium ended (SIGTRAP)'])
    await pool[Symbol.asyncDispose]()
  })

  it('hands on what the work throws, and the turn with it', async () => {
    const { pool } = startPool({ tabs: 1 })
    const failure = pool.inTab(() => Promise.reject(new Error('wrong page')), never)
    const next = pool.inTab(async () => 'read', never)
    await assert.rejects(failure, /wrong page/)
    assert.equal(await next, 'read')
    await pool[Symbol.asyncDispose]()
  })

  it('lets go of who stops waiting, and of all when it is disposed of', async () => {
    const { pool, log } = startPool({ tabs: 1 })
    const long = pool.inTab(() => new Promise(() => {}), never)
    const stop = new AbortController()
    const waiting = pool.inTab(async () => 'read', stop.signal)
    stop.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    await pool[Symbol.asyncDispose]()
    await assert.rejects(long, TabLostError)
    await assert.rejects(
      pool.inTab(async () => 'read', never),
      TabLostError,
    )
    assert.deepEqual(
      log.filter((event) => event.endsWith('starts')),
      ['browser 1 starts'],
    )
  })

  it('ends the browser once nobody has asked for a tab for a while', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { pool, log } = startPool({ idleSeconds: 30 })
    await pool.inTab(async () => 'read', never)
    t.mock.timers.tick(29_999)
    await pool.inTab(async () => 'read', never)
    t.mock.timers.tick(29_999)
    assert.ok(!log.includes('browser 1 stops'))
    t.mock.timers.tick(1)
    await new Promise(setImmediate)
    assert.ok(log.includes('browser 1 stops'))
    await pool.inTab(async () => 'read', never)
    assert.ok(log.includes('browser 2 starts'))
    await pool[Symbol.asyncDispose]()
  })

  it('leaves the browser alone while tabs go from one to the next', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { pool, log } = startPool({ tabs: 1, idleSeconds: 30 })
    // Both turns end at once: the first leaves nobody in the queue although the second has not begun.
    await Promise.all([pool.inTab(async () => 1, never), pool.inTab(async () => 2, never)])
    await pool.inTab(async () => {
      t.mock.timers.tick(60_000)
      await new Promise(setImmediate)
    }, never)
    assert.deepEqual(
      log.filter((event) => event.startsWith('browser')),
      ['browser 1 starts'],
    )
    await pool[Symbol.asyncDispose]()
  })

  it('starts the browser anew, with half the tabs, when it holds too much memory', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const { pool, browsers, notices } = startPool({ tabs: 4 })
    const work = async (tab: Tab) => {
      const [first] = browsers
      if (browsers.length === 1 && first !== undefined) {
        first.bytes = 601e6
        t.mock.timers.tick(1000)
      }
      return await tab.evaluate('')
    }
    assert.equal(await pool.inTab(work, never), 'browser 2')
    assert.deepEqual(notices, [
      'the browser held 601 MB, more than 600 MB: it is started anew, with at most 2 tabs',
    ])
    await pool[Symbol.asyncDispose]()
  })
})

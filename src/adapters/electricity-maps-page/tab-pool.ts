import { setTimeout as delay } from 'node:timers/promises'
import { type BrowserTabs, type Tab, TabLostError } from './browser-tabs.ts'
import { untilAborted } from './until-aborted.ts'

/** A browser that runs, as the pool needs it. */
export type PooledBrowser = {
  readonly tabs: BrowserTabs
  /** Aborts when the browser has ended. */
  readonly ended: AbortSignal
  /** In bytes, of everything that was started for it. */
  memory(): number
  stop(): Promise<void>
}

/** Lends out the tabs of one browser, which runs while it is needed. */
export type TabPool = AsyncDisposable & {
  /**
   * Does `work` in a tab as soon as one is free, and again in another, three times in all, when the tab or the browser
   * is lost. Rejects with TabLostError when tabs go on being lost, with what `work` or the start of the browser throws,
   * and with the signal's reason.
   */
  inTab<T>(work: (tab: Tab) => Promise<T>, signal: AbortSignal): Promise<T>
}

type Session = {
  readonly browser: PooledBrowser
  /** Aborts, with a TabLostError, when the browser is not to be used any more. */
  readonly lost: AbortController
}

const attempts = 3
const secondsBetweenLooks = 1
const secondsToCloseTab = 3

export function createTabPool(options: {
  readonly start: (signal: AbortSignal) => Promise<PooledBrowser>
  readonly tabs: number
  /** The browser is stopped when nobody has asked for a tab for so long. */
  readonly idleSeconds: number
  /** The browser is started anew, with half the tabs, when it holds more memory than this. */
  readonly maxBytes: number
  readonly onNotice: (notice: string) => void
}): TabPool {
  const { start, idleSeconds, maxBytes, onNotice } = options
  let allowedTabs = options.tabs
  let busyTabs = 0
  let session: Promise<Session> | undefined
  let idleTimer: NodeJS.Timeout | undefined
  const queue = new Set<() => void>()
  const endings = new Set<Promise<void>>()
  const disposal = new AbortController()

  async function started(): Promise<Session> {
    await Promise.all(endings)
    const browser = await start(disposal.signal)
    const opened: Session = { browser, lost: new AbortController() }
    // Neither this nor the idle timer may keep the process from ending.
    const look = setInterval(() => watch(opened), secondsBetweenLooks * 1000).unref()
    opened.lost.signal.addEventListener('abort', () => clearInterval(look), { once: true })
    browser.ended.addEventListener('abort', () => noteDeath(opened), { once: true })
    if (browser.ended.aborted) noteDeath(opened)
    return opened
  }

  function noteDeath(opened: Session): void {
    if (opened.lost.signal.aborted) return
    const reason: unknown = opened.browser.ended.reason
    const why = `the browser ended by itself: ${reason instanceof Error ? reason.message : String(reason)}`
    onNotice(why)
    end(opened, why)
  }

  function currentSession(): Promise<Session> {
    if (session === undefined) {
      const starting = started()
      session = starting
      starting.catch(() => {
        if (session === starting) session = undefined
      })
    }
    return session
  }

  function end(opened: Session, why: string): void {
    if (opened.lost.signal.aborted) return
    session = undefined
    opened.lost.abort(new TabLostError(why))
    const ending = opened.browser
      .stop()
      .catch((cause) => onNotice(`the browser could not be ended cleanly: ${String(cause)}`))
      .finally(() => endings.delete(ending))
    endings.add(ending)
  }

  function watch(opened: Session): void {
    const bytes = opened.browser.memory()
    if (bytes <= maxBytes) return
    allowedTabs = Math.max(1, Math.floor(allowedTabs / 2))
    const megabytes = (count: number) => `${Math.round(count / 1e6)} MB`
    const excess = `the browser held ${megabytes(bytes)}, more than ${megabytes(maxBytes)}`
    onNotice(
      `${excess}: it is started anew, with at most ${allowedTabs} ${allowedTabs === 1 ? 'tab' : 'tabs'}`,
    )
    end(opened, excess)
  }

  const isFull = () => busyTabs >= allowedTabs

  async function acquire(signal: AbortSignal): Promise<void> {
    while (isFull()) {
      const { promise, resolve } = Promise.withResolvers<void>()
      queue.add(resolve)
      try {
        await untilAborted(promise, signal)
      } catch (cause) {
        // The turn may have come at the same moment: it goes to the next.
        if (!queue.delete(resolve)) wakeNext()
        throw cause
      }
    }
    busyTabs += 1
    clearTimeout(idleTimer)
  }

  function wakeNext(): void {
    const [next] = queue
    if (next === undefined) return
    queue.delete(next)
    next()
  }

  function release(): void {
    busyTabs -= 1
    for (let free = allowedTabs - busyTabs; free > 0; free -= 1) wakeNext()
    if (busyTabs > 0 || queue.size > 0 || disposal.signal.aborted) return
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => void stopIdle(), idleSeconds * 1000).unref()
  }

  async function stopIdle(): Promise<void> {
    const opened = await session?.catch(() => undefined)
    if (opened !== undefined && busyTabs === 0) end(opened, 'the browser was not needed')
  }

  /** Tabs that are free while there is work, by their browser. A tab that is kept for later would go on working. */
  const freeTabs: { readonly tab: Tab; readonly of: Session }[] = []

  async function tabOf(opened: Session): Promise<Tab> {
    for (let free = freeTabs.pop(); free !== undefined; free = freeTabs.pop()) {
      if (free.of === opened) return free.tab
    }
    try {
      return await opened.browser.tabs.newTab()
    } catch (cause) {
      // A browser that gives no tab is about to end, or had better.
      end(opened, 'the browser gave no tab')
      throw cause
    }
  }

  async function tabBefore(stop: AbortSignal, opened: Session): Promise<Tab> {
    const opening = tabOf(opened)
    try {
      return await untilAborted(opening, stop)
    } catch (cause) {
      opening.then(
        (tab) => discard(tab, opened),
        () => {},
      )
      throw cause
    }
  }

  async function discard(tab: Tab, opened: Session): Promise<void> {
    if (opened.lost.signal.aborted) return
    const closed = tab.close().then(
      () => true,
      () => true,
    )
    const tooLate = delay(secondsToCloseTab * 1000, false, { ref: false })
    if (await Promise.race([closed, tooLate])) return
    onNotice('a tab of the browser could not be closed: the browser is started anew')
    end(opened, 'a tab could not be closed')
  }

  async function attempt<T>(work: (tab: Tab) => Promise<T>, signal: AbortSignal): Promise<T> {
    // A browser that is started after the disposal would never be stopped.
    signal.throwIfAborted()
    const opened = await untilAborted(currentSession(), signal)
    const stop = AbortSignal.any([signal, opened.lost.signal])
    const tab = await tabBefore(stop, opened)
    let isGood = false
    try {
      const result = await untilAborted(work(tab), stop)
      isGood = true
      return result
    } finally {
      if (isGood && queue.size > 0) freeTabs.push({ tab, of: opened })
      else await discard(tab, opened)
    }
  }

  return {
    async inTab(work, callerSignal) {
      const signal = AbortSignal.any([callerSignal, disposal.signal])
      await acquire(signal)
      try {
        for (let left = attempts - 1; ; left -= 1) {
          try {
            return await attempt(work, signal)
          } catch (cause) {
            if (!(cause instanceof TabLostError) || left === 0) throw cause
          }
        }
      } finally {
        release()
      }
    },

    async [Symbol.asyncDispose]() {
      disposal.abort(new TabLostError('the browser is no longer needed'))
      clearTimeout(idleTimer)
      try {
        const opened = await session
        if (opened !== undefined) end(opened, 'the browser is no longer needed')
      } catch {
        // It did not start; there is nothing to end.
      }
      await Promise.all(endings)
      clearTimeout(idleTimer)
    },
  }
}

import { type BrowserProcess, mediaAddresses } from './browser-process.ts'
import { type BrowserTabs, PageNotLoadedError, type Tab, TabLostError } from './browser-tabs.ts'

/** Drives a browser over the DevTools protocol, with playwright-core. */
export async function connectPlaywright({
  devTools,
  folder,
}: Pick<BrowserProcess, 'devTools' | 'folder'>): Promise<BrowserTabs> {
  // Loaded when it is needed: it takes 60 MB.
  const { chromium } = await import('playwright-core')
  const browser = await chromium.connectOverCDP(devTools.href, { noDefaults: true, artifactsDir: folder })
  const context = await browser.newContext({ viewport: null })

  return {
    memory: () => 0,
    async newTab(): Promise<Tab> {
      const page = await context.newPage().catch(rethrown)
      const lost = Promise.withResolvers<never>()
      // Nobody may be waiting when it happens.
      lost.promise.catch(() => {})
      page.on('crash', () => lost.reject(new TabLostError('the tab crashed')))
      page.on('close', () => lost.reject(new TabLostError('the tab was closed')))
      const unlessLost = <T>(work: Promise<T>) => Promise.race([lost.promise, work]).catch(rethrown)

      const devToolsOfPage = await unlessLost(context.newCDPSession(page))
      await unlessLost(devToolsOfPage.send('Network.enable'))
      await unlessLost(devToolsOfPage.send('Network.setBlockedURLs', { urls: [...mediaAddresses] }))
      return {
        async open(url) {
          await unlessLost(page.goto(url.href, { waitUntil: 'commit', timeout: 0 }))
        },
        evaluate: (expression) => unlessLost(page.evaluate(expression)),
        close: () => page.close(),
      }
    },
    close: () => browser.close(),
  }
}

function rethrown(cause: unknown): never {
  if (!(cause instanceof Error) || cause instanceof TabLostError) throw cause
  const code = /net::(ERR_\w+)/.exec(cause.message)?.[1]
  if (code !== undefined) throw new PageNotLoadedError(`could not be loaded: ${code}`, { cause })
  if (/has been closed|crashed/i.test(cause.message)) throw new TabLostError('the tab was lost', { cause })
  throw cause
}

import { mediaAddresses } from './browser-process.ts'
import { type BrowserTabs, type Tab, TabLostError } from './browser-tabs.ts'
import { startOwnedProcess } from './owned-process.ts'
import { memoryOf } from './process-group.ts'

/** Drives a browser through Chromedriver, with selenium-webdriver. The two must be of the same version. */
export async function connectSelenium(options: {
  readonly devTools: URL
  readonly chromedriverBinary: string
  readonly signal: AbortSignal
}): Promise<BrowserTabs> {
  const chromedriver = await startOwnedProcess({
    command: options.chromedriverBinary,
    args: ['--port=0'],
    environment: process.env,
    readyWhen: /started successfully on port (\d+)/,
    signal: options.signal,
  })
  try {
    const session = await createSession(`http://127.0.0.1:${chromedriver.said[1]}`, options.devTools.host)
    return {
      newTab: session.newTab,
      memory: () => memoryOf(chromedriver.group),
      close: () => chromedriver.stop(),
    }
  } catch (cause) {
    await chromedriver.stop()
    throw cause
  }
}

async function createSession(server: string, debuggerAddress: string) {
  const { Builder } = await import('selenium-webdriver')
  const { Driver, Options } = await import('selenium-webdriver/chrome.js')
  const wanted = new Options()
  wanted.debuggerAddress(debuggerAddress)
  wanted.setPageLoadStrategy('none')
  const built = await new Builder()
    .disableEnvironmentOverrides()
    .forBrowser('chrome')
    .setChromeOptions(wanted)
    .usingServer(server)
    .build()
  if (!(built instanceof Driver)) throw new Error('Chromedriver was given a browser that is no Chromium')
  const driver = built
  // A page that hangs must not hold up the session for long: it can do one thing at a time.
  await driver.manage().setTimeouts({ script: 2000, pageLoad: 5000 })
  const firstWindow = await driver.getWindowHandle()

  // A session has one current window, so a switch and what is done in the window must not be parted.
  let turn: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }

  async function newTab(): Promise<Tab> {
    let window: string | undefined
    const inWindow = <T>(work: () => Promise<T>) =>
      inTurn(async () => {
        if (window === undefined) throw new TabLostError('the tab was closed')
        try {
          await driver.switchTo().window(window)
          return await work()
        } catch (cause) {
          throw isLoss(cause) ? new TabLostError('the tab crashed', { cause }) : cause
        }
      })
    const close = async () => {
      if (window === undefined) return
      await inWindow(() => driver.close())
      window = undefined
    }
    return {
      async open(url) {
        // A new window shows nothing at first; an old one would go on showing its last page for a while.
        await close()
        await inTurn(async () => {
          // The one that was current last may be closed.
          await driver.switchTo().window(firstWindow)
          await driver.switchTo().newWindow('tab')
          window = await driver.getWindowHandle()
          await driver.sendDevToolsCommand('Network.enable', {})
          await driver.sendDevToolsCommand('Network.setBlockedURLs', { urls: mediaAddresses })
          await driver.get(url.href)
        })
      },
      evaluate: (expression) => inWindow(() => driver.executeScript(`return ${expression}`)),
      close,
    }
  }
  return { newTab }
}

function isLoss(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    (/tab crashed|disconnected|not connected to DevTools|ECONNREFUSED|socket hang up/i.test(cause.message) ||
      cause.name === 'NoSuchWindowError' ||
      cause.name === 'NoSuchSessionError')
  )
}

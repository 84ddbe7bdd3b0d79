/** One tab of a browser. Every promise rejects with TabLostError once the tab, or its browser, has crashed. */
export type Tab = {
  /** Begins to load a page, whatever the tab showed before. What is read from then on is of that page, or of none. */
  open(url: URL): Promise<void>
  /** What the tab's page evaluates `expression` to. May never settle: pages hang. */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
}

export type BrowserTabs = {
  newTab(): Promise<Tab>
  /** The memory of what drives the browser apart from this process, in bytes. */
  memory(): number
  close(): Promise<void>
}

export class TabLostError extends Error {
  override name = 'TabLostError'
}

/** The page could not be had: the message says why, and reads on from the page's name. */
export class PageNotLoadedError extends Error {
  override name = 'PageNotLoadedError'
}

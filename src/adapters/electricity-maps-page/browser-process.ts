import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FoundBrowser } from './find-browser.ts'
import { startOwnedProcess } from './owned-process.ts'

/** A headless Chromium that listens for DevTools commands on the loop-back interface. */
export type BrowserProcess = {
  readonly group: number
  /** All the files that it writes are below this one, which is removed with it. */
  readonly folder: string
  /** Such as `ws://127.0.0.1:40307/devtools/browser/dd399a28-...`. */
  readonly devTools: URL
  readonly ended: AbortSignal
  /** Ends every process of it and removes every file that it wrote. */
  stop(): Promise<void>
}

/** Parts of current desktop builds that keep two renderers, 130 MB and half a second of CPU, for an address bar. */
const addressBarFeatures = [
  'OmniboxAimPopupWebUIContent',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'WebUIOmniboxPopup',
]
const otherFeatures = [
  'BackForwardCache',
  'MediaRouter',
  'OptimizationHints',
  'SpareRendererForSitePerProcess',
  'Translate',
]

/**
 * Starts Chromium with a profile of its own, all of whose files stand in one temporary folder. It loads from the hosts
 * that match `reachableHosts` alone, and neither images nor fonts.
 * Throws an Error, with the end of what the program said, when it does not start.
 */
export async function startBrowser(options: {
  readonly browser: FoundBrowser
  /** Host names or addresses; `*.example.org` is every host below that one. */
  readonly reachableHosts: readonly string[]
  readonly firstPage: 'none' | 'blank'
  readonly signal: AbortSignal
}): Promise<BrowserProcess> {
  const { browser, reachableHosts, firstPage, signal } = options
  const folder = await mkdtemp(join(tmpdir(), 'co2-api-browser-'))
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  const exclusions = reachableHosts.map((host) => `, EXCLUDE ${host}`).join('')
  try {
    const owned = await startOwnedProcess({
      command: browser.binary,
      args: [
        '--headless',
        // Chromium refuses to run as root with its sandbox.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        `--user-data-dir=${join(folder, 'profile')}`,
        '--remote-debugging-port=0',
        // It ends when this pipe does, so it cannot outlive us.
        '--remote-debugging-pipe',
        `--host-resolver-rules=MAP * ~NOTFOUND${exclusions}`,
        '--no-proxy-server',
        '--blink-settings=imagesEnabled=false',
        '--disable-remote-fonts',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--disable-background-networking',
        '--disable-breakpad',
        '--disable-component-update',
        '--disable-default-apps',
        '--disable-extensions',
        '--disable-sync',
        // Nobody looks at the pages: without it each one costs twice the CPU time (75 ms against 40).
        '--disable-threaded-compositing',
        `--disable-features=${[...addressBarFeatures, ...otherFeatures].join(',')}`,
        '--lang=en-US',
        '--mute-audio',
        '--no-default-browser-check',
        '--no-first-run',
        ...(firstPage === 'none' ? ['--no-startup-window'] : ['about:blank']),
      ],
      environment: {
        ...process.env,
        ...browser.environment,
        HOME: folder,
        LANGUAGE: 'en_US',
        TMPDIR: folder,
        XDG_CACHE_HOME: folder,
        XDG_CONFIG_HOME: folder,
      },
      readyWhen: /DevTools listening on (ws:\/\/\S+)/,
      signal,
    })
    return {
      group: owned.group,
      folder,
      devTools: new URL(owned.said[1] ?? ''),
      ended: owned.ended,
      async stop() {
        await owned.stop()
        await removeFolder()
      },
    }
  } catch (cause) {
    await removeFolder()
    throw cause
  }
}

/** Videos and sounds: Chromium has no switch for them. Patterns of the DevTools command `Network.setBlockedURLs`. */
export const mediaAddresses: readonly string[] = [
  'mp4',
  'webm',
  'ogv',
  'm3u8',
  'mp3',
  'ogg',
  'wav',
  'm4a',
].map((ending) => `*.${ending}*`)

import { instant } from '../units.ts'
import type { Clock } from './clock.ts'
import { type Target, type TargetDirectory, targetKey } from './target-directory.ts'

/** What the fleet tells whoever watches. */
export type FleetEvent =
  /** Targets came or went. `scraped` of the `known` ones are ours. */
  | {
      readonly kind: 'changed'
      readonly came: readonly Target[]
      readonly went: readonly Target[]
      readonly known: number
      readonly scraped: number
    }
  | { readonly kind: 'finding-failed'; readonly address: string; readonly message: string }
  | { readonly kind: 'finding-works'; readonly address: string }

export type FleetOptions = {
  readonly directories: readonly TargetDirectory[]
  /** Whether a target is scraped by this process, of several that share them. */
  readonly isOurs: (target: Target) => boolean
  /** Scrapes a target again and again until `signal` aborts. Does not reject. */
  readonly scrape: (target: Target, signal: AbortSignal) => Promise<void>
  readonly clock: Clock
  readonly onEvent: (event: FleetEvent) => void
}

/** All targets, each scraped by a loop of its own that begins and ends as the target comes and goes. */
export type ScrapeFleet = {
  /** Resolves when `signal` has aborted and every loop has ended. May run once. */
  run(signal: AbortSignal): Promise<void>
  /** Why nothing can be scraped, each as a sentence; none while any target is known. */
  reasonsNotReady(): readonly string[]
  /** What is wrong with the finding of targets, although some are known. */
  warnings(): readonly string[]
}

/** Many changes in a row, such as a roll-out makes, are dealt with at once. */
const leastSecondsBetweenChanges = 1

export function createScrapeFleet(options: FleetOptions): ScrapeFleet {
  const { directories, isOurs, scrape, clock, onEvent } = options
  const loops = new Map<
    string,
    { readonly target: Target; readonly stop: AbortController; readonly ended: Promise<void> }
  >()
  const failing = new Set<string>()
  let isChanged = true
  let wake = () => {}

  function noteChange(): void {
    isChanged = true
    wake()
  }

  /** Each target once, though several addresses lead to it. */
  function known(): ReadonlyMap<string, Target> {
    return new Map(
      directories.flatMap((directory) =>
        directory.targets().map((target) => [targetKey(target), target] as const),
      ),
    )
  }

  function begin(key: string, target: Target): void {
    const stop = new AbortController()
    loops.set(key, { target, stop, ended: scrape(target, stop.signal) })
  }

  /** Ends loops first: a target that stands on another node now is the same address. */
  async function end(keys: readonly string[]): Promise<void> {
    const ending = keys.flatMap((key) => loops.get(key) ?? [])
    for (const { stop } of ending) stop.abort()
    for (const key of keys) loops.delete(key)
    await Promise.all(ending.map(({ ended }) => ended))
  }

  async function reconcile(): Promise<void> {
    tellOfFinding()
    const all = known()
    const ours = new Map([...all].filter(([, target]) => isOurs(target)))
    const went = [...loops].filter(([key]) => !ours.has(key))
    const came = [...ours].filter(([key]) => !loops.has(key))
    if (went.length === 0 && came.length === 0) return
    await end(went.map(([key]) => key))
    for (const [key, target] of came) begin(key, target)
    onEvent({
      kind: 'changed',
      came: came.map(([, target]) => target),
      went: went.map(([, { target }]) => target),
      known: all.size,
      scraped: loops.size,
    })
  }

  function tellOfFinding(): void {
    for (const directory of directories) {
      const { address } = directory
      const state = directory.state()
      if (state.kind === 'failing' && !failing.has(address)) {
        failing.add(address)
        onEvent({ kind: 'finding-failed', address, message: state.message })
      }
      if (state.kind === 'current' && failing.delete(address)) onEvent({ kind: 'finding-works', address })
    }
  }

  async function keepUp(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (isChanged) {
        isChanged = false
        await reconcile()
        await clock.waitUntil(instant(clock.now() + leastSecondsBetweenChanges * 1000), signal)
        continue
      }
      const woken = Promise.withResolvers<void>()
      wake = woken.resolve
      await woken.promise
    }
    await end([...loops.keys()])
  }

  return {
    async run(signal) {
      signal.addEventListener('abort', () => wake(), { once: true })
      const following = directories.map((directory) => directory.follow(noteChange, signal))
      await Promise.all([keepUp(signal), ...following])
    },

    reasonsNotReady: () => (known().size > 0 ? [] : directories.map(sentenceOnNone)),

    warnings() {
      const all = known()
      if (all.size === 0) return []
      const ours = [...all.values()].filter(isOurs).length
      return [
        ...directories.flatMap(sentenceOnFailure),
        ...(ours === 0 ? [`None of the ${all.size} target(s) belongs to this shard.`] : []),
      ]
    },
  }
}

function sentenceOnNone(directory: TargetDirectory): string {
  const { address } = directory
  const found = directory.state()
  switch (found.kind) {
    case 'pending':
      return `It is not known yet where ${address} leads.`
    case 'current':
      return `${address} leads to no target.`
    case 'failing':
      return `It is not known where ${address} leads: ${found.message}`
  }
}

function sentenceOnFailure(directory: TargetDirectory): readonly string[] {
  const found = directory.state()
  const { length } = directory.targets()
  if (found.kind === 'failing' && length > 0)
    return [`${directory.address} leads to the ${length} target(s) known last: ${found.message}`]
  return length === 0 ? [sentenceOnNone(directory)] : []
}

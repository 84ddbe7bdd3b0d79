import { instant } from '../units.ts'
import type { Clock } from './clock.ts'
import {
  type FindingState,
  failing,
  type Target,
  type TargetDirectory,
  targetKey,
} from './target-directory.ts'

export type PolledTargets = {
  readonly address: string
  /** Who is there now, in any order. What it throws is told as the reason, and whoever was there before stays. */
  readonly find: (signal: AbortSignal) => Promise<readonly Target[]>
  readonly everySeconds: number
  readonly clock: Clock
}

/** Targets that are asked for again and again, such as the addresses of a name. */
export function createPolledTargets({ address, find, everySeconds, clock }: PolledTargets): TargetDirectory {
  let targets: readonly Target[] = []
  let state: FindingState = { kind: 'pending' }

  /** Whether anything changed. */
  async function look(signal: AbortSignal): Promise<boolean> {
    const before = { targets, state }
    try {
      const found = (await find(signal)).map((target) => [targetKey(target), target] as const)
      const next = [...new Map(found).values()].sort((a, b) => (targetKey(a) < targetKey(b) ? -1 : 1))
      if (!isSame(next, targets)) targets = next
      state = { kind: 'current' }
    } catch (failure) {
      if (signal.aborted) return false
      const message = failure instanceof Error ? failure.message : String(failure)
      state = failing(state, { message, now: clock.now() })
    }
    return targets !== before.targets || state.kind !== before.state.kind
  }

  return {
    address,
    targets: () => targets,
    state: () => state,
    async follow(onChange, signal) {
      while (!signal.aborted) {
        if (await look(signal)) onChange()
        await clock.waitUntil(instant(clock.now() + everySeconds * 1000), signal)
      }
    },
  }
}

function isSame(some: readonly Target[], others: readonly Target[]): boolean {
  return (
    some.length === others.length &&
    some.every((target, at) => {
      const other = others[at]
      return other !== undefined && targetKey(target) === targetKey(other)
    })
  )
}

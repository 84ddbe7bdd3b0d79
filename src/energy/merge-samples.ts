import { joules } from '../units.ts'
import { compareText } from './compare-text.ts'
import { type EnergySample, flagsOfBoth } from './energy-sample.ts'

/**
 * Puts samples of several containers of one workload in order of time. Those of the same node and interval (a
 * container that was replaced in between) become one; others stay apart, so that nothing is averaged.
 */
export function mergeSamples(samples: readonly EnergySample[]): readonly EnergySample[] {
  if (isAscending(samples)) return samples
  const ordered = samples.toSorted(byTimeThenNode)
  const merged: EnergySample[] = []
  for (const sample of ordered) {
    const previous = merged.at(-1)
    if (previous !== undefined && byTimeThenNode(previous, sample) === 0) {
      merged[merged.length - 1] = added(previous, sample)
    } else {
      merged.push(sample)
    }
  }
  return merged
}

/** Mostly a workload has had one container, and there is nothing to do. */
function isAscending(samples: readonly EnergySample[]): boolean {
  for (let at = 1; at < samples.length; at += 1) {
    const [previous, sample] = [samples[at - 1], samples[at]]
    if (previous !== undefined && sample !== undefined && byTimeThenNode(previous, sample) >= 0) return false
  }
  return true
}

function byTimeThenNode(a: EnergySample, b: EnergySample): number {
  return a.during.to - b.during.to || a.during.from - b.during.from || compareText(a.node, b.node)
}

function added(a: EnergySample, b: EnergySample): EnergySample {
  return {
    node: a.node,
    during: a.during,
    energy: joules(a.energy + b.energy),
    counter: joules(a.counter + b.counter),
    flags: flagsOfBoth(a.flags, b.flags),
  }
}

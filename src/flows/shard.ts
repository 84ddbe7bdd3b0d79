import { stableHash } from './stable-hash.ts'

/**
 * Which of `count` shards, counted from 0, a key belongs to: the one that draws the highest number for it. Every process comes to the
 * same answer alone, and with one shard more or less nothing moves but what that shard gains or leaves.
 *
 * Source: Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates" (1998), highest random weight.
 */
export function shardOf(key: string, count: number): number {
  let best = 0
  let highest = -1
  for (let index = 0; index < count; index += 1) {
    const drawn = stableHash(`${index} ${key}`)
    if (drawn > highest) {
      best = index
      highest = drawn
    }
  }
  return best
}

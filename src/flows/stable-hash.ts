const offsetBasis = 0x811c_9dc5
const prime = 0x0100_0193

/**
 * A number from 0 to 2^32 - 1 that depends on every letter of a text and is the same in every process and version.
 *
 * FNV-1a over UTF-16 code units (draft-eastlake-fnv-21), mixed at the end as MurmurHash3 does (fmix32, Appleby 2011):
 * FNV alone leaves texts that differ in their last letter close together.
 */
export function stableHash(text: string): number {
  let hash = offsetBasis
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    hash = Math.imul(hash ^ (unit & 0xff), prime)
    hash = Math.imul(hash ^ (unit >>> 8), prime)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The hash as a share of the whole, in [0, 1). */
export function stableShare(text: string): number {
  return stableHash(text) / 2 ** 32
}

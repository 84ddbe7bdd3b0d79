/** How many colours there are besides that of everything else. */
export const slotCount = 7

/**
 * A slot of the palette for each name. A name has its own slot wherever and whenever it is shown; only where an earlier
 * name has taken that, it moves on to the next free one. When the slots are used up, they are used again.
 */
export function colourSlots(names: readonly string[]): ReadonlyMap<string, number> {
  const slots = new Map<string, number>()
  const taken = new Set<number>()
  for (const name of new Set(names)) {
    if (taken.size === slotCount) taken.clear()
    let slot = usualSlots[name] ?? hashOf(name) % slotCount
    while (taken.has(slot)) slot = (slot + 1) % slotCount
    taken.add(slot)
    slots.set(name, slot)
  }
  return slots
}

/** Zones that are often seen side by side have different slots from the start. */
const usualSlots: Readonly<Record<string, number>> = {
  DE: 0,
  FR: 1,
  PL: 2,
  GB: 3,
  US: 4,
  SE: 5,
  NL: 6,
  ES: 4,
  NO: 5,
  IT: 3,
}

/** FNV-1a in 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}

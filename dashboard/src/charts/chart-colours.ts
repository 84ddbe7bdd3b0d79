/** A colour of the style sheet, by the name of its property without the dashes. */
export type ColourName = string

/** What the colours of the style sheet are now: a canvas does not understand `var()`. */
export function chartColours(host: HTMLElement): (name: ColourName, share?: number) => string {
  const probe = document.createElement('span')
  probe.hidden = true
  host.append(probe)
  const known = new Map<string, string>()
  return (name, share = 1) => {
    const key = `${name} ${share}`
    const found = known.get(key)
    if (found !== undefined) return found
    probe.style.color =
      share === 1 ? `var(--${name})` : `color-mix(in srgb, var(--${name}) ${share * 100}%, var(--surface))`
    const colour = getComputedStyle(probe).color
    known.set(key, colour)
    return colour
  }
}

export function slotColour(slot: number | undefined): ColourName {
  return slot === undefined ? 'slot-rest' : `slot-${slot}`
}

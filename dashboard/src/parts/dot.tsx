import { slotColour } from '../charts/chart-colours.ts'

/** The colour that a name has in charts. */
export function Dot({ slot }: { readonly slot: number | undefined }) {
  return <span class="dot" style={{ background: `var(--${slotColour(slot)})` }} />
}

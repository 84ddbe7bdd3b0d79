import type { QuantityText } from '../figures/quantity-text.ts'

/** A figure with its unit, the unit set smaller. */
export function FigureText({ text }: { readonly text: QuantityText }) {
  return (
    <span class="figure">
      <span class="digits">{text.digits}</span>
      <span class="unit">
        {'\u00A0'}
        {text.unit}
      </span>
    </span>
  )
}

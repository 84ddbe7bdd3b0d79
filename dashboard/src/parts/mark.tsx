import type { ComponentChildren } from 'preact'
import type { Level } from '../figures/trust.ts'
import { Icon } from './icon.tsx'

/** A word with its meaning as a sign and a colour. */
export function Mark({ level, children }: { readonly level: Level; readonly children: ComponentChildren }) {
  return (
    <span class={`mark mark-${level}`}>
      <Icon name={level} />
      <span>{children}</span>
    </span>
  )
}

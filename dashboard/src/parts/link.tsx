import type { ComponentChildren } from 'preact'
import type { Place } from '../address/place.ts'
import { usePage } from '../page.ts'

/** A link to another place on this page: an ordinary link to whoever opens it in a new tab. */
export function Link({
  to,
  children,
  className,
  isCurrent = false,
  label,
}: {
  readonly to: Partial<Place>
  readonly children: ComponentChildren
  readonly className?: string | undefined
  readonly isCurrent?: boolean
  readonly label?: string | undefined
}) {
  const { navigation } = usePage()
  return (
    <a
      class={className}
      href={navigation.hrefTo(to)}
      aria-current={isCurrent ? 'page' : undefined}
      aria-label={label}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        navigation.go(to)
      }}
    >
      {children}
    </a>
  )
}

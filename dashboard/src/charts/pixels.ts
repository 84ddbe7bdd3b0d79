import { type ReadonlySignal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

/** The pixels of one rem. */
export function rootPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
}

/** The width or height in pixels that an element has now; `first` until it is there. */
export function useClientSize(
  host: RefObject<HTMLElement | null>,
  side: 'clientWidth' | 'clientHeight',
  first: number,
): ReadonlySignal<number> {
  const pixels = useSignal(first)
  useEffect(() => {
    const element = host.current
    if (element === null) return undefined
    const follow = new ResizeObserver(() => {
      pixels.value = element[side]
    })
    follow.observe(element)
    return () => follow.disconnect()
  }, [])
  return pixels
}

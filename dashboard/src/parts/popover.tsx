import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

/**
 * A button that opens a panel. Escape, a press outside and leaving it by keyboard close it; Escape gives the focus back
 * to the button.
 */
export function Popover({
  label,
  button,
  children,
  side = 'left',
}: {
  /** What the panel is, for those who do not see it. */
  readonly label: string
  readonly button: ComponentChildren
  /** `close` may be called by what is inside. */
  readonly children: (close: () => void) => ComponentChildren
  /** The side of the button that the panel is flush with. */
  readonly side?: 'left' | 'right'
}) {
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  const whole = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!isOpen) return undefined
    const onPress = (event: PointerEvent) => {
      if (event.target instanceof Node && whole.current?.contains(event.target) === false) setOpen(false)
    }
    document.addEventListener('pointerdown', onPress)
    return () => document.removeEventListener('pointerdown', onPress)
  }, [isOpen])
  const close = () => {
    setOpen(false)
    opener.current?.focus()
  }
  return (
    <div
      class="popover"
      role="presentation"
      ref={whole}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return
        event.stopPropagation()
        close()
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget
        if (to instanceof Node && whole.current?.contains(to) === false) setOpen(false)
      }}
    >
      <button
        type="button"
        ref={opener}
        class="opener"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-haspopup="dialog"
        onClick={() => setOpen(!isOpen)}
      >
        {button}
      </button>
      {isOpen && (
        <div class={`panel panel-${side}`} id={id} role="dialog" aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  )
}

import { themes } from '../address/place.ts'
import { usePage } from '../page.ts'
import { Icon } from './icon.tsx'

const words = { system: 'as the system', light: 'light', dark: 'dark' } as const

/** Goes round: as the system, light, dark. */
export function ThemeButton() {
  const { navigation } = usePage()
  const { theme } = navigation.place.value
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
  const label = `Colours: ${words[theme]}; change to ${words[next]}`
  return (
    <button
      type="button"
      class="quiet square"
      aria-label={label}
      title={label}
      onClick={() => navigation.go({ theme: next }, 'replaced')}
    >
      <Icon name={theme} />
    </button>
  )
}

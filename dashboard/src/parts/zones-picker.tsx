import { useRef, useState } from 'preact/hooks'
import { mostZones } from '../address/place.ts'
import type { Zones } from '../api/answers.ts'
import { colourSlots } from '../figures/colour-slots.ts'
import { usePage } from '../page.ts'
import { Dot } from './dot.tsx'
import { Icon } from './icon.tsx'
import { Popover } from './popover.tsx'

const mostOffered = 60

/** Chooses the zones that are looked at; the first is home. */
export function ZonesPicker({ directory }: { readonly directory: Zones | undefined }) {
  const { navigation, live } = usePage()
  const chosen = navigation.place.value.zones
  const shown = chosen.length > 0 ? chosen : live.zones.value
  const [home, ...others] = shown
  return (
    <Popover
      label="Zones"
      side="right"
      button={
        <>
          <Icon name="place" />
          <span class="unseen">Zones: </span>
          <span class="opener-words">{home === undefined ? 'Zone' : nameIn(directory, home)}</span>
          {others.length > 0 && <span class="opener-more">+{others.length}</span>}
          <Icon name="chevron" />
        </>
      }
    >
      {() => <ZonesPanel directory={directory} shown={shown} isDefault={chosen.length === 0} />}
    </Popover>
  )
}

function ZonesPanel({
  directory,
  shown,
  isDefault,
}: {
  readonly directory: Zones | undefined
  readonly shown: readonly string[]
  readonly isDefault: boolean
}) {
  const { navigation } = usePage()
  const [search, setSearch] = useState('')
  const slots = colourSlots(shown)
  const finder = useRef<HTMLInputElement>(null)
  const choose = (zones: readonly string[]) => {
    navigation.go({ zones }, 'replaced')
    // The button that was pressed may be gone, and the focus must not go with it.
    finder.current?.focus()
  }
  const wanted = search.trim().toLowerCase()
  const found = (directory ?? []).filter(
    ({ zone, name }) =>
      !shown.includes(zone) && (zone.toLowerCase().startsWith(wanted) || name.toLowerCase().includes(wanted)),
  )
  const isFull = shown.length >= mostZones
  return (
    <div class="zones">
      <p class="panel-hint">
        Totals are those of the first zone; the others stand beside it.
        {isDefault && ' This one is the service’s own choice.'}
      </p>
      <ol class="zones-chosen">
        {shown.map((zone, at) => (
          <li key={zone}>
            <Dot slot={slots.get(zone)} />
            <span class="zones-name">{nameIn(directory, zone)}</span>
            {at === 0 ? (
              <span class="zones-home">
                <Icon name="home" /> home
              </span>
            ) : (
              <>
                <button
                  type="button"
                  class="quiet"
                  onClick={() => choose([zone, ...shown.filter((other) => other !== zone)])}
                >
                  make <span class="unseen">{nameIn(directory, zone)}</span> home
                </button>
                <button
                  type="button"
                  class="quiet square"
                  aria-label={`Remove ${nameIn(directory, zone)}`}
                  onClick={() => choose(shown.filter((other) => other !== zone))}
                >
                  <Icon name="close" />
                </button>
              </>
            )}
          </li>
        ))}
      </ol>
      <label class="search">
        <Icon name="search" />
        <span class="unseen">Find a zone</span>
        <input
          ref={finder}
          type="search"
          placeholder={isFull ? `${mostZones} zones at most` : 'Add a country or zone'}
          value={search}
          readOnly={isFull}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      {directory === undefined ? (
        <p class="panel-hint">The list of zones is on its way.</p>
      ) : (
        <ul class="zones-offered" aria-label="Zones to add">
          {found.slice(0, mostOffered).map(({ zone, name, has_figures: hasFigures }) => (
            <li key={zone}>
              <button
                type="button"
                disabled={isFull}
                onClick={() => {
                  choose([...shown, zone])
                  setSearch('')
                }}
              >
                <span class="zones-name">{name}</span>
                <span class="zones-code">{hasFigures ? zone : `${zone}, no figure yet`}</span>
              </button>
            </li>
          ))}
          {found.length === 0 && <li class="panel-hint">No zone is called so.</li>}
          {found.length > mostOffered && (
            <li class="panel-hint">{found.length - mostOffered} more; type to find them.</li>
          )}
        </ul>
      )}
    </div>
  )
}

export function nameIn(directory: Zones | undefined, zone: string): string {
  return directory?.find((each) => each.zone === zone)?.name ?? zone
}

import { useRef } from 'preact/hooks'
import type { RankedZone } from '../api/answers.ts'
import { logScale, logTicks, positionOn, spreadLabels } from '../figures/log-position.ts'
import { axisTexts, quantity } from '../figures/quantity-text.ts'
import { slotColour } from './chart-colours.ts'
import { rootPixels, useClientSize } from './pixels.ts'

/** Where every zone stands on one scale of grams: a thin mark each, and a name for those worth naming. */
export function ZoneStrip({
  zones,
  home,
  chosen,
  slots,
  perHour,
}: {
  readonly zones: readonly RankedZone[]
  readonly home: string
  readonly chosen: readonly string[]
  readonly slots: ReadonlyMap<string, number>
  /** What turns grams of the time that was asked about into grams per hour. */
  readonly perHour: number
}) {
  const host = useRef<HTMLDivElement>(null)
  const scale = logScale(zones.map(({ co2_g: grams }) => grams * perHour))
  const rem = rootPixels()
  const across = useClientSize(host, 'clientWidth', 0).value
  const named = namedZones(zones, { home, chosen, most: Math.max(2, Math.floor(across / (6.8 * rem))) })
  const labels = named.map((zone) => ({
    zone,
    words: zone.name,
    figure: quantity(zone.co2_g * perHour, 'g/h'),
  }))
  const places =
    scale === undefined
      ? []
      : spreadLabels(
          labels.map(({ zone, words, figure }) => ({
            at: positionOn(scale, zone.co2_g * perHour) * across,
            width: (Math.max(words.length, figure.length) * 0.52 + 1.4) * rem,
          })),
          across,
        )
  const ticks = scale === undefined ? [] : logTicks(scale)
  const tickTexts = ticks.map((tick) => axisTexts([tick], 'g/h')[0] ?? '')
  return (
    <div class="strip" ref={host}>
      <div class="strip-names">
        {across > 0 &&
          labels.map(({ zone, words, figure }, at) => (
            <span
              key={zone.zone}
              class={zone.zone === home ? 'strip-name strip-home' : 'strip-name'}
              style={{ left: `${places[at] ?? 0}px` }}
            >
              <b>{words}</b>
              <span>{figure}</span>
            </span>
          ))}
      </div>
      {scale !== undefined && across > 0 && (
        <svg class="strip-marks" viewBox={`0 0 ${across} 56`} width={across} height="56" aria-hidden="true">
          {labels.map(({ zone }, at) => {
            const x = positionOn(scale, zone.co2_g * perHour) * across
            return <path key={zone.zone} class="strip-lead" d={`M${places[at] ?? 0} 0V6L${x} 16V24`} />
          })}
          <path class="strip-axis" d={`M0 46H${across}`} />
          {zones.map((zone) => {
            const x = positionOn(scale, zone.co2_g * perHour) * across
            const isNamed = named.includes(zone)
            const slot = slots.get(zone.zone)
            return (
              <path
                key={zone.zone}
                class={
                  zone.zone === home
                    ? 'strip-mark strip-mark-home'
                    : isNamed
                      ? 'strip-mark strip-mark-named'
                      : 'strip-mark'
                }
                d={`M${x} ${zone.zone === home ? 20 : 26}V46`}
                style={slot === undefined ? undefined : { stroke: `var(--${slotColour(slot)})` }}
              />
            )
          })}
        </svg>
      )}
      <div class="strip-ticks" aria-hidden="true">
        {scale !== undefined &&
          ticks
            .map((tick, at) => ({ tick, at, left: positionOn(scale, tick) * 100 }))
            .filter(({ at }) => ticks.length * 4 * rem < across || at % 2 === 0)
            .map(({ tick, at, left }) => (
              <span
                key={tick}
                style={{ left: `${left}%` }}
                class={left < 3 ? 'first' : left > 97 ? 'last' : ''}
              >
                {tickTexts[at]}
              </span>
            ))}
      </div>
    </div>
  )
}

/** Home and the chosen zones, then the cleanest and the dirtiest; in their order on the scale, no more than there is room for. */
function namedZones(
  zones: readonly RankedZone[],
  {
    home,
    chosen,
    most,
  }: { readonly home: string; readonly chosen: readonly string[]; readonly most: number },
): readonly RankedZone[] {
  const wanted = [home, ...chosen, zones[0]?.zone, zones.at(-1)?.zone]
  const named = new Set([...new Set(wanted.filter((zone) => zone !== undefined))].slice(0, most))
  return zones.filter(({ zone }) => named.has(zone))
}

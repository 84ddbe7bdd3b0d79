import type { EmissionsAnswer, EmissionsGroup, EmissionsZone } from '../adapters/co2-api/emissions-answer.ts'
import { type Markup, markup } from './markup.ts'
import { lengthText, momentText, numberText, quantityText, scaleFor, shareText } from './quantity-text.ts'
import { hasRange, methodText, nameIn, type Report, restOf, scopeText } from './report.ts'
import { barChart, hatching, stepChart } from './report-chart.ts'
import { reportStyle } from './report-style.ts'

/** A report as one page of HTML that asks for nothing outside, for whoever has to answer for the figures. */
export function reportHtml(report: Report): string {
  const { emissions } = report
  const { from, to, zones, warnings } = emissions
  const [home] = zones
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Carbon report ${momentText(from)} to ${momentText(to)} UTC</title>
<style>${{ kind: 'markup', text: reportStyle }}</style>
</head>
<body>
${hatching}
<main>
<header>
<p class="kind">Carbon report</p>
<h1>${headline(emissions, home)}</h1>
<p class="when">${momentText(from)} to ${momentText(to)} UTC (${lengthText(secondsOf(emissions))}), ${scopeText(emissions)}</p>
</header>
${tiles(emissions, home)}
${warnings.length === 0 ? undefined : markup`<div class="warnings" role="note"><ul>${warnings.map((text) => markup`<li>${text}</li>`)}</ul></div>`}
${courseSection(report)}
${groupsSection(emissions)}
${zonesSection(emissions)}
${certaintySection(report)}
${methodSection(emissions)}
${sourcesSection(report)}
${againSection(report)}
<footer>Made by co2-api ${report.version} on ${momentText(report.madeAt)} UTC from the energy counters of Kepler. Times are in UTC.</footer>
</main>
</body>
</html>
`
  return page.text
}

function secondsOf({ from, to }: EmissionsAnswer): number {
  return (Date.parse(to) - Date.parse(from)) / 1000
}

function headline({ total }: EmissionsAnswer, home: EmissionsZone | undefined): string {
  if (total.energy_j === 0) return 'No energy was measured in this time'
  const grams = home?.co2_g
  if (home === undefined || grams === undefined || grams === null)
    return `${quantityText('energy', total.energy_j)} used; no carbon intensity is known`
  return `${quantityText('emissions', grams)} of CO₂e, on the grid of ${home.name}`
}

function tiles({ total, coverage, samples }: EmissionsAnswer, home: EmissionsZone | undefined): Markup {
  const tile = (name: string, value: string, note: string, kind = '') => {
    const [figure = ''] = value.split(' ')
    return markup`<div class="tile${kind}"><dt>${name}</dt><dd>${figure} <small>${value.slice(figure.length + 1)}</small></dd><div class="note">${note}</div></div>`
  }
  const emissions =
    home === undefined
      ? []
      : [
          tile(`Emitted in ${home.zone}`, quantityText('emissions', home.co2_g), likelyNote(home), ' first'),
          tile(
            `Carbon intensity`,
            home.mean_intensity_g_per_kwh === null
              ? '– g/kWh'
              : `${numberText(home.mean_intensity_g_per_kwh, 0)} g/kWh`,
            'mean, weighted by the energy',
          ),
        ]
  return markup`<dl class="tiles">${[
    ...emissions,
    tile('Energy', quantityText('energy', total.energy_j), 'caused by load; idle power is not shared out'),
    tile('Mean power', quantityText('power', total.mean_power_w), 'energy over the whole time'),
    tile('Coverage', shareText(coverage), `of the time, by ${samples.toLocaleString('en-GB')} samples`),
  ]}</dl>`
}

function likelyNote(zone: EmissionsZone): string {
  if (!hasRange(zone)) return 'every figure measured, or set by the operator'
  return `likely ${rangeText(zone.co2_g_low, zone.co2_g_high)}`
}

function rangeText(low: number | null, high: number | null): string {
  const scale = scaleFor('emissions', [high])
  return `${scale.text(low)} to ${scale.text(high)} ${scale.unit}`
}

function courseSection({ course }: Report): Markup | undefined {
  const home = course?.zones[0]
  const series = course?.total.series
  if (course === undefined || home === undefined || series === undefined || course.times === undefined)
    return undefined
  const grams = series.co2_g[home.zone] ?? []
  const scale = scaleFor('emissions', grams)
  const step = lengthText(course.step_s ?? 0)
  const axis = { times: course.times, end: course.to }
  const intensity = home.intensity_g_per_kwh
  return markup`<section><h2>Over time</h2>
<div class="card">
<figure><h3>CO₂e in ${home.name}, ${scale.unit} per ${step}</h3>
<div class="drawing">${barChart({
    ...axis,
    values: grams.map((value) => (value === null ? null : value / scale.size)),
    height: 220,
    description: `Emissions per ${step}; the largest is ${quantityText('emissions', Math.max(...grams.map((value) => value ?? 0)))}`,
  })}</div></figure>
${
  intensity === undefined
    ? undefined
    : markup`<figure><h3>Carbon intensity in ${home.name}, g/kWh</h3>
<div class="drawing">${stepChart({
        ...axis,
        values: intensity,
        height: 150,
        description: `Grams of CO2e per kilowatt hour in each ${step}`,
      })}</div></figure>`
}
<figcaption>The first and the last step may be cut. Hatched: no intensity is known.</figcaption>
</div></section>`
}

function groupsSection(emissions: EmissionsAnswer): Markup | undefined {
  const { groups, group_by: by, zones, total } = emissions
  if (by.length === 0) return undefined
  const energy = scaleFor('energy', [total.energy_j])
  const power = scaleFor('power', [total.mean_power_w])
  const grams = gramsColumns(zones)
  const [home] = zones
  const largest = Math.max(...groups.map((group) => weightOf(group, home)), Number.MIN_VALUE)
  const rest = restOf(emissions)
  const hasFlags = groups.some(({ flags }) => flags.length > 0)
  const number = (text: string) => markup`<td class="number">${text}</td>`
  const gramsCell = (zone: EmissionsZone, co2: Figure, [low, high]: readonly [Figure, Figure]) =>
    markup`<td class="number">${grams.text(zone, co2)}${hasRange(zone) ? markup`<span class="likely">${grams.text(zone, low)} to ${grams.text(zone, high)}</span>` : undefined}</td>`
  const rows = groups.map(
    (group) => markup`<tr>${by.map((dimension) => markup`<td class="name">${nameIn(group, dimension)}</td>`)}
<td class="bar-cell"><i style="width:${((100 * weightOf(group, home)) / largest).toFixed(1)}%"></i></td>
${zones.map((zone) => gramsCell(zone, group.co2_g[zone.zone], [group.co2_g_low[zone.zone], group.co2_g_high[zone.zone]]))}
${number(energy.text(group.energy_j))}${number(power.text(group.mean_power_w))}${number(shareText(group.coverage))}
${hasFlags ? markup`<td>${group.flags.map((flag) => markup`<span class="flag">${flag}</span>`)}</td>` : undefined}</tr>`,
  )
  const restRow =
    rest === undefined
      ? undefined
      : markup`<tr class="rest"><td colspan="${by.length + 1}">${rest.count} more</td>
${zones.map((zone) => number(grams.text(zone, rest.gramsIn(zone.zone))))}
${number(energy.text(rest.energyJoules))}${number(power.text(rest.powerWatts))}<td></td>${hasFlags ? markup`<td></td>` : undefined}</tr>`
  return markup`<section><h2>Who emits</h2>
<p class="lead">By ${by.join(' and ')}, most first${home === undefined ? '' : ` (in ${home.name})`}.${zones.some(hasRange) ? ' Below a figure: between which nine of ten true values lie.' : ''}</p>
<div class="card"><div class="scroll"><table>
<thead><tr>${by.map((dimension) => markup`<th scope="col" style="min-width:${widthFor(groups, dimension)}ch">${capital(dimension)}</th>`)}<th scope="col"><span></span></th>
${zones.map(({ zone }) => markup`<th scope="col" class="number">${zone}, ${grams.unit}</th>`)}
<th scope="col" class="number">Energy, ${energy.unit}</th><th scope="col" class="number">Mean, ${power.unit}</th><th scope="col" class="number">Coverage</th>${hasFlags ? markup`<th scope="col">Flags</th>` : undefined}</tr></thead>
<tbody>${rows}${restRow}
<tr class="sum"><td colspan="${by.length + 1}">Total</td>
${zones.map((zone) => gramsCell(zone, zone.co2_g, [zone.co2_g_low, zone.co2_g_high]))}
${number(energy.text(total.energy_j))}${number(power.text(total.mean_power_w))}${number(shareText(emissions.coverage))}${hasFlags ? markup`<td></td>` : undefined}</tr></tbody>
</table></div></div></section>`
}

type Figure = number | null | undefined

/** Columns of grams, one for each zone: in one unit, each with the digits that its total needs. */
function gramsColumns(zones: readonly EmissionsZone[]) {
  const totals = zones.map(({ co2_g: co2 }) => co2)
  return {
    unit: scaleFor('emissions', totals).unit,
    text: (zone: EmissionsZone, value: Figure) => scaleFor('emissions', [zone.co2_g], totals).text(value),
  }
}

/** By what a group's bar is long: its grams in the first zone, else its energy. */
function weightOf(group: EmissionsGroup, home: EmissionsZone | undefined): number {
  const isByGrams = home !== undefined && home.co2_g !== null
  return isByGrams ? (group.co2_g[home.zone] ?? 0) : group.energy_j
}

/** In letters: room for the longest name, within reason. */
function widthFor(groups: readonly EmissionsGroup[], dimension: string): number {
  return Math.min(26, Math.max(12, ...groups.map((group) => nameIn(group, dimension).length)))
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}

function zonesSection({ zones }: EmissionsAnswer): Markup | undefined {
  const [home] = zones
  if (home === undefined || zones.length < 2) return undefined
  const grams = gramsColumns(zones)
  const largest = Math.max(...zones.map(({ co2_g: co2 }) => co2 ?? 0), Number.MIN_VALUE)
  const ranked = zones.toSorted((a, b) => (a.co2_g ?? Infinity) - (b.co2_g ?? Infinity))
  const rows = ranked.map((zone) => {
    const { co2_g: co2, mean_intensity_g_per_kwh: mean } = zone
    return markup`<tr><td class="name">${zone.name} (${zone.zone})</td>
<td class="bar-cell"><i style="width:${((100 * (co2 ?? 0)) / largest).toFixed(1)}%"></i></td>
<td class="number">${grams.text(zone, co2)}${hasRange(zone) ? markup`<span class="likely">${grams.text(zone, zone.co2_g_low)} to ${grams.text(zone, zone.co2_g_high)}</span>` : undefined}</td>
<td class="number">${mean === null ? '–' : numberText(mean, 0)}</td><td class="number">${differenceText(zone, home)}</td></tr>`
  })
  return markup`<section><h2>The same work elsewhere</h2>
<p class="lead">What the same energy would have emitted on each of these grids, at the same times.</p>
<div class="card"><div class="scroll"><table><thead><tr><th scope="col">Grid</th><th scope="col"><span></span></th><th scope="col" class="number">CO₂e, ${grams.unit}</th><th scope="col" class="number">g/kWh</th><th scope="col" class="number">Against ${home.zone}</th></tr></thead><tbody>${rows}</tbody></table></div></div></section>`
}

function differenceText(zone: EmissionsZone, home: EmissionsZone): string {
  if (zone === home) return 'as reported'
  if (zone.co2_g === null || home.co2_g === null || home.co2_g === 0) return '–'
  const share = zone.co2_g / home.co2_g - 1
  return `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(0)} %`
}

function certaintySection({ emissions, gaps }: Report): Markup {
  const { zones, coverage, resolution_s: resolution, total } = emissions
  const blocks = zones.map((zone) => {
    const unknown = total.energy_j === 0 ? 0 : zone.energy_without_intensity_j / total.energy_j
    const parts = [
      ...zone.provenance.map((part) => ({
        kind: part.intensity_method,
        share: part.energy_share,
        text: `${shareText(part.energy_share)} ${methodText(part)} (${part.intensity_source})`,
      })),
      ...(unknown > 0
        ? [
            {
              kind: 'none',
              share: unknown,
              text: `${shareText(unknown)} without any figure: not in the grams`,
            },
          ]
        : []),
    ]
    const age =
      zone.worst_age_s === null
        ? ''
        : ` The oldest figure was ${lengthText(zone.worst_age_s)} old when it was used.`
    return markup`<div class="zone"><h3>${zone.name} (${zone.zone}): what its figures are made of</h3>
<div class="stack" aria-hidden="true">${parts.map(({ kind, share }) => markup`<i class="${kind}" style="flex:${share.toFixed(4)}"></i>`)}</div>
<ul class="legend">${parts.map(({ kind, text }) => markup`<li><i class="${kind}"></i>${text}</li>`)}</ul>
<p class="about">${rangeSentence(zone)}${age}</p></div>`
  })
  return markup`<section><h2>How sure it is</h2>
<div class="card">${blocks}</div>
<div class="card"><dl class="facts">
<dt>Time measured</dt><dd>${shareText(coverage)}${resolution === null ? '' : `, out of sums over up to ${lengthText(resolution)}`}</dd>
<dt>Uncounted</dt><dd>${gapsText(gaps)}</dd>
<dt>Not in it</dt><dd>Idle power, which belongs to no container; cooling, networks and storage; what it took to build the hardware; the error of Kepler’s own attribution.</dd>
</dl></div></section>`
}

function rangeSentence(zone: EmissionsZone): string {
  if (!hasRange(zone)) return 'No stand-in was needed: the range is the figure itself.'
  const range = rangeText(zone.co2_g_low, zone.co2_g_high)
  return `Nine of ten true values lie between ${range}; that is for the stand-ins alone.`
}

const causeNames: ReadonlyMap<string, string> = new Map([
  ['reset', 'a counter began again at zero'],
  ['vanished', 'a container was gone before its last value was read'],
  ['refused', 'a counter claimed more than the node can draw'],
  ['basis-changed', 'the exporter began to count in another way'],
  ['unread-before', 'a counter was first seen after a scrape that could not be read whole'],
  ['dropped', 'the queue for the store was full'],
  ['seam', 'backfilled and live measurements did not quite meet'],
])

function gapsText(gaps: Report['gaps']): string {
  if (gaps.kind === 'untold') return `not known: ${gaps.why}`
  if (gaps.byCause.size === 0) return 'no gap was recorded in this time'
  const parts = Array.from(
    gaps.byCause,
    ([cause, count]) => `${count === 1 ? 'once' : `${count} times`} ${causeNames.get(cause) ?? cause}`,
  )
  return `gaps on all nodes, in which energy may have gone uncounted, so that the figures are lower bounds: ${parts.join('; ')}`
}

const marginalText =
  'Marginal signal: the plant that answers the next kilowatt hour. For decisions, not for inventories.'
const averageText =
  'Average signal: all emissions shared out over all kilowatt hours, which is what a location-based scope 2 inventory asks for (GHG Protocol, Scope 2 Guidance, 2015).'

function methodSection({ basis, signal }: EmissionsAnswer): Markup {
  return markup`<section><h2>How it was computed</h2>
<div class="card prose">
<p>Kepler counts the joules of each container, from the processor’s own meters or a model, shared out by the processor time that each container used. What its counters advanced between two readings is the energy of that time; nothing is interpolated. Each piece of energy is multiplied by the carbon intensity of the grid at that time:</p>
<p class="formula">grams = Σ joules ÷ 3 600 000 J/kWh × g/kWh</p>
<ul>
<li>${basis === 'direct' ? 'Direct emissions: the chimney alone, without building, fuel and waste.' : 'Life-cycle emissions: building, fuel and waste of the power plants are in.'}</li>
<li>${signal === 'marginal' ? marginalText : averageText}</li>
<li>Market-based scope 2 (contracts, certificates) is not computed. Of the Software Carbon Intensity (ISO/IEC 21031) this is E × I.</li>
<li>Where no figure was measured, the last good one stands in for up to six hours, then the annual average; each is named above with its share. Figures that the operator has set come before every source.</li>
</ul></div></section>`
}

function sourcesSection({ emissions, sources }: Report): Markup {
  const used = new Set(
    emissions.zones.flatMap(({ provenance }) => provenance.map((part) => part.intensity_source)),
  )
  const rows = Array.from(used, (source) => {
    const credit = sources.get(source)
    const name =
      credit === undefined || credit.url === ''
        ? markup`${credit?.name ?? source}`
        : markup`<a href="${credit.url}">${credit.name}</a>`
    return markup`<tr><td class="name">${name}</td><td>${source}</td><td class="name">${credit?.attribution ?? 'the service does not say'}</td><td class="short">${credit?.licence ?? '–'}</td></tr>`
  })
  return markup`<section><h2>Sources</h2>
<div class="card"><div class="scroll"><table><thead><tr><th scope="col">Carbon intensity</th><th scope="col">Named above</th><th scope="col">Attribution</th><th scope="col">Licence</th></tr></thead>
<tbody>${rows}<tr><td class="name"><a href="https://github.com/sustainable-computing-io/kepler">Kepler</a></td><td>energy</td><td class="name">Kepler, Kubernetes Efficient Power Level Exporter</td><td class="short">Apache-2.0</td></tr></tbody></table></div></div></section>`
}

function againSection({ emissions, question, madeAt }: Report): Markup {
  const { as_of: asOf, defaults } = emissions
  return markup`<section><h2>To have it again</h2>
<p class="lead">Facts about the grid are only ever added: for one and the same moment of knowledge, the same question has the same answer, to the last digit.</p>
<div class="card"><dl class="facts">
<dt>As of</dt><dd>${momentText(asOf)} UTC</dd>
<dt>Question</dt><dd>${question}</dd>
<dt>Not given, by default</dt><dd>${defaults.length === 0 ? 'nothing' : defaults.join(', ')}</dd>
<dt>Made</dt><dd>${momentText(madeAt)} UTC</dd>
</dl></div></section>`
}

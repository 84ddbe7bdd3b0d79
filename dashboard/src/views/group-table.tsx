import { useSignal } from '@preact/signals'
import { useMemo, useRef } from 'preact/hooks'
import { type Dimension, nextOrder, within } from '../address/place.ts'
import { boundsOf, isGoingOn, stepFor } from '../address/time-range.ts'
import { type Emissions, emissions as emissionsGuard } from '../api/answers.ts'
import { emissionsQuestion, type Subject } from '../api/questions.ts'
import { useAsked } from '../api/use-asked.ts'
import { rootPixels, useClientSize } from '../charts/pixels.ts'
import { Sparkline } from '../charts/sparkline.tsx'
import { likelyWords } from '../figures/comparison-words.ts'
import { type GroupRow, groupRow, inOrder, nameInFull, rowsWith, unnamed } from '../figures/group-rows.ts'
import { count, energy, percent, quantity } from '../figures/quantity-text.ts'
import type { Values } from '../figures/stack.ts'
import { visibleRows } from '../figures/visible-rows.ts'
import { usePage } from '../page.ts'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { Answer, Nothing } from '../parts/states.tsx'
import { useSparks } from './use-sparks.ts'

/** As many groups as the API gives at once. */
const mostRows = 10_000
const rowRem = 2.5

const nouns: Readonly<Record<Dimension, readonly [one: string, many: string]>> = {
  namespace: ['namespace', 'namespaces'],
  workload: ['workload', 'workloads'],
  pod: ['pod', 'pods'],
  container: ['container', 'containers'],
  node: ['node', 'nodes'],
}

/** Every group in a table, of which only the rows in sight are drawn. */
export function GroupTable({
  subject,
  grouping,
}: {
  readonly subject: Subject
  readonly grouping: Dimension
}) {
  const { navigation, now } = usePage()
  const { search } = navigation.place.value
  const { range } = subject
  const { from, to } = boundsOf(range, now.peek())
  const seconds = (to - from) / 1000
  const asked = useAsked(
    emissionsQuestion(subject, { groupBy: grouping, limit: mostRows }, now.peek()),
    emissionsGuard,
    isGoingOn(range) ? Math.max(30, seconds / 120) : undefined,
  )
  return (
    <section class="card groups" aria-labelledby="groups-title">
      <header class="card-head">
        <h2 id="groups-title">{capital(nouns[grouping][1])}</h2>
        <label class="search">
          <Icon name="search" />
          <span class="unseen">Find {nouns[grouping][1]}</span>
          <input
            type="search"
            placeholder="Find by name"
            value={search}
            onInput={(event) => navigation.go({ search: event.currentTarget.value }, 'replaced')}
          />
        </label>
      </header>
      <Answer asked={asked} what={`the ${nouns[grouping][1]}`} height="24rem">
        {(answer) => <Rows answer={answer} subject={subject} grouping={grouping} seconds={seconds} />}
      </Answer>
    </section>
  )
}

function Rows({
  answer,
  subject,
  grouping,
  seconds,
}: {
  readonly answer: Emissions
  readonly subject: Subject
  readonly grouping: Dimension
  readonly seconds: number
}) {
  const { navigation } = usePage()
  const { order, search } = navigation.place.value
  const home = answer.zones[0]?.zone ?? ''
  const all = useMemo(() => answer.groups.map((group) => groupRow(group, grouping)), [answer, grouping])
  const rows = useMemo(
    () => inOrder(rowsWith(all, search), order, home),
    [all, search, order.column, order.isDescending, home],
  )
  const [one, many] = nouns[grouping]
  if (all.length === 0) {
    return (
      <Nothing title={`No ${one} was measured in this time`}>
        Choose a longer one, or look at everything again.
      </Nothing>
    )
  }
  return (
    <>
      <p class="table-count" role="status">
        {rows.length === all.length
          ? `${count(all.length)} ${all.length === 1 ? one : many}`
          : `${count(rows.length)} of ${count(all.length)} ${many}`}
        {answer.group_count > all.length &&
          `; the ${count(all.length)} greatest of ${count(answer.group_count)}`}
      </p>
      {rows.length === 0 ? (
        <Nothing title={`No ${one} is called “${search}”`}>
          <button type="button" onClick={() => navigation.go({ search: '' }, 'replaced')}>
            Show all of them
          </button>
        </Nothing>
      ) : (
        <Table rows={rows} answer={answer} subject={subject} grouping={grouping} seconds={seconds} />
      )}
    </>
  )
}

function Table({
  rows,
  answer,
  subject,
  grouping,
  seconds,
}: {
  readonly rows: readonly GroupRow[]
  readonly answer: Emissions
  readonly subject: Subject
  readonly grouping: Dimension
  readonly seconds: number
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const scrolled = useSignal(0)
  const height = useClientSize(scroller, 'clientHeight', 600)
  const rowHeight = Math.round(rowRem * rootPixels())
  const { first, end, above, below } = visibleRows({
    rows: rows.length,
    rowHeight,
    scrolled: scrolled.value,
    height: height.value,
  })
  const shown = rows.slice(first, end)
  const sparks = useSparks(shown, { subject, grouping, stepSeconds: stepFor(seconds, 24) })
  const zones = answer.zones
  const columns = 5 + zones.length
  return (
    <div
      class="table-scroller"
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label={`Table of ${nouns[grouping][1]}`}
      style={{ '--row': `${rowHeight}px` }}
      onScroll={(event) => {
        const { scrollTop } = event.currentTarget
        // Only a new block of rows is worth drawing.
        const next = visibleRows({ rows: rows.length, rowHeight, scrolled: scrollTop, height: height.value })
        if (next.first !== first || next.end !== end) scrolled.value = scrollTop
      }}
    >
      <table aria-rowcount={rows.length + 1} style={{ '--zones': zones.length }}>
        <thead>
          <tr aria-rowindex={1}>
            <Heading column="name" words="Name" className="cell-name" />
            <th scope="col" class="cell-spark">
              Power over time
            </th>
            <Heading
              column="power"
              words="Mean power"
              title="The energy over the whole time, also over what was not measured"
              className="cell-number cell-power"
            />
            <Heading column="energy" words="Energy" className="cell-number cell-energy" />
            {zones.map((zone, at) => (
              <Heading
                key={zone.zone}
                column={at === 0 ? 'co2' : `co2:${zone.zone}`}
                words={zones.length === 1 ? 'CO₂e' : `CO₂e ${zone.zone}`}
                title={`CO₂e in ${zone.name}`}
                className="cell-number"
              />
            ))}
            <Heading column="coverage" words="Measured" className="cell-number cell-coverage" />
          </tr>
        </thead>
        <tbody>
          {above > 0 && (
            <tr class="spacer" aria-hidden="true">
              <td colSpan={columns} style={{ height: `${above}px` }} />
            </tr>
          )}
          {shown.map((row, at) => (
            <Row
              key={row.id}
              row={row}
              index={first + at + 2}
              grouping={grouping}
              zones={zones}
              spark={sparks.get(row.id)}
            />
          ))}
          {below > 0 && (
            <tr class="spacer" aria-hidden="true">
              <td colSpan={columns} style={{ height: `${below}px` }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}

/** Made anew only when what it shows is another: scrolling moves rows, and must not cost more than that. */
function Row({
  row,
  index,
  grouping,
  zones,
  spark,
}: {
  readonly row: GroupRow
  readonly index: number
  readonly grouping: Dimension
  readonly zones: Emissions['zones']
  readonly spark: Values | undefined
}) {
  return useMemo(
    () => (
      <tr aria-rowindex={index}>
        <NameCell row={row} grouping={grouping} />
        <td class="cell-spark">
          <Sparkline values={spark} />
        </td>
        <td class="cell-number cell-power">{quantity(row.watts, 'W')}</td>
        <td class="cell-number cell-energy">{energy(row.joules)}</td>
        {zones.map(({ zone }) => (
          <GramsCell key={zone} row={row} zone={zone} />
        ))}
        <td class="cell-number cell-coverage">
          {percent(row.coverage)}
          {row.flags.length > 0 && (
            <span class="flags" title={`In this time: ${row.flags.join(', ')}`}>
              {row.flags.join(', ')}
            </span>
          )}
        </td>
      </tr>
    ),
    [row, index, grouping, zones, spark],
  )
}

function Heading({
  column,
  words,
  className,
  title,
}: {
  readonly column: string
  readonly words: string
  readonly className: string
  readonly title?: string
}) {
  const { navigation } = usePage()
  const { order } = navigation.place.value
  const isOrdered = order.column === column
  const direction = order.isDescending ? 'descending' : 'ascending'
  return (
    <th scope="col" class={className} aria-sort={isOrdered ? direction : undefined} title={title}>
      <button type="button" onClick={() => navigation.go({ order: nextOrder(order, column) }, 'replaced')}>
        <span>{words}</span>
        {isOrdered && <Icon name={order.isDescending ? 'down' : 'up'} />}
      </button>
    </th>
  )
}

function NameCell({ row, grouping }: { readonly row: GroupRow; readonly grouping: Dimension }) {
  const { navigation } = usePage()
  const name = row.name ?? unnamed
  const place = navigation.place.value
  const isInnermost = grouping === 'container' && place.filters.container.length > 0
  return (
    <th scope="row" class="cell-name" title={nameInFull(row)}>
      <span>
        {row.name === undefined || isInnermost ? (
          <span class="row-name">{name}</span>
        ) : (
          <Link to={within(place, row.key)} className="row-name">
            {name}
          </Link>
        )}
        {row.within !== '' && <span class="row-within">{row.within}</span>}
        {row.isOwnerGuessed && <span class="row-within">by the pod’s name</span>}
      </span>
    </th>
  )
}

function GramsCell({ row, zone }: { readonly row: GroupRow; readonly zone: string }) {
  const likely = row.likely[zone]
  const without = row.joulesWithoutIntensity[zone] ?? 0
  return (
    <td class="cell-number cell-grams" title={likely && likelyWords(likely)}>
      {quantity(row.grams[zone], 'g')}
      {without > 0 && <span class="flags">part of it</span>}
    </td>
  )
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

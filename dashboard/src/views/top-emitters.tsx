import { type Dimension, noFilters, within } from '../address/place.ts'
import { stepFor, type TimeRange } from '../address/time-range.ts'
import { type Emissions, emissions as emissionsGuard } from '../api/answers.ts'
import { emissionsQuestion } from '../api/questions.ts'
import { useAsked } from '../api/use-asked.ts'
import { Sparkline } from '../charts/sparkline.tsx'
import { groupRow, unnamed } from '../figures/group-rows.ts'
import { count, percent, quantity } from '../figures/quantity-text.ts'
import { stepsOf } from '../figures/step-series.ts'
import { measuredUntil, usePage } from '../page.ts'
import { Choice } from '../parts/choice.tsx'
import { Link } from '../parts/link.tsx'
import { Answer, Nothing } from '../parts/states.tsx'

const most = 7
const options: readonly { readonly value: Dimension; readonly words: string }[] = [
  { value: 'namespace', words: 'Namespace' },
  { value: 'workload', words: 'Workload' },
  { value: 'container', words: 'Container' },
  { value: 'node', words: 'Node' },
]

/** Who emits most, each with its share of all. */
export function TopEmitters({ range }: { readonly range: TimeRange }) {
  const { navigation, now } = usePage()
  const place = navigation.place.value
  const grouping = place.grouping
  const stepSeconds = stepFor(range.kind === 'last' ? range.seconds : 86_400, 40)
  const asked = useAsked(
    emissionsQuestion(
      { range, zones: place.zones, filters: noFilters },
      { groupBy: grouping, limit: most, stepSeconds },
      now.peek(),
    ),
    emissionsGuard,
    20,
  )
  return (
    <section class="card top-emitters" aria-labelledby="top-title">
      <header class="card-head">
        <h2 id="top-title">Who emits most</h2>
        <Choice
          label="Grouped by"
          options={options}
          chosen={grouping}
          onChoose={(value) => navigation.go({ grouping: value }, 'replaced')}
        />
      </header>
      <Answer asked={asked} what="who emits most" height="17rem">
        {(answer) => <Ranking answer={answer} grouping={grouping} range={range} />}
      </Answer>
    </section>
  )
}

function Ranking({
  answer,
  grouping,
  range,
}: {
  readonly answer: Emissions
  readonly grouping: Dimension
  readonly range: TimeRange
}) {
  const page = usePage()
  const home = answer.zones[0]?.zone ?? ''
  const total = answer.total.co2_g[home] ?? null
  const isKnown = total !== null && total > 0
  const rows = answer.groups
    .filter(({ energy_j: joules }) => joules > 0)
    .map((group) => ({ row: groupRow(group, grouping), group }))
  const size = ({ row }: (typeof rows)[number]) => (isKnown ? (row.grams[home] ?? 0) : row.joules)
  const greatest = Math.max(...rows.map(size), 0)
  const whole = isKnown ? total : answer.total.energy_j
  const steps = stepsOf(answer, measuredUntil(page))
  if (rows.length === 0) return <Nothing title="Nobody, as far as was measured" />
  return (
    <>
      <ol class="ranking">
        {rows.map((each) => {
          const { row, group } = each
          const name = row.name ?? unnamed
          return (
            <li key={row.id}>
              <span class="ranking-name">
                {row.name === undefined ? (
                  <span>{unnamed}</span>
                ) : (
                  <Link
                    to={{
                      view: 'explorer',
                      range,
                      ...within({ ...page.navigation.place.value, filters: noFilters, grouping }, row.key),
                    }}
                  >
                    {name}
                  </Link>
                )}
                {row.within !== '' && <span class="ranking-within">{row.within}</span>}
              </span>
              <Sparkline
                values={group.series === undefined ? undefined : steps.cut(group.series.mean_power_w)}
              />
              <span class="ranking-figure">{quantity(row.grams[home], 'g')}</span>
              <span class="ranking-share">{whole > 0 ? percent(size(each) / whole) : ''}</span>
              <span class="ranking-bar" aria-hidden="true">
                <i style={{ width: `${greatest > 0 ? (size(each) / greatest) * 100 : 0}%` }} />
              </span>
            </li>
          )
        })}
      </ol>
      {answer.group_count > rows.length && (
        <p class="card-foot">
          <Link to={{ view: 'explorer', range, grouping }}>All {count(answer.group_count)}</Link>
        </p>
      )}
    </>
  )
}

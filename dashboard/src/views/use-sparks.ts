import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type Dimension, dimensions, type Filters } from '../address/place.ts'
import { rangeInAddress } from '../address/time-range.ts'
import { emissions as emissionsGuard } from '../api/answers.ts'
import { ask } from '../api/ask.ts'
import { emissionsQuestion, type Subject } from '../api/questions.ts'
import { type GroupRow, groupRow } from '../figures/group-rows.ts'
import type { Values } from '../figures/stack.ts'
import { stepsOf } from '../figures/step-series.ts'
import { usePage } from '../page.ts'

/** Rows of one question: their names have to fit in an address. */
const mostAtOnce = 40
/** Longer than the pause between two movements of a wheel. */
const settleMs = 120
/** Of this many rows the small charts are remembered. */
const mostRemembered = 2000

/** The power over time of the rows that are in sight, asked for when scrolling has come to rest. */
export function useSparks(
  rows: readonly GroupRow[],
  about: {
    readonly subject: Subject
    readonly grouping: Dimension
    readonly stepSeconds: number
  },
): ReadonlyMap<string, Values> {
  const { subject, grouping, stepSeconds } = about
  const { session } = usePage()
  const scope = JSON.stringify([rangeInAddress(subject.range), subject.filters, grouping])
  const known = useSignal<{ readonly scope: string; readonly values: ReadonlyMap<string, Values> }>({
    scope,
    values: new Map(),
  })
  const values = known.value.scope === scope ? known.value.values : new Map<string, Values>()
  const missing = rows.filter((row) => row.name !== undefined && !values.has(row.id)).slice(0, mostAtOnce)
  const wanted = missing.map(({ id }) => id).join('\n')
  useEffect(() => {
    if (missing.length === 0) return undefined
    const stop = new AbortController()
    const timer = window.setTimeout(async () => {
      const question = emissionsQuestion(
        { ...subject, zones: subject.zones.slice(0, 1), filters: filtersFor(missing, subject.filters) },
        { groupBy: grouping, stepSeconds, limit: 10 * mostAtOnce },
        Date.now(),
      )
      try {
        const answer = await ask(question, emissionsGuard, { session, signal: stop.signal })
        const steps = stepsOf(answer, Date.parse(answer.to))
        // A row that the answer does not have is not asked about again.
        const found = new Map<string, Values>(missing.map(({ id }) => [id, []]))
        for (const group of answer.groups) {
          found.set(
            groupRow(group, grouping).id,
            group.series === undefined ? [] : steps.cut(group.series.mean_power_w),
          )
        }
        const before = known.peek()
        const kept = before.scope === scope ? [...before.values].slice(-mostRemembered) : []
        known.value = { scope, values: new Map([...kept, ...found]) }
      } catch (error) {
        // The figures stand beside the small charts; the table itself tells of trouble.
        if (!stop.signal.aborted) console.warn('the small charts could not be had', error)
      }
    }, settleMs)
    return () => {
      stop.abort()
      window.clearTimeout(timer)
    }
  }, [scope, wanted, stepSeconds])
  return values
}

/** The names of these rows, beside what is filtered by already. */
function filtersFor(rows: readonly GroupRow[], filters: Filters): Filters {
  const named = Object.fromEntries(
    dimensions.map((dimension) => {
      const names = rows.map(({ key }) => key[dimension]).filter((name) => name !== undefined)
      return [dimension, names.length > 0 ? [...new Set(names)] : filters[dimension]]
    }),
  )
  return { ...filters, ...named }
}

import type { ComponentChildren } from 'preact'
import { day, type TimeRange } from '../address/time-range.ts'
import {
  type Audit,
  audit as auditGuard,
  readiness as readinessGuard,
  type Sources,
  sources as sourcesGuard,
  type Targets,
  targets as targetsGuard,
} from '../api/answers.ts'
import { auditQuestion } from '../api/questions.ts'
import { answerOf, useAsked } from '../api/use-asked.ts'
import { Meter } from '../charts/range-bars.tsx'
import { count, percent, quantity } from '../figures/quantity-text.ts'
import { ago, duration, fromTo, secondsOf } from '../figures/time-text.ts'
import type { Level } from '../figures/trust.ts'
import { usePage } from '../page.ts'
import { Mark } from '../parts/mark.tsx'
import { RangePicker } from '../parts/range-picker.tsx'
import { ScrolledTable } from '../parts/scrolled-table.tsx'
import { Answer, Nothing } from '../parts/states.tsx'

const qualityRange: TimeRange = { kind: 'last', seconds: day }

/** Everything that says how far the figures can be trusted. */
export function Quality() {
  const { navigation, now } = usePage()
  const { range = qualityRange } = navigation.place.value
  const audit = useAsked(auditQuestion(range, now.peek()), auditGuard, 60)
  const targets = useAsked('api/v1/targets', targetsGuard, 15)
  const sources = useAsked('api/v1/intensity/sources', sourcesGuard, 60)
  const readiness = useAsked('readyz', readinessGuard, 15)
  return (
    <>
      <div class="toolbar">
        <RangePicker range={range} />
      </div>
      <Answer asked={readiness} what="whether the service is ready" height="3rem">
        {({ ready, reasons, warnings }) => (
          <div class="ready">
            <Mark level={!ready ? 'bad' : warnings.length > 0 ? 'care' : 'good'}>
              {!ready
                ? 'The service is not ready'
                : warnings.length > 0
                  ? 'The service is ready, with warnings'
                  : 'The service is ready'}
            </Mark>
            {[...reasons, ...warnings].length > 0 && (
              <ul>
                {[...reasons, ...warnings].map((each) => (
                  <li key={each}>{each}</li>
                ))}
              </ul>
            )}
          </div>
        )}
      </Answer>
      <div class="quality-grid">
        <Section id="books" title="The books" sub="what counters said, and what became of it">
          <Answer asked={audit} what="the books" height="16rem">
            {(answer) => <Books audit={answer} />}
          </Answer>
        </Section>
        <Section id="gaps" title="Gaps" sub="time or energy that could not be counted, by cause">
          <Answer asked={audit} what="the gaps" height="16rem">
            {(answer) => <Gaps audit={answer} />}
          </Answer>
        </Section>
        <Section id="targets" title="Targets" sub="where energy is read" isWide>
          <Answer asked={targets} what="the targets" height="10rem">
            {(answer) => <TargetTable answer={answer} audit={answerOf(audit)} />}
          </Answer>
        </Section>
        <Section id="sources" title="Sources of carbon intensity" sub="best first" isWide>
          <Answer asked={sources} what="the sources" height="10rem">
            {(answer) => <SourceTable sources={answer} />}
          </Answer>
        </Section>
      </div>
    </>
  )
}

function Section({
  id,
  title,
  sub,
  isWide = false,
  children,
}: {
  readonly id: string
  readonly title: string
  readonly sub: string
  readonly isWide?: boolean
  readonly children: ComponentChildren
}) {
  return (
    <section class={isWide ? 'card wide' : 'card'} aria-labelledby={`${id}-title`}>
      <header class="card-head">
        <h2 id={`${id}-title`}>
          {title} <span class="card-sub">{sub}</span>
        </h2>
      </header>
      {children}
    </section>
  )
}

/** What counters advanced by, against what was counted: the two must meet. */
function Books({ audit }: { readonly audit: Audit }) {
  const { total, balanced, explanation } = audit
  const lines = [
    { words: 'Counters advanced by', joules: total.counter_advance_j, isSum: true },
    { words: 'Attributed to containers', joules: total.attributed_j },
    { words: 'Of containers without a name yet', joules: total.unnamed_j },
    { words: 'Left over', joules: total.residual_j },
  ]
  const facts = [
    { words: 'Samples', number: total.samples },
    { words: 'Counter resets', number: total.resets },
    { words: 'Containers begun', number: total.started },
    { words: 'Containers ended', number: total.terminated },
    { words: 'Refused readings', number: total.refused.readings },
    { words: 'Lines not read', number: audit.unread_lines },
  ]
  return (
    <>
      <p class="verdict">
        <Mark level={balanced ? 'good' : 'bad'}>
          {balanced ? 'The books balance' : 'The books do not balance'}
        </Mark>
      </p>
      <table class="books">
        <tbody>
          {lines.map(({ words, joules, isSum = false }) => (
            <tr key={words} class={isSum ? 'books-sum' : undefined}>
              <th scope="row">{words}</th>
              <td class="cell-number">{quantity(joules, 'J')}</td>
              <td class="cell-number books-share">
                {total.counter_advance_j > 0 ? percent(joules / total.counter_advance_j) : ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl class="facts">
        {facts.map(({ words, number }) => (
          <div key={words}>
            <dt>{words}</dt>
            <dd>{count(number)}</dd>
          </div>
        ))}
      </dl>
      {explanation.map((sentence) => (
        <p key={sentence} class="tile-note">
          {sentence}
        </p>
      ))}
    </>
  )
}

function Gaps({ audit }: { readonly audit: Audit }) {
  const { now } = usePage()
  const causes = Object.entries(audit.total.gaps)
    .filter(([, number]) => number > 0)
    .toSorted(([, left], [, right]) => right - left)
  const most = causes[0]?.[1] ?? 0
  const shown = audit.gaps.slice(0, mostGaps)
  return (
    <>
      <Meter share={audit.total.coverage} label="Share of the time that was measured">
        <span class="tile-note">{percent(audit.total.coverage)} of the time was measured</span>
      </Meter>
      {causes.length === 0 ? (
        <Nothing title="No gap in this time" />
      ) : (
        <ul class="causes">
          {causes.map(([cause, number]) => (
            <li key={cause}>
              <span class="cause-name">{cause.replaceAll(/[-_]/g, ' ')}</span>
              <span class="cause-bar" aria-hidden="true">
                <i style={{ width: `${(number / most) * 100}%` }} />
              </span>
              <span class="cause-count">{count(number)}</span>
            </li>
          ))}
        </ul>
      )}
      {shown.length > 0 && (
        <details class="gap-list">
          <summary>
            {audit.gap_count > shown.length
              ? `The first ${count(shown.length)} of ${count(audit.gap_count)} gaps`
              : `All ${count(shown.length)}`}
          </summary>
          <ScrolledTable label="Gaps as a table" columns={gapColumns}>
            {shown.map((gap) => (
              <tr key={JSON.stringify(gap)}>
                <td>
                  {fromTo({ from: Date.parse(gap.from), to: Date.parse(gap.to) }, now.peek())},{' '}
                  {duration(secondsOf(gap))}
                </td>
                <td>{gap.cause.replaceAll(/[-_]/g, ' ')}</td>
                <td>
                  {[gap.node, gap.namespace, gap.pod, gap.container]
                    .filter((name) => typeof name === 'string')
                    .join(' / ')}
                </td>
              </tr>
            ))}
          </ScrolledTable>
        </details>
      )}
    </>
  )
}

const mostGaps = 200
const gapColumns = [{ words: 'Time' }, { words: 'Cause' }, { words: 'Where' }] as const

const targetLevels: Readonly<Record<string, Level>> = {
  ok: 'good',
  stale: 'care',
  failing: 'bad',
  never: 'bad',
}
const targetWords: Readonly<Record<string, string>> = {
  ok: 'answers',
  stale: 'quiet',
  failing: 'fails',
  never: 'has never answered',
}

const targetColumns = [
  { words: 'Target' },
  { words: 'State' },
  { words: 'Nodes, and what is counted' },
  { words: 'Measured', isNumber: true },
  { words: 'Last success', isNumber: true },
  { words: 'A scrape takes', isNumber: true },
  { words: 'Last trouble' },
] as const

function TargetTable({ answer, audit }: { readonly answer: Targets; readonly audit: Audit | undefined }) {
  const { now } = usePage()
  if (answer.targets.length === 0)
    return <Nothing title="No target is being read">EXPORTER_URL names them.</Nothing>
  return (
    <ScrolledTable label="Table of targets" columns={targetColumns}>
      {answer.targets.map((each) => {
        const coverage = audit?.nodes.find(({ target }) => target === each.target)?.coverage
        return (
          <tr key={each.target}>
            <th scope="row" class="cell-target">
              {each.target}
              {each.dialect !== null && <span class="row-within">{each.dialect} Kepler</span>}
            </th>
            <td>
              <Mark level={targetLevels[each.state] ?? 'care'}>{targetWords[each.state] ?? each.state}</Mark>
            </td>
            <td>{each.nodes.map(({ node, basis }) => `${node}: ${basis}`).join('; ') || 'none yet'}</td>
            <td class="cell-number">{coverage === undefined ? '' : percent(coverage)}</td>
            <td class="cell-number">
              {each.last_success === null ? 'never' : agoAt(each.last_success, now.value)}
            </td>
            <td class="cell-number">
              {each.last_scrape_s === null
                ? ''
                : `${Math.max(1, Math.round(each.last_scrape_s * 1000))}\u00A0ms`}
            </td>
            <td class="cell-trouble">
              {each.last_error !== null && (
                <>
                  {each.last_error}
                  {each.last_error_at !== null && (
                    <span class="row-within">
                      {agoAt(each.last_error_at, now.value)}
                      {each.failures_in_a_row > 1 && `, ${count(each.failures_in_a_row)} in a row`}
                    </span>
                  )}
                </>
              )}
              {each.notes.map((note) => (
                <span key={note} class="row-within">
                  {note}
                </span>
              ))}
              {each.unread_lines.count > 0 && (
                <span class="row-within">{count(each.unread_lines.count)} lines were not understood</span>
              )}
            </td>
          </tr>
        )
      })}
    </ScrolledTable>
  )
}

const sourceColumns = [
  { words: 'Source' },
  { words: 'State' },
  { words: 'Figures' },
  { words: 'Zones', isNumber: true },
  { words: 'Asked', isNumber: true },
  { words: 'Failed', isNumber: true },
  { words: 'Last success', isNumber: true },
  { words: 'Licence and trouble' },
] as const

function SourceTable({ sources }: { readonly sources: Sources }) {
  const { now } = usePage()
  if (sources.length === 0) {
    return (
      <Nothing title="No live source is asked">
        Figures are those of the operator (INTENSITY_FILE, CO2_INTENSITIES), or annual averages, each labelled
        as such.
      </Nothing>
    )
  }
  return (
    <ScrolledTable label="Table of sources" columns={sourceColumns}>
      {sources.map((each) => (
        <tr key={`${each.source} ${each.basis} ${each.signal}`}>
          <th scope="row">
            {each.name}
            <span class="row-within">{each.attribution}</span>
          </th>
          <td>
            <Mark level={each.state === 'usable' ? (each.failures_in_a_row > 0 ? 'care' : 'good') : 'care'}>
              {each.state === 'usable' ? 'usable' : 'resting'}
            </Mark>
            {each.resting_because !== undefined && <span class="row-within">{each.resting_because}</span>}
          </td>
          <td>
            {each.basis}, {each.signal}
          </td>
          <td class="cell-number">{count(each.zones)}</td>
          <td class="cell-number">{count(each.requests)}</td>
          <td class="cell-number">{count(each.failures)}</td>
          <td class="cell-number">
            {each.last_success === null ? 'not asked yet' : agoAt(each.last_success, now.value)}
          </td>
          <td class="cell-trouble">
            {each.licence}
            {each.last_error !== null && <span class="row-within">{each.last_error}</span>}
          </td>
        </tr>
      ))}
    </ScrolledTable>
  )
}

function agoAt(written: string, now: number): string {
  return ago((now - Date.parse(written)) / 1000)
}

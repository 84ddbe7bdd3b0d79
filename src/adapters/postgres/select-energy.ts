import { setImmediate as nextTurn } from 'node:timers/promises'
import { partWithin } from '../../energy/clip-spans.ts'
import type { EnergyQuestion, EnergySeries, EnergySpans } from '../../energy/energy-spans.ts'
import {
  insteadOfSums,
  isReplaced,
  planReading,
  type SamplesStretch,
  type SumsStretch,
} from '../../energy/reading-plan.ts'
import { createSpanColumns, type SpanColumns } from '../../energy/span-columns.ts'
import { longSampleMs } from '../../energy/sum-levels.ts'
import { type Instant, type Interval, instant } from '../../units.ts'
import { milliseconds, numberAt } from './columns.ts'
import { type CopiedKind, createCopyDecoder } from './copy-decoding.ts'
import type { Lease } from './database.ts'
import { type EnergyContainers, selectContainers } from './energy-containers.ts'
import { integersLiteral, timeLiteral } from './literals.ts'
import { selectPredecessorEnergy } from './select-predecessor-energy.ts'
import type { Session } from './session.ts'

const rowsPerPortion = 10_000

/** The energy of many containers, of the database as it is at the beginning. */
export async function* selectEnergy(
  lease: Lease,
  question: EnergyQuestion,
  /** The length that is assumed of the predecessor's intervals. */
  sampleIntervalSeconds: number,
): AsyncGenerator<EnergySpans, void, undefined> {
  if (question.during.from >= question.during.to) return
  const { session } = lease
  let isDone = false
  try {
    await lease.during(session.rows('begin isolation level repeatable read read only'))
    const containers = await lease.during(selectContainers(session, question.where, question.during.from))
    if (containers.seriesOf.size > 0) yield* selectOwnEnergy(lease, containers, question)
    yield* selectPredecessorEnergy(lease, question, sampleIntervalSeconds)
    await lease.during(session.rows('commit'))
    isDone = true
  } finally {
    // Whoever leaves early leaves the rest of an answer in the connection.
    if (!isDone) lease.giveUp()
  }
}

async function* selectOwnEnergy(
  lease: Lease,
  containers: EnergyContainers,
  question: EnergyQuestion,
): AsyncGenerator<EnergySpans, void, undefined> {
  const { seriesOf } = containers
  const { during } = question
  yield* spansOfSamples(lease, {
    sql: longSamples(during, containers),
    seriesOf,
    partOf: () => ({ during, window: always }),
  })
  const { madeUntil, outdated } = await lease.during(stateOfSums(lease.session))
  for (const stretch of planReading(question, madeUntil)) {
    if (stretch.kind === 'samples') {
      const sql = samples(stretch.during, containers)
      yield* spansOfSamples(lease, { sql, seriesOf, partOf: () => stretch })
      continue
    }
    const instead = insteadOfSums(stretch, outdated)
    yield* spansOfSums(lease, {
      sql: sums(stretch, containers),
      levelSeconds: stretch.levelSeconds,
      seriesOf: (ref, begins) => (isReplaced(instead.get(ref), begins) ? undefined : seriesOf.get(ref)),
    })
    if (instead.size === 0) continue
    const replacing = samplesInstead(stretch)
    yield* spansOfSamples(lease, { sql: replacing, seriesOf, partOf: (ref) => instead.get(ref) })
  }
}

const always: Interval = { from: instant(-Infinity), to: instant(Infinity) }

/** Until when sums are complete, and of which time those of single containers are not. */
async function stateOfSums(session: Session): Promise<{
  readonly madeUntil: Instant
  readonly outdated: ReadonlyMap<number, Interval>
}> {
  const [made] = await session.rows(`select ${milliseconds('made_until')} from energy_sums_made`)
  const rows = await session.rows(
    `select container_ref, ${milliseconds('from_time')}, ${milliseconds('until_time')} from energy_sums_to_make`,
  )
  return {
    madeUntil: instant(made === undefined ? -Infinity : numberAt(made, 0)),
    outdated: new Map(
      rows.map((row) => [
        numberAt(row, 0),
        { from: instant(numberAt(row, 1)), to: instant(numberAt(row, 2)) },
      ]),
    ),
  }
}

const sampleColumns = 'm.container_ref, m.started_at, m.time, m.joules, m.flags'
const sampleKinds: readonly CopiedKind[] = ['int4', 'time', 'time', 'float8', 'int2']

const isNotLong = `m.time - m.started_at <= interval '${longSampleMs} milliseconds'`

function samples({ from, to }: Interval, containers: EnergyContainers): string {
  return `select ${sampleColumns} from container_metrics m
    where m.time > ${timeLiteral(from)} and m.time <= ${timeLiteral(to + longSampleMs + 1)}
      and m.started_at < ${timeLiteral(to + 1)} and ${isNotLong} ${among(containers)}`
}

function longSamples({ from, to }: Interval, containers: EnergyContainers): string {
  return `select ${sampleColumns} from energy_long_samples m
    where m.time > ${timeLiteral(from)} and m.started_at < ${timeLiteral(to + 1)} ${among(containers)}`
}

/** The samples of all containers whose sums are out of date somewhere in the stretch, of that time. */
function samplesInstead({ during, levelSeconds }: SumsStretch): string {
  const seconds = (column: string, round: 'floor' | 'ceil') =>
    `to_timestamp(${round}(date_part('epoch', ${column}) / ${levelSeconds}) * ${levelSeconds})`
  const from = `greatest(${seconds('d.from_time', 'floor')}, ${timeLiteral(during.from)})`
  const to = `least(${seconds('d.until_time', 'ceil')}, ${timeLiteral(during.to)})`
  return `select ${sampleColumns} from energy_sums_to_make d
    join container_metrics m on m.container_ref = d.container_ref and m.time > ${from}
      and m.time <= ${to} + interval '${longSampleMs} milliseconds' and m.started_at < ${to} and ${isNotLong}`
}

const sumKinds: readonly CopiedKind[] = ['int4', 'time', 'float8', 'float8', 'int4', 'int2']

/** A few containers are looked up in the time of each sum, since the sums of all others stand between. */
function sums(
  { during: { from, to }, levelSeconds }: SumsStretch,
  { seriesOf, areFew }: EnergyContainers,
): string {
  const columns = 's.container_ref, s.begins_at, s.joules, s.covered_ms, s.samples, s.flags'
  const within = `from energy_sums s where s.level_seconds = ${levelSeconds}
    and s.begins_at >= ${timeLiteral(from)} and s.begins_at < ${timeLiteral(to)}`
  if (!areFew) return `select ${columns} ${within}`
  const length = `interval '${levelSeconds} seconds'`
  return `select ${columns} from (select min(s.begins_at) as begins_at ${within}) oldest
    cross join generate_series(oldest.begins_at, ${timeLiteral(to)} - ${length}, ${length}) b (begins_at)
    cross join unnest(${integersLiteral(seriesOf.keys())}) c (ref)
    join energy_sums s on s.level_seconds = ${levelSeconds} and s.begins_at = b.begins_at and s.container_ref = c.ref`
}

function among({ seriesOf, areFew }: EnergyContainers): string {
  return areFew ? `and m.container_ref = any(${integersLiteral(seriesOf.keys())})` : ''
}

type SamplesReading = {
  readonly sql: string
  readonly seriesOf: ReadonlyMap<number, EnergySeries>
  /** What is wanted of a container; undefined when nothing is. */
  readonly partOf: (ref: number) => Omit<SamplesStretch, 'kind'> | undefined
}

function spansOfSamples(
  lease: Lease,
  { sql, seriesOf, partOf }: SamplesReading,
): AsyncGenerator<EnergySpans, void, undefined> {
  const columns = createSpanColumns(undefined)
  return portionsOf(lease, { sql, kinds: sampleKinds, columns }, (row) => {
    const [ref = 0, from = 0, to = 0, joules = 0, flagBits = 0] = row
    const series = seriesOf.get(ref)
    const wanted = partOf(ref)
    if (series === undefined || wanted === undefined) return
    if (from >= wanted.during.to || to <= wanted.during.from) return
    const part = partWithin({ from, to, joules, samples: 1, flagBits }, wanted.window)
    if (part !== undefined) columns.add(series, part)
  })
}

type SumsReading = {
  readonly sql: string
  readonly levelSeconds: number
  /** Undefined where the sum of a container does not count. */
  readonly seriesOf: (ref: number, begins: number) => EnergySeries | undefined
}

function spansOfSums(
  lease: Lease,
  { sql, levelSeconds, seriesOf }: SumsReading,
): AsyncGenerator<EnergySpans, void, undefined> {
  const columns = createSpanColumns(levelSeconds)
  return portionsOf(lease, { sql, kinds: sumKinds, columns }, (row) => {
    const [ref = 0, from = 0, joules = 0, coveredMs = 0, samples = 0, flagBits = 0] = row
    const series = seriesOf(ref, from)
    // Samples may overlap.
    const to = from + Math.min(coveredMs, levelSeconds * 1000)
    if (series !== undefined) columns.add(series, { from, to, joules, samples, flagBits })
  })
}

async function* portionsOf(
  lease: Lease,
  {
    sql,
    kinds,
    columns,
  }: { readonly sql: string; readonly kinds: readonly CopiedKind[]; readonly columns: SpanColumns },
  addRow: (row: Float64Array) => void,
): AsyncGenerator<EnergySpans, void, undefined> {
  const decode = createCopyDecoder(kinds)
  const pieces = lease.session.copyOut(`copy (${sql}) to stdout (format binary)`)[Symbol.asyncIterator]()
  for (;;) {
    const piece = await lease.during(pieces.next())
    if (piece.done === true) break
    decode(piece.value, addRow)
    if (columns.length < rowsPerPortion) continue
    yield columns.take()
    // What has arrived meanwhile would be read without a turn for others.
    await nextTurn()
  }
  if (columns.length > 0) yield columns.take()
}

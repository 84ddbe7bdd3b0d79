import { setImmediate as nextTurn } from 'node:timers/promises'
import { partWithin } from '../../energy/clip-spans.ts'
import type { EnergyQuestion, EnergySeries, EnergySpans } from '../../energy/energy-spans.ts'
import { insteadOfSums, isReplaced, planReading, type SamplesStretch } from '../../energy/reading-plan.ts'
import { createSpanColumns } from '../../energy/span-columns.ts'
import { type Interval, instant } from '../../units.ts'
import type { Database, Snapshot } from './database.ts'
import { type Columns, numberAt } from './row.ts'
import { longSampleRows, sampleRows } from './sample-rows.ts'
import { type SumsQuery, sumRows } from './sum-rows.ts'
import { type WantedContainer, wantedContainers } from './wanted-containers.ts'

/** The energy of many containers, of the file as it is at the beginning; others may write between two portions. */
export async function* energyWithin(
  database: Database,
  question: EnergyQuestion,
  signal: AbortSignal,
): AsyncGenerator<EnergySpans> {
  signal.throwIfAborted()
  using snapshot = database.snapshot()
  const containers = await wantedContainers(snapshot, question.where, signal)
  for (const spans of spansIn(snapshot, containers, question)) {
    signal.throwIfAborted()
    if (spans.length > 0) yield spans
    await nextTurn()
  }
}

type Containers = ReadonlyMap<number, WantedContainer>
type WantedSamples = Omit<SamplesStretch, 'kind'> & WantedContainer

/** In portions, some of which are empty: after each, others have their turn. */
function* spansIn(
  snapshot: Snapshot,
  containers: Containers,
  question: EnergyQuestion,
): Generator<EnergySpans> {
  const { during: wholly } = question
  if (wholly.from >= wholly.to) return
  const all = ({ during, window }: Omit<SamplesStretch, 'kind'>) =>
    new Map(Array.from(containers, ([id, container]) => [id, { ...container, during, window }]))

  yield* spansOfSamples(longSampleRows(snapshot, wholly), all({ during: wholly, window: always }))
  const outdated = outdatedSums(snapshot)
  for (const stretch of planReading(question, sumsUntil(snapshot))) {
    if (stretch.kind === 'samples') {
      const wanted = all(stretch)
      yield* spansOfSamples(sampleRows(snapshot, wanted), wanted)
      continue
    }
    const instead = insteadOfSums(stretch, outdated)
    const query = { ...stretch, containers: [...containers.keys()] }
    yield* spansOfSums(sumRows(snapshot, query), query, (id, begins) =>
      isReplaced(instead.get(id), begins) ? undefined : containers.get(id)?.series,
    )
    const replacing = new Map<number, WantedSamples>()
    for (const [id, part] of instead) {
      const container = containers.get(id)
      if (container !== undefined) replacing.set(id, { ...container, ...part })
    }
    yield* spansOfSamples(sampleRows(snapshot, replacing), replacing)
  }
}

const always: Interval = { from: instant(-Infinity), to: instant(Infinity) }

function sumsUntil(snapshot: Snapshot) {
  const [row] = snapshot.rows('SELECT made_until_ms FROM sums_made')
  return instant(row === undefined ? -Infinity : numberAt(row, 0))
}

/** The time of which the sums of a container do not hold all samples. */
function outdatedSums(snapshot: Snapshot): ReadonlyMap<number, Interval> {
  const rows = snapshot.rows('SELECT container, from_ms, until_ms FROM sums_to_make')
  return new Map(
    rows.map((row) => [numberAt(row, 0), { from: instant(numberAt(row, 1)), to: instant(numberAt(row, 2)) }]),
  )
}

function* spansOfSamples(
  steps: Iterable<readonly Columns[]>,
  wanted: ReadonlyMap<number, WantedSamples>,
): Generator<EnergySpans> {
  const columns = createSpanColumns(undefined)
  for (const rows of steps) {
    for (const row of rows) {
      const container = wanted.get(numberAt(row, 0))
      if (container === undefined) continue
      const to = numberAt(row, 1)
      const from = to - numberAt(row, 2)
      if (from >= container.during.to || to <= container.during.from) continue
      const sample = { from, to, joules: numberAt(row, 3), samples: 1, flagBits: numberAt(row, 4) }
      const part = partWithin(sample, container.window)
      if (part !== undefined) columns.add(container.series, part)
    }
    yield columns.take()
  }
}

function* spansOfSums(
  steps: Iterable<readonly Columns[]>,
  { levelSeconds }: SumsQuery,
  /** Undefined where the sum of a container does not count. */
  seriesOf: (container: number, begins: number) => EnergySeries | undefined,
): Generator<EnergySpans> {
  const columns = createSpanColumns(levelSeconds)
  for (const rows of steps) {
    for (const row of rows) {
      const from = numberAt(row, 1)
      const series = seriesOf(numberAt(row, 0), from)
      if (series === undefined) continue
      columns.add(series, {
        from,
        // Samples may overlap.
        to: from + Math.min(numberAt(row, 3), levelSeconds * 1000),
        joules: numberAt(row, 2),
        samples: numberAt(row, 4),
        flagBits: numberAt(row, 5),
      })
    }
    yield columns.take()
  }
}

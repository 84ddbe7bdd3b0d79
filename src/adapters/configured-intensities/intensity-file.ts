import { readFile, stat } from 'node:fs/promises'
import type { IntensityFact } from '../../intensity/fact.ts'
import { sourceRank } from '../../intensity/source-rank.ts'
import { createStaticSource, type StaticSource } from '../../intensity/static-source.ts'
import { acceptedTime, parseIsoTime } from '../../iso-time.ts'
import type { Instant } from '../../units.ts'
import {
  aboutConfigured,
  acceptedZone,
  type ConfiguredContext,
  type ConfiguredIntensities,
  configuredFact,
} from './configured-fact.ts'
import { type IntensityRow, type RowProblem, readIntensityRows } from './intensity-rows.ts'
import { acceptedIntensity, parseIntensity } from './intensity-text.ts'

const id = 'INTENSITY_FILE'

/** More would bury the first one. */
const problemsTold = 20

/** Over a million rows; the file is held in memory while it is read. */
const largestFileBytes = 64 * 1024 * 1024

/** Reads the file at `path` as `parseIntensityFile` does; a file that cannot be read is a problem too. */
export async function readIntensityFile(
  path: string,
  context: ConfiguredContext,
): Promise<ConfiguredIntensities> {
  const unreadable = (why: string): ConfiguredIntensities => ({
    kind: 'problems',
    problems: [`${id}: ${path} ${why}`],
  })
  try {
    const { size } = await stat(path)
    if (size > largestFileBytes) {
      return unreadable(`has ${size} bytes; accepted is a file of at most ${largestFileBytes} bytes`)
    }
    return parseIntensityFile(await readFile(path, 'utf8'), { ...context, path })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return unreadable(`cannot be read (${String(error.code)}); accepted is the path of a readable CSV file`)
  }
}

/**
 * Intensities by zone and time, as CSV with a header row:
 *
 *     zone,from,to,g_per_kwh
 *     DE,2024-03-22T00:00Z,2024-03-22T00:15Z,322
 *
 * A row holds from `from` until just before `to`. Times are ISO 8601, UTC when they have no offset. Rows may stand
 * in any order; two rows of one zone may not overlap. Any problem refuses the whole file, and the first
 * 20 are told by line. `path` only names the file in them.
 */
export function parseIntensityFile(
  csv: string,
  context: ConfiguredContext & { readonly path: string },
): ConfiguredIntensities {
  const table = readIntensityRows(csv)
  if (table.kind === 'unreadable') return refused(context.path, [table.problem])

  const problems: RowProblem[] = [...table.problems]
  const placed: PlacedFact[] = []
  for (const row of table.rows) {
    const read = readRow(row, context)
    if (read.kind === 'ok') placed.push({ line: row.line, fact: read.fact })
    else problems.push(...read.whys.map((why) => ({ line: row.line, why })))
  }
  problems.push(...overlapsAmong(placed))
  if (problems.length > 0) return refused(context.path, problems)
  if (placed.length === 0) {
    return refused(context.path, [
      { line: 1, why: 'is the last line; accepted is a file with at least one row' },
    ])
  }
  return { kind: 'ok', facts: placed.map(({ fact }) => fact) }
}

/** The source of the facts that an intensity file held. */
export function createIntensityFileSource(facts: readonly IntensityFact[]): StaticSource {
  return createStaticSource({ id, about: aboutConfigured(`The file named by ${id}`), facts })
}

type PlacedFact = { readonly line: number; readonly fact: IntensityFact }

type ReadRow =
  | { readonly kind: 'ok'; readonly fact: IntensityFact }
  | { readonly kind: 'refused'; readonly whys: readonly string[] }

function readRow(row: IntensityRow, { zones, learnedAt }: ConfiguredContext): ReadRow {
  const lookup = zones.find(row.zone)
  const from = parseIsoTime(row.from)
  const to = parseIsoTime(row.to)
  const figure = parseIntensity(row.intensity)
  if (
    lookup.kind === 'known' &&
    from !== undefined &&
    to !== undefined &&
    from < to &&
    figure.kind === 'ok'
  ) {
    const { zone } = lookup
    const { intensity } = figure
    const valid = { from, to }
    return {
      kind: 'ok',
      fact: configuredFact({ zone, valid, intensity, source: id, rank: sourceRank.file, learnedAt }),
    }
  }

  const whys: string[] = []
  if (lookup.kind === 'unknown') whys.push(`zone is '${row.zone}'; accepted is ${acceptedZone}`)
  if (from === undefined) whys.push(`from is '${row.from}'; accepted is ${acceptedTime}`)
  if (to === undefined) whys.push(`to is '${row.to}'; accepted is ${acceptedTime}`)
  if (isReversed(from, to)) whys.push(`to is '${row.to}'; accepted is a time after from, '${row.from}'`)
  if (figure.kind === 'refused') {
    whys.push(`g_per_kwh is '${row.intensity}', which ${figure.why}; accepted is ${acceptedIntensity}`)
  }
  return { kind: 'refused', whys }
}

function isReversed(from: Instant | undefined, to: Instant | undefined): boolean {
  return from !== undefined && to !== undefined && from >= to
}

function overlapsAmong(placed: readonly PlacedFact[]): readonly RowProblem[] {
  const problems: RowProblem[] = []
  for (const ofZone of Map.groupBy(placed, ({ fact }) => fact.zone).values()) {
    const ascending = ofZone.toSorted((a, b) => a.fact.valid.from - b.fact.valid.from || a.line - b.line)
    let reachingFurthest = ascending[0]
    for (const row of ascending.slice(1)) {
      if (reachingFurthest !== undefined && row.fact.valid.from < reachingFurthest.fact.valid.to) {
        const [earlier, later] = [reachingFurthest.line, row.line].sort((a, b) => a - b)
        problems.push({
          line: later ?? row.line,
          why: `overlaps line ${earlier} in zone ${row.fact.zone}; accepted are rows of a zone that do not overlap`,
        })
      }
      if (reachingFurthest === undefined || row.fact.valid.to > reachingFurthest.fact.valid.to) {
        reachingFurthest = row
      }
    }
  }
  return problems
}

function refused(path: string, problems: readonly RowProblem[]): ConfiguredIntensities {
  const told = problems
    .toSorted((a, b) => a.line - b.line)
    .slice(0, problemsTold)
    .map(({ line, why }) => `${id}: ${path} line ${line}: ${why}`)
  const untold = problems.length - told.length
  return { kind: 'problems', problems: untold === 0 ? told : [...told, `${id}: ${path}: and ${untold} more`] }
}

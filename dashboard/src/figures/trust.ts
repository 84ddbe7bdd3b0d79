import { isStandIn, methodOf, methodWords } from './method-words.ts'
import { count, percent } from './quantity-text.ts'
import { oneUnit } from './time-text.ts'

export type Level = 'good' | 'care' | 'bad'

/** One reason to rely on the figures, or not to. */
export type Statement = { readonly level: Level; readonly words: string }

/** Whether the figures can be relied on: as bad as the worst of the statements. */
export type Trust = {
  readonly level: Level
  readonly verdict: string
  readonly statements: readonly Statement[]
}

export type Evidence = {
  readonly targets: readonly { readonly state: string }[] | undefined
  /** The share of the last hour that was measured; undefined as long as it is not known. */
  readonly coverage: number | undefined
  /** How long ago the first measurements began, where that is within the hour, as exactly as steps tell it. */
  readonly begun: { readonly secondsAgo: number; readonly stepSeconds: number } | undefined
  readonly intensity:
    | {
        readonly provenance: readonly {
          readonly intensity_method: string
          readonly intensity_year?: number | undefined
          readonly energy_share: number
        }[]
        readonly worstAgeSeconds: number | null
        readonly joulesWithout: number
      }
    | undefined
}

const verdicts: Readonly<Record<Level, string>> = {
  good: 'These figures can be relied on',
  care: 'Rely on these figures with care',
  bad: 'Do not rely on these figures',
}

const wellCovered = 0.98
const barelyCovered = 0.8
const hourSeconds = 3600
/** A live figure that is older stands in for the present one. */
const oldAfterSeconds = 2 * 3600

/** What is known of the figures' quality, in words: targets, time covered, carbon intensity. */
export function trustIn({ targets, coverage, begun, intensity }: Evidence): Trust {
  const statements = [
    ...(targets === undefined ? [] : [onTargets(targets)]),
    ...(coverage === undefined ? [] : [onCoverage(coverage, begun)]),
    ...(intensity === undefined ? [] : [onIntensity(intensity)]),
  ]
  const level = worstOf(statements.map((statement) => statement.level))
  return { level, verdict: verdicts[level], statements }
}

function worstOf(levels: readonly Level[]): Level {
  return levels.includes('bad') ? 'bad' : levels.includes('care') ? 'care' : 'good'
}

/** How many targets answer. */
export function answeringOf(targets: readonly { readonly state: string }[]): number {
  return targets.filter(({ state }) => state === 'ok').length
}

function onTargets(targets: NonNullable<Evidence['targets']>): Statement {
  const answering = answeringOf(targets)
  const all = targets.length
  if (all === 0) return { level: 'bad', words: 'no target to read energy from' }
  const words =
    all === 1
      ? answering === 1
        ? 'the one target answers'
        : 'the one target does not answer'
      : `${count(answering)} of ${count(all)} targets answer`
  return { level: answering === all ? 'good' : answering === 0 ? 'bad' : 'care', words }
}

function onCoverage(coverage: number, begun: Evidence['begun']): Statement {
  if (begun !== undefined) {
    // What has only begun is no gap. The first step was measured in part, and the last one is not in as a whole.
    const expectedSeconds = begun.secondsAgo - 2 * begun.stepSeconds
    const measuredSeconds = coverage * hourSeconds
    if (measuredSeconds >= wellCovered * expectedSeconds)
      return { level: 'care', words: `measured for ${oneUnit(measuredSeconds)} so far` }
  }
  const words = `${percent(coverage)} of the last hour measured`
  return { level: coverage >= wellCovered ? 'good' : coverage >= barelyCovered ? 'care' : 'bad', words }
}

function onIntensity({
  provenance,
  worstAgeSeconds,
  joulesWithout,
}: NonNullable<Evidence['intensity']>): Statement {
  if (joulesWithout > 0 || provenance.length === 0) {
    return { level: 'bad', words: 'carbon intensity not known for part of the energy' }
  }
  const standIns = provenance.filter(({ intensity_method: written }) => isStandIn(methodOf(written)))
  const [first] = standIns
  if (first !== undefined) {
    const share = standIns.reduce((sum, { energy_share: each }) => sum + each, 0)
    const words = methodWords(methodOf(first.intensity_method), first.intensity_year)
    return {
      level: 'care',
      words:
        share > 0.995 ? `carbon intensity: ${words}` : `carbon intensity: ${words} for ${percent(share)}`,
    }
  }
  const age = worstAgeSeconds === null ? '' : `, at most ${oneUnit(worstAgeSeconds)} old`
  const words = [
    ...new Set(provenance.map(({ intensity_method: written }) => methodWords(methodOf(written)))),
  ]
  const isOld = worstAgeSeconds !== null && worstAgeSeconds > oldAfterSeconds
  return { level: isOld ? 'care' : 'good', words: `carbon intensity ${words.join(' and ')}${age}` }
}

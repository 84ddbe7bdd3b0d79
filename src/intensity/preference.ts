import type { IntensityFact, IntensityMethod, IntensitySignal } from './fact.ts'

/** The facts that may stand side by side in one answer. */
export type FactSeries = {
  readonly signal: IntensitySignal
  /** `lifecycle` takes in facts whose basis is unstated: most sources count that way and leave it unsaid. */
  readonly basis: 'lifecycle' | 'direct'
}

/** What is answered when nothing else is asked for. */
export const usualSeries: FactSeries = { signal: 'average', basis: 'lifecycle' }

export function isOfSeries(fact: IntensityFact, series: FactSeries): boolean {
  return fact.signal === series.signal && countedBasis(fact) === series.basis
}

function countedBasis({ basis }: IntensityFact): FactSeries['basis'] {
  return basis === 'unstated' ? 'lifecycle' : basis
}

const methodPlace: Readonly<Record<IntensityMethod['kind'], number>> = {
  configured: 0,
  measured: 1,
  estimated: 2,
  forecast: 3,
  'annual-average': 4,
}

/**
 * Negative when `a` is to be believed rather than `b`, where both hold: the better source, then the better method,
 * then what was learned last. Facts that are still equal are told apart by the narrower validity and then by the
 * rest of their content, so that the order in which they arrived never matters; 0 means that they say the same in every field.
 */
export function comparePreference(a: IntensityFact, b: IntensityFact): number {
  return compareStanding(a, b) || ascending(b.learnedAt, a.learnedAt) || compareContent(a, b)
}

/** Whether two facts could stand in for each other, so that only the moments they were learned decide. */
export function areOfEqualStanding(a: IntensityFact, b: IntensityFact): boolean {
  return compareStanding(a, b) === 0 && a.signal === b.signal && countedBasis(a) === countedBasis(b)
}

/** Whether two facts say the same, whenever they were learned. */
export function sayTheSame(a: IntensityFact, b: IntensityFact): boolean {
  return compareStanding(a, b) === 0 && compareContent(a, b) === 0
}

function compareStanding(a: IntensityFact, b: IntensityFact): number {
  return ascending(a.rank, b.rank) || ascending(methodPlace[a.method.kind], methodPlace[b.method.kind])
}

function compareContent(a: IntensityFact, b: IntensityFact): number {
  return (
    ascending(a.valid.to - a.valid.from, b.valid.to - b.valid.from) ||
    ascending(b.valid.from, a.valid.from) ||
    ascending(b.valid.to, a.valid.to) ||
    ascending(b.intensity, a.intensity) ||
    ascending(a.source, b.source) ||
    ascending(a.zone, b.zone) ||
    ascending(a.basis, b.basis) ||
    ascending(a.signal, b.signal) ||
    ascending(methodDetail(a.method), methodDetail(b.method))
  )
}

function methodDetail(method: IntensityMethod): string {
  if (method.kind === 'annual-average') return String(method.year)
  return method.kind === 'estimated' ? (method.detail ?? '') : ''
}

/** By comparison, not by subtraction: Infinity - Infinity is no number. */
function ascending<Key extends number | string>(a: Key, b: Key): number {
  if (a < b) return -1
  return a > b ? 1 : 0
}

import { percent } from './quantity-text.ts'

/** How a carbon intensity was made. */
export const methods = ['measured', 'estimated', 'forecast', 'annual-average', 'configured'] as const
export type Method = (typeof methods)[number]

/** The method that a word of the API names; it may list several, of which the least certain counts. */
export function methodOf(written: string | null | undefined): Method | 'unknown' {
  if (written === null || written === undefined) return 'unknown'
  const named = new Set(written.split(', '))
  return leastCertainFirst.find((method) => named.has(method)) ?? 'unknown'
}

const leastCertainFirst: readonly Method[] = [
  'annual-average',
  'forecast',
  'estimated',
  'configured',
  'measured',
]

/** The method in a few words; an annual average never goes without its year. */
export function methodWords(method: Method | 'unknown', year?: number): string {
  switch (method) {
    case 'measured':
      return 'measured'
    case 'estimated':
      return 'estimated'
    case 'forecast':
      return 'forecast'
    case 'annual-average':
      return year === undefined ? 'annual average' : `annual average ${year}`
    case 'configured':
      return 'set by the operator'
    case 'unknown':
      return 'not known'
  }
}

/** Whether a figure of this method stands in for one of the time in question. */
export function isStandIn(method: Method | 'unknown'): boolean {
  return method === 'annual-average' || method === 'forecast'
}

type Part = {
  readonly intensity_method: string
  readonly intensity_year?: number | undefined
  readonly energy_share: number
}

/** Words for the methods that the figures of a sum rest on, the greatest share first: `measured 92 %, annual average 2024 8 %`. */
export function provenanceWords(parts: readonly Part[]): string {
  const shares = new Map<string, number>()
  for (const { intensity_method: written, intensity_year: year, energy_share: share } of parts) {
    const words = methodWords(methodOf(written), year)
    shares.set(words, (shares.get(words) ?? 0) + share)
  }
  const sorted = [...shares].sort(([, left], [, right]) => right - left)
  const [only] = sorted
  if (only === undefined) return methodWords('unknown')
  if (sorted.length === 1) return only[0]
  return sorted.map(([words, share]) => `${words} ${percent(share)}`).join(', ')
}

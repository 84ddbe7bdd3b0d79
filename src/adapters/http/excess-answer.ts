import type { Excess } from '../../flows/sum-emissions.ts'
import type { Reported } from './emissions-answer.ts'
import { numbersPerStep, type UnderstoodEmissions } from './emissions-query.ts'
import { RequestError } from './problem.ts'

/** What to do where an answer would be more than is worked out at once. */
export function refuseExcess(excess: Excess): never {
  switch (excess.kind) {
    case 'too-many-groups':
      throw new RequestError(
        400,
        `there are more than the ${excess.most} groups that are told apart at once; group by namespace, workload or node, or ask for a namespace or a node`,
      )
    case 'too-many-numbers':
      throw new RequestError(
        400,
        `all groups together have more than the ${excess.most} steps and zones that are worked out at once; ask for a longer step, a shorter time, fewer zones, or a namespace`,
      )
  }
}

/** Throws RequestError (400) for series, or a table, of more numbers or rows than an answer may have. */
export function refuseLongSeries(
  { question, mostNumbers }: UnderstoodEmissions,
  { sum, page }: Pick<Reported, 'sum' | 'page'>,
): void {
  const steps = sum.steps.length - 1
  const { zones, stepSeconds, isDetailed, limit } = question
  if (!isDetailed && stepSeconds === undefined) return
  const perGroup = steps * numbersPerStep(zones.length, isDetailed)
  // Totals have a series of their own, and the zones one of intensities.
  const besides = isDetailed ? 0 : perGroup + steps * zones.length
  const numbers = besides + perGroup * page.groups.length
  if (numbers <= mostNumbers) return
  const fitting = Math.floor((mostNumbers - besides) / perGroup)
  const what = isDetailed ? 'rows' : 'numbers of series'
  throw new RequestError(
    400,
    `the answer would hold ${numbers} ${what}, and ${mostNumbers} are given at most; ask for ${fitting >= 1 && fitting < limit ? `limit=${fitting}, ` : ''}a longer step, a shorter time or fewer zones`,
  )
}

import { eachSpan } from '../../src/energy/clip-spans.ts'
import { matcherOf } from '../../src/energy/energy-filter.ts'
import type { EnergyReader, EnergySeries, TickBlock } from '../../src/energy/energy-spans.ts'
import { createSpanColumns, type SpanRow } from '../../src/energy/span-columns.ts'
import { eachSampleOf } from '../../src/energy/tick-block.ts'

/**
 * The same reader, which is asked for whole blocks of all containers of the nodes that are wanted; what of them is wanted is
 * given as rows.
 */
export function readInBlocks<Reader extends EnergyReader>(reader: Reader): Reader {
  return {
    ...reader,
    async *energyWithin(question, signal) {
      const { nodes = [], exceptNodes = [] } = question.where
      const isWanted = matcherOf(question.where)
      const columns = createSpanColumns(undefined)
      const add = ({ node, workload }: EnergySeries, row: SpanRow) => {
        if (isWanted({ node, workload })) columns.add({ node, workload }, row)
      }
      const takeBlock = (block: TickBlock) => {
        eachSampleOf(block, question.during, add)
        return true
      }
      const asked = { ...question, where: { nodes, exceptNodes }, takeBlock }
      for await (const spans of reader.energyWithin(asked, signal)) eachSpan(spans, add)
      yield columns.take()
    },
  }
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { measuredFact } from '../../test/measured-fact.ts'
import { instant } from '../units.ts'
import { createGroupSums } from './group-sums.ts'
import { type GroupOrder, type GroupPlace, pageOfGroups } from './rank-groups.ts'
import { zoneFactors } from './zone-factors.ts'

type Used = readonly [name: string | null, joulesKnown: number, joulesUnknown: number]

/** Sums of groups that used energy while an intensity was known and while it was not. */
function groupsThat(used: readonly Used[]) {
  const sums = createGroupSums({ zones: 1, steps: 1, isDetailed: true })
  const bounds = Float64Array.of(0, 10, 20)
  const timeline = [
    {
      kind: 'known',
      during: { from: instant(0), to: instant(10) },
      fact: measuredFact(360, 0, 10),
    } as const,
  ]
  const atoms = { stepOfAtom: Uint32Array.of(0, 0), factors: [zoneFactors(timeline, bounds)] }
  for (const [group, [, known, unknown]] of used.entries()) {
    const measuredMs = Float64Array.of(10, 10)
    const measured = { measuredMs, earliestMs: Float32Array.of(0, 0), latestMs: Float32Array.of(10, 10) }
    sums.fold(group, { joules: Float64Array.of(known, unknown), ...measured, offset: 0 }, atoms)
  }
  return { keys: used.map(([name]) => [name]), sums }
}

function namesBy(
  used: readonly Used[],
  order: GroupOrder,
  more: { limit?: number; after?: GroupPlace } = {},
) {
  const page = pageOfGroups(groupsThat(used), { order, limit: more.limit ?? 10, after: more.after })
  return { names: page.groups.map((group) => used[group]?.[0]), last: page.last }
}

describe('a page of groups', () => {
  const used: readonly Used[] = [
    ['web', 10, 0],
    ['db', 20, 0],
    ['dark', 0, 100],
    [null, 5, 50],
    ['api', 10, 0],
  ]

  it('begins with the most grams; equals stand by name, and unknown ones last', () => {
    assert.deepEqual(namesBy(used, 'co2_g').names, ['db', 'api', 'web', null, 'dark'])
  })

  it('begins with the most energy, or goes by name', () => {
    assert.deepEqual(namesBy(used, 'energy_j').names, ['dark', null, 'db', 'api', 'web'])
    assert.deepEqual(namesBy(used, 'name').names, ['api', 'dark', 'db', 'web', null])
  })

  it('goes on after the last of the page before', () => {
    const first = namesBy(used, 'co2_g', { limit: 3 })
    assert.deepEqual(first.names, ['db', 'api', 'web'])
    assert.ok(first.last !== undefined)
    const second = namesBy(used, 'co2_g', { limit: 3, after: first.last })
    assert.deepEqual(second, { names: [null, 'dark'], last: undefined })
  })

  it('is empty after the last place', () => {
    assert.deepEqual(namesBy(used, 'name', { after: { value: undefined, key: [null] } }), {
      names: [],
      last: undefined,
    })
  })

  it('leaves out groups of which nothing was measured in the range', () => {
    const { sums } = groupsThat(used)
    const keys = [...used.map(([name]) => [name]), ['late']]
    assert.equal(
      pageOfGroups({ keys, sums }, { order: 'name', limit: 10, after: undefined }).groups.length,
      5,
    )
  })

  it('holds each group once, whatever the size of the pages', () => {
    const anyUsed = fc.uniqueArray(fc.tuple(fc.string({ maxLength: 2 }), fc.nat(3), fc.nat(3)), {
      selector: ([name]) => name,
      maxLength: 12,
    })
    fc.assert(
      fc.property(
        anyUsed,
        fc.constantFrom('co2_g', 'energy_j', 'name'),
        fc.integer({ min: 1, max: 5 }),
        (groups, order, limit) => {
          const found: unknown[] = []
          let after: GroupPlace | undefined
          do {
            const page = namesBy(groups, order, { limit, ...(after === undefined ? {} : { after }) })
            found.push(...page.names)
            after = page.last
          } while (after !== undefined)
          assert.deepEqual(found, namesBy(groups, order, { limit: 100 }).names)
          assert.equal(found.length, groups.length)
        },
      ),
    )
  })
})

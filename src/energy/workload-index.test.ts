import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Workload } from './workload.ts'
import { createWorkloadIndex } from './workload-index.ts'

type Named = { readonly id: number; workload: Workload | undefined }

describe('the index of workloads', () => {
  it('finds what bears a name now, however names are given and taken away', () => {
    const workloads = ['a', 'b', 'c'].map((pod) => ({ namespace: 'shop', pod, container: 'app' }))
    const step = fc.record({
      id: fc.nat(5),
      to: fc.constantFrom(undefined, 'removed' as const, ...workloads),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = createWorkloadIndex<Named>()
        const all: readonly Named[] = Array.from({ length: 6 }, (_, id) => ({ id, workload: undefined }))
        for (const { id, to } of steps) {
          const bearer = all[id]
          assert.ok(bearer !== undefined)
          const before = bearer.workload
          if (to === 'removed') {
            index.remove(bearer)
            bearer.workload = undefined
          } else {
            bearer.workload = to
            index.rename(bearer, before)
          }
        }
        const borne = workloads.filter((workload) => all.some((bearer) => bearer.workload === workload))
        assert.deepEqual(new Set(index.workloads()), new Set(borne))
        for (const workload of workloads) {
          const found = index.bearersOf({ ...workload })
          assert.deepEqual(new Set(found), new Set(all.filter((bearer) => bearer.workload === workload)))
          assert.equal(found.length, new Set(found).size)
        }
      }),
    )
  })

  it('has what is filed again once, and nothing to take away of what was never filed', () => {
    const workload: Workload = { namespace: 'shop', pod: 'a', container: 'app' }
    const bearer: Named = { id: 0, workload }
    const index = createWorkloadIndex<Named>()
    index.remove(bearer)
    index.rename(bearer, undefined)
    index.rename(bearer, undefined)
    assert.deepEqual(index.bearersOf(workload), [bearer])
  })
})

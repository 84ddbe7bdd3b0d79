import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, busybox, gapUntil, measured, nginx, page } from '../../test/contracts/measured.ts'
import { instant, joules } from '../units.ts'
import { carriedInto, timeOf, withoutMeasurements } from './dropped-page.ts'

describe('what remains of a page whose measurements are dropped', () => {
  it('is a gap for the time of each', () => {
    const remains = withoutMeasurements(page([measured(10), measured(10, { containerId: 'c2' })]))
    assert.deepEqual(remains, {
      node: 'node-1',
      at: at(10),
      measurements: [],
      renamings: [],
      gaps: ['c1', 'c2'].map((containerId) => ({
        node: 'node-1',
        containerId,
        component: '*',
        workload: busybox,
        during: { from: at(0), to: at(10) },
        cause: { kind: 'dropped' },
      })),
    })
  })

  it('keeps its renamings and gaps', () => {
    const renamings = [{ containerId: 'c1', workload: nginx }]
    const { renamings: keptRenamings, gaps } = withoutMeasurements(
      page([measured(10)], { renamings, gaps: [gapUntil(10)] }),
    )
    assert.deepEqual(keptRenamings, renamings)
    assert.deepEqual(gaps[0], gapUntil(10))
    assert.equal(gaps.length, 2)
  })

  it('is no gap for what no store could hold', () => {
    const poison = [measured(10, { energy: joules(Number.NaN) }), measured(10, { containerId: '\0' })]
    assert.deepEqual(withoutMeasurements(page(poison)).gaps, [])
  })
})

describe('what remains of several pages', () => {
  const remainsOf = (...pages: readonly ReturnType<typeof page>[]) =>
    pages.reduce((before, next) => withoutMeasurements(carriedInto(next, before)), page([]))

  it('is one gap for times of a container that follow each other, with the name it has learnt', () => {
    const { gaps } = remainsOf(
      page([measured(10, { workload: undefined })]),
      page([measured(20)]),
      page([measured(30, { workload: undefined })]),
    )
    assert.deepEqual(gaps, [
      gapUntil(30, { component: '*', during: { from: at(0), to: at(30) }, cause: { kind: 'dropped' } }),
    ])
  })

  it('is two gaps where there is time in between', () => {
    const { gaps } = remainsOf(page([measured(10)]), page([measured(30)]))
    assert.deepEqual(
      gaps.map(({ during }) => [during.from, during.to]),
      [
        [at(0), at(10)],
        [at(20), at(30)],
      ],
    )
  })

  it('has one name for each container, the last', () => {
    const named = (workload: typeof nginx) => page([], { renamings: [{ containerId: 'c1', workload }] })
    assert.deepEqual(remainsOf(named(busybox), named(nginx)).renamings, [
      { containerId: 'c1', workload: nginx },
    ])
  })

  it('is bounded: the oldest gaps become one gap of the whole node', () => {
    const pages = Array.from({ length: 3000 }, (_, index) =>
      page([measured(10 * (index + 1), { containerId: `c${index}` })]),
    )
    const { gaps } = remainsOf(...pages)
    assert.equal(gaps.length, 2000)
    assert.deepEqual(gaps[0], {
      node: 'node-1',
      containerId: '*',
      component: '*',
      workload: undefined,
      during: { from: at(0), to: at(10_010) },
      cause: { kind: 'dropped' },
    })
    assert.equal(gaps.at(-1)?.containerId, 'c2999')
  })
})

describe('a page in a chain', () => {
  const link = (by: string, second?: number) =>
    second === undefined ? { by } : { by, after: { at: at(second), by: 'a' } }

  it('goes on from where the dropped page before it went on from', () => {
    const dropped = withoutMeasurements(page([measured(10)], { link: link('a', 0) }))
    assert.deepEqual(carriedInto(page([measured(20)], { link: link('a', 10) }), dropped).link, link('a', 0))
    const first = withoutMeasurements(page([measured(10)], { link: link('a') }))
    assert.deepEqual(carriedInto(page([measured(20)], { link: link('a', 10) }), first).link, link('a'))
  })

  it('goes on from elsewhere where the page before it was not the one before in the chain', () => {
    const foreign = { link: { by: 'b', after: { at: at(15), by: 'c' } } }
    const dropped = withoutMeasurements(page([measured(10)], { link: link('a', 0) }))
    assert.deepEqual(carriedInto(page([measured(20)], foreign), dropped).link, foreign.link)
    assert.equal(carriedInto(page([measured(20)]), dropped).link, undefined)
  })
})

describe('the time of a page', () => {
  it('is what its measurements cover', () => {
    const wide = measured(10, { during: { from: at(-50), to: at(10) } })
    assert.deepEqual(timeOf(page([measured(10), wide])), { from: at(-50), to: at(10) })
  })

  it('is its moment when there are no measurements, or none with a time', () => {
    assert.deepEqual(timeOf(page([], { at: at(10) })), { from: at(10), to: at(10) })
    const timeless = measured(10, { during: { from: instant(-Infinity), to: instant(Number.NaN) } })
    assert.deepEqual(timeOf(page([timeless], { at: at(10) })), { from: at(10), to: at(10) })
  })
})

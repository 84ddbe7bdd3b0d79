import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { measured, page, stateAt } from '../../../test/contracts/measured.ts'
import { instant, joules } from '../../units.ts'
import { pagesOf, recordAt, runRecord, stateIn, statePartOf } from './run-record.ts'

const plain = <Shape>(fields: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }) =>
  fc.record<Shape>(fields, { noNullPrototype: true })
const anyText = fc.string({ unit: 'binary' })
const anyJoules = fc.double().map(joules)
const anyInterval = plain({ from: fc.double().map(instant), to: fc.double().map(instant) })
const anyWorkload = fc.option(plain({ namespace: anyText, pod: anyText, container: anyText }), {
  nil: undefined,
})
const anyMeasurement = plain({
  containerId: anyText,
  workload: anyWorkload,
  during: anyInterval,
  energy: anyJoules,
  counter: anyJoules,
  flags: fc.constant([]),
})
const anyGap = plain({
  node: anyText,
  containerId: anyText,
  component: anyText,
  workload: anyWorkload,
  during: anyInterval,
  cause: fc.double().map((claimedJoules) => ({ kind: 'refused' as const, claimedJoules })),
})
const anyPage = plain({
  node: anyText,
  at: fc.integer().map(instant),
  measurements: fc.array(anyMeasurement, { maxLength: 4 }),
  renamings: fc.constant([]),
  gaps: fc.array(anyGap, { maxLength: 3 }),
})

describe('a record of pages', () => {
  it('gives back where they stand in the chain of a node', () => {
    const links = [{ by: 'one' }, { by: 'one', after: { at: instant(10), by: 'other' } }]
    const pages = links.map((link) => page([measured(10)], { link }))
    const { header, bytes } = runRecord(pages, stateAt(10, { by: 'one' }))
    assert.deepEqual(pagesOf(bytes, header), pages)
    assert.deepEqual(stateIn(statePartOf(bytes, header)), stateAt(10, { by: 'one' }))
  })

  it('gives back what it was made of, to the last bit', () => {
    fc.assert(
      fc.property(fc.array(anyPage, { minLength: 1, maxLength: 3 }), (pages) => {
        const { header, bytes } = runRecord(pages, stateAt(10))
        const found = recordAt(bytes, 0)
        assert.deepEqual(found, { kind: 'record', header, bytes: bytes.length })
        assert.deepEqual(pagesOf(bytes, header), pages)
        assert.deepEqual(stateIn(statePartOf(bytes, header)), stateAt(10))
      }),
    )
  })

  it('tells what is in it without being read whole', () => {
    const pages = [page([measured(10), measured(10, { containerId: 'c2' })]), page([measured(20)])]
    const { pagesBytes, ...header } = runRecord(pages, stateAt(20)).header
    assert.deepEqual(header, {
      node: 'node-1',
      at: pages[0]?.at,
      pages: 2,
      measurements: 3,
      hasTaggedNumbers: false,
    })
    assert.ok(pagesBytes > 100)
  })

  it('takes over a state from another record as it is', () => {
    const other = runRecord([page([measured(10)])], stateAt(10))
    const { header, bytes } = runRecord([page([])], statePartOf(other.bytes, other.header))
    assert.deepEqual(stateIn(statePartOf(bytes, header)), stateAt(10))
  })

  it('is known to be broken, whichever byte of it is changed or missing', () => {
    const { bytes } = runRecord([page([measured(10)])], stateAt(10))
    for (let offset = 0; offset < bytes.length; offset += 1) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(offset) ^ 0x01, offset)
      assert.equal(recordAt(changed, 0).kind, 'broken', `byte ${offset}`)
      assert.deepEqual(recordAt(bytes.subarray(0, offset), 0), { kind: 'broken', reachesEnd: true })
    }
  })

  it('is not seen in zeros', () => {
    assert.deepEqual(recordAt(Buffer.alloc(100), 0), { kind: 'broken', reachesEnd: false })
  })

  it('has at least one page', () => {
    assert.throws(() => runRecord([], stateAt(10)), { message: 'a run has at least one page' })
  })
})

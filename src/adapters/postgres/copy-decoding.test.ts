import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { setTime } from './binary-parameters.ts'
import { createCopyDecoder } from './copy-decoding.ts'

type Row = readonly [ref: number, time: number, joules: number, flags: number]
const kinds = ['int4', 'time', 'float8', 'int2'] as const

/** As PostgreSQL writes it. */
function encoded(rows: readonly Row[]): Buffer {
  const bytes = rows.map(([ref, time, joules, flags]) => {
    const row = Buffer.alloc(2 + 4 * 4 + 4 + 8 + 8 + 2)
    const view = new DataView(row.buffer, row.byteOffset, row.byteLength)
    view.setInt16(0, 4)
    view.setInt32(2, 4)
    view.setInt32(6, ref)
    view.setInt32(10, 8)
    setTime(view, 14, time)
    view.setInt32(22, 8)
    view.setFloat64(26, joules)
    view.setInt32(34, 2)
    view.setInt16(38, flags)
    return row
  })
  const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
  return Buffer.concat([header, ...bytes, Buffer.from([0xff, 0xff])])
}

function decoded(pieces: readonly Buffer[]): readonly (readonly number[])[] {
  const rows: number[][] = []
  const decode = createCopyDecoder(kinds)
  for (const piece of pieces) decode(piece, (values) => rows.push([...values]))
  return rows
}

describe('an answer in the binary format of COPY', () => {
  const rows = fc.array(
    fc.tuple(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      // Microseconds of some centuries are exact.
      fc.integer({ min: -7e12, max: 9e12 }),
      fc.double({ noNaN: true }),
      fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    ),
    { maxLength: 20 },
  )

  it('is read to the last bit, however it is cut into pieces', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.nat(2000), { maxLength: 6 }), (given, cuts) => {
        const bytes = encoded(given)
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
        const ordered = places.sort((a, b) => a - b)
        const pieces = ordered.slice(1).map((end, index) => bytes.subarray(ordered[index], end))
        assert.deepEqual(decoded(pieces), given)
      }),
    )
  })

  it('of other columns is refused', () => {
    const bytes = encoded([[1, 0, 1, 0]])
    assert.throws(() => createCopyDecoder(['int4'])(bytes, () => {}), /other columns/)
    const decode = createCopyDecoder(['float8', 'time', 'float8', 'int2'])
    assert.throws(
      () =>
        decode(
          encoded([
            [1, 0, 1, 0],
            [2, 0, 1, 0],
          ]),
          () => {},
        ),
      /column 0 is no float8/,
    )
  })
})

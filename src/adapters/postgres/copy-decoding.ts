/** How a column is read: numbers as they are, times as milliseconds since 1970. */
export type CopiedKind = 'int2' | 'int4' | 'float8' | 'time'

const widths = { int2: 2, int4: 4, float8: 8, time: 8 } as const

/** Takes the pieces of an answer one after another, and calls `visit` with each row: the same array each time. */
export type CopyDecoder = (piece: Buffer, visit: (values: Float64Array) => void) => void

/** A signature, flags and the length of an extension. */
const headerBytes = 19
const millisecondsUntil2000 = 946_684_800_000

/**
 * Reads rows without nulls in the binary format of COPY (see copy-encoding.ts), however they are cut into pieces. A
 * long answer is read some ten times as fast as rows of text.
 */
export function createCopyDecoder(kinds: readonly CopiedKind[]): CopyDecoder {
  const values = new Float64Array(kinds.length)
  const rowBytes = kinds.reduce((sum, kind) => sum + 4 + widths[kind], 2)
  let rest: Buffer = Buffer.alloc(0)
  let isHeaderRead = false

  function valueAt(view: DataView, offset: number, kind: CopiedKind): number {
    switch (kind) {
      case 'int2':
        return view.getInt16(offset)
      case 'int4':
        return view.getInt32(offset)
      case 'float8':
        return view.getFloat64(offset)
      case 'time':
        return millisecondsUntil2000 + (view.getInt32(offset) * 2 ** 32 + view.getUint32(offset + 4)) / 1000
    }
  }

  return (piece, visit) => {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let offset = 0
    if (!isHeaderRead) {
      rest = bytes
      if (bytes.length < headerBytes) return
      offset = headerBytes
      isHeaderRead = true
    }
    // The last row is followed by a shorter end.
    while (offset + rowBytes <= bytes.length) {
      if (view.getInt16(offset) !== kinds.length) throw new TypeError('a row has other columns')
      let at = offset + 2
      for (const [column, kind] of kinds.entries()) {
        if (view.getInt32(at) !== widths[kind]) throw new TypeError(`column ${column} is no ${kind}`)
        values[column] = valueAt(view, at + 4, kind)
        at += 4 + widths[kind]
      }
      visit(values)
      offset = at
    }
    rest = bytes.subarray(offset)
  }
}

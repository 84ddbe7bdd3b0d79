import type { Instant } from '../../units.ts'

/**
 * Parameters in PostgreSQL's binary format, which the driver sends for every Buffer. Doubles and times arrive to the
 * last bit, and the server does not have to read decimal digits: most of the time of a batch, otherwise.
 *
 * The format of an array: number of dimensions, whether there are nulls, type of the elements; of each dimension its
 * length and its first index; of each element its length in bytes and its value. All of it big-endian.
 * Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_recv.
 */
export function doubles(values: Float64Array): Buffer {
  return array({ type: 701, width: 8, length: values.length }, (view, offset, index) => {
    view.setFloat64(offset, values[index] ?? 0)
  })
}

export function integers(values: Int32Array): Buffer {
  return array({ type: 23, width: 4, length: values.length }, (view, offset, index) => {
    view.setInt32(offset, values[index] ?? 0)
  })
}

export function smallIntegers(values: Int16Array): Buffer {
  return array({ type: 21, width: 2, length: values.length }, (view, offset, index) => {
    view.setInt16(offset, values[index] ?? 0)
  })
}

/** Instants as an array of `timestamptz`. */
export function times(values: Float64Array): Buffer {
  return array({ type: 1184, width: 8, length: values.length }, (view, offset, index) => {
    setTime(view, offset, values[index] ?? 0)
  })
}

/** One instant as a `timestamptz`. */
export function time(at: Instant): Buffer {
  const buffer = Buffer.alloc(8)
  setTime(new DataView(buffer.buffer, buffer.byteOffset, 8), 0, at)
  return buffer
}

/** A `timestamptz` counts microseconds since 2000; its extremes stand for the infinite times. */
export function setTime(view: DataView, offset: number, at: number): void {
  const microseconds = Math.round((at - millisecondsUntil2000) * 1000)
  if (Number.isSafeInteger(microseconds)) {
    view.setInt32(offset, Math.floor(microseconds / 2 ** 32))
    view.setUint32(offset + 4, microseconds % 2 ** 32)
  } else if (Number.isFinite(at)) {
    view.setBigInt64(offset, BigInt(Math.round(at - millisecondsUntil2000)) * 1000n)
  } else {
    view.setBigInt64(offset, at > 0 ? 2n ** 63n - 1n : -(2n ** 63n))
  }
}

const millisecondsUntil2000 = 946_684_800_000

const headerBytes = 20

function array(
  { type, width, length }: { readonly type: number; readonly width: number; readonly length: number },
  set: (view: DataView, offset: number, index: number) => void,
): Buffer {
  const buffer = Buffer.allocUnsafe(headerBytes + length * (4 + width))
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  view.setInt32(0, 1)
  view.setInt32(4, 0)
  view.setInt32(8, type)
  view.setInt32(12, length)
  view.setInt32(16, 1)
  let offset = headerBytes
  for (let index = 0; index < length; index += 1) {
    view.setInt32(offset, width)
    set(view, offset + 4, index)
    offset += 4 + width
  }
  return buffer
}

import { flagBitsOf } from '../../energy/energy-sample.ts'
import { meanPower } from '../../units.ts'
import type { PlannedRow } from './batch-plan.ts'
import { setTime } from './binary-parameters.ts'

/** The columns of a row, in the order in which they are encoded. */
export const copiedColumns =
  'time, pod_id, namespace, energy_consumption, container_name, joules_total, started_at, joules, container_ref, flags'

/** All but the names: the number of columns, ten lengths, five doubles and times, a number and the flags. */
const fixedBytes = 2 + 10 * 4 + 5 * 8 + 4 + 2
/** UTF-8 takes at most three bytes for a UTF-16 unit. */
const mostBytesPerUnit = 3

/** Some 500 kB: the server works on one portion while the next is encoded. */
const rowsPerPortion = 2000

/**
 * Rows in the binary format of COPY, in portions: a signature, flags and an extension, both zero; for each row the
 * number of its columns, and for each column its length and its value, big-endian; the number -1.
 * Source: PostgreSQL documentation, COPY, "Binary Format".
 */
export function* encodeForCopy(rows: readonly PlannedRow[]): Generator<Buffer, void, undefined> {
  yield Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
  for (let at = 0; at < rows.length; at += rowsPerPortion) {
    yield encodePortion(rows.slice(at, at + rowsPerPortion))
  }
  yield Buffer.from([0xff, 0xff])
}

function encodePortion(rows: readonly PlannedRow[]): Buffer {
  let size = 0
  for (const { container } of rows) {
    const names = container.numbered?.workload
    const units = names === undefined ? 0 : names.pod.length + names.namespace.length + names.container.length
    size += fixedBytes + mostBytesPerUnit * units
  }
  const buffer = Buffer.allocUnsafe(size)
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  let offset = 0

  const putText = (text: string) => {
    const length = buffer.write(text, offset + 4)
    view.setInt32(offset, length)
    offset += 4 + length
  }
  const putDouble = (value: number) => {
    view.setInt32(offset, 8)
    view.setFloat64(offset + 4, value)
    offset += 12
  }
  const putTime = (at: number) => {
    view.setInt32(offset, 8)
    setTime(view, offset + 4, at)
    offset += 12
  }

  for (const { container, measurement } of rows) {
    const { during, energy, counter, flags } = measurement
    const names = container.numbered?.workload
    view.setInt16(offset, 10)
    offset += 2
    putTime(during.to)
    putText(names?.pod ?? '')
    putText(names?.namespace ?? '')
    putDouble(meanPower(energy, during))
    putText(names?.container ?? '')
    putDouble(counter)
    putTime(during.from)
    putDouble(energy)
    view.setInt32(offset, 4)
    view.setInt32(offset + 4, container.numbered?.ref ?? 0)
    view.setInt32(offset + 8, 2)
    view.setInt16(offset + 12, flagBitsOf(flags))
    offset += 14
  }
  return buffer.subarray(0, offset)
}

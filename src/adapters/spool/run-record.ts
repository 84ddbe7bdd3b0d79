import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { LedgerPage } from '../../energy/ledger-page.ts'
import type { NodeState } from '../../energy/node-state.ts'
import { measurementsIn } from '../../flows/write-queue.ts'

/*
 * A record holds a run of pages and the state after them:
 *
 *   4 bytes  length of the payload, little endian
 *   4 bytes  CRC-32 of the payload
 *   payload  a header as one line of JSON, the pages and the state, both as JSON in Zstandard
 *
 * The header tells what is needed to know of a record while it waits; the state is only read where a batch ends.
 */

export type RecordHeader = {
  readonly node: string
  /** When the first of its pages was scraped. */
  readonly at: number
  readonly pages: number
  readonly measurements: number
  readonly pagesBytes: number
  /** Some numbers are none that JSON knows, and stand in it as objects. */
  readonly hasTaggedNumbers: boolean
}

export type RunRecord = { readonly header: RecordHeader; readonly bytes: Buffer }

const prefixBytes = 8
const endOfLine = 0x0a
const compression = { chunkSize: 64 * 1024, params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** What a node of 300 containers unpacks to fits in one chunk; in chunks of the default 16 kB it takes twice as long. */
const unpacking = { chunkSize: 256 * 1024 }

/** `state` is the state after the last page, or its part of another record. */
export function runRecord(pages: readonly LedgerPage[], state: NodeState | Buffer): RunRecord {
  const [first] = pages
  if (first === undefined) throw new Error('a run has at least one page')
  const hasTaggedNumbers = !pages.every(isPlain)
  const pagesPart = compressed(JSON.stringify(pages, hasTaggedNumbers ? tagNumber : undefined))
  const header: RecordHeader = {
    node: first.node,
    at: first.at,
    pages: pages.length,
    measurements: measurementsIn(pages),
    pagesBytes: pagesPart.length,
    hasTaggedNumbers,
  }
  const statePart = Buffer.isBuffer(state) ? state : compressed(JSON.stringify(state))
  const payload = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), pagesPart, statePart])
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeUInt32LE(payload.length)
  prefix.writeUInt32LE(crc32(payload), 4)
  return { header, bytes: Buffer.concat([prefix, payload]) }
}

export type RecordAt =
  | { readonly kind: 'record'; readonly header: RecordHeader; readonly bytes: number }
  /** It is not what was written. `reachesEnd`: what it claims to be reaches the end of the bytes, or lies beyond. */
  | { readonly kind: 'broken'; readonly reachesEnd: boolean }

/** The record that begins at `offset`. */
export function recordAt(bytes: Buffer, offset: number): RecordAt {
  const left = bytes.length - offset
  if (left < prefixBytes) return { kind: 'broken', reachesEnd: true }
  const length = prefixBytes + bytes.readUInt32LE(offset)
  if (length > left) return { kind: 'broken', reachesEnd: true }
  const payload = bytes.subarray(offset + prefixBytes, offset + length)
  const header = crc32(payload) === bytes.readUInt32LE(offset + 4) ? headerOf(payload) : undefined
  if (header === undefined) return { kind: 'broken', reachesEnd: length === left }
  return { kind: 'record', header, bytes: length }
}

/** The pages of a record that `recordAt` has found whole. */
export function pagesOf(
  record: Buffer,
  { pagesBytes, hasTaggedNumbers }: RecordHeader,
): readonly LedgerPage[] {
  const start = partsStart(record)
  const text = decompressed(record.subarray(start, start + pagesBytes))
  const pages: unknown = JSON.parse(text, hasTaggedNumbers ? untagNumber : undefined)
  if (!Array.isArray(pages) || !pages.every(isPage)) throw new TypeError('a record holds no pages')
  return pages.map(withUndefinedNames)
}

/** The state after the last page of a record, as it stands in the record. */
export function statePartOf(record: Buffer, { pagesBytes }: RecordHeader): Buffer {
  return record.subarray(partsStart(record) + pagesBytes)
}

export function stateIn(statePart: Buffer): NodeState {
  const state: unknown = JSON.parse(decompressed(statePart))
  if (!isState(state)) throw new TypeError('a record holds no state')
  return state
}

function compressed(text: string): Buffer {
  return zstdCompressSync(text, compression)
}

function decompressed(part: Buffer): string {
  return zstdDecompressSync(part, unpacking).toString('utf8')
}

function partsStart(record: Buffer): number {
  return record.indexOf(endOfLine, prefixBytes) + 1
}

function headerOf(payload: Buffer): RecordHeader | undefined {
  const end = payload.indexOf(endOfLine)
  if (end === -1) return undefined
  const header: unknown = JSON.parse(payload.toString('utf8', 0, end))
  return isHeader(header) ? header : undefined
}

function isPlain({ measurements, gaps }: LedgerPage): boolean {
  return (
    measurements.every(
      ({ energy, counter, during }) =>
        isPlainNumber(energy) &&
        isPlainNumber(counter) &&
        isPlainNumber(during.from) &&
        isPlainNumber(during.to),
    ) &&
    gaps.every(
      ({ during, cause }) =>
        isPlainNumber(during.from) &&
        isPlainNumber(during.to) &&
        (cause.kind !== 'refused' || isPlainNumber(cause.claimedJoules)),
    )
  )
}

/** JSON has no NaN and no infinity, and JSON.stringify writes -0 as 0. */
function isPlainNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0)
}

function tagNumber(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || isPlainNumber(value)) return value
  return { $number: Object.is(value, -0) ? '-0' : String(value) }
}

function untagNumber(_key: string, value: unknown): unknown {
  const isTagged = typeof value === 'object' && value !== null && '$number' in value
  return isTagged ? Number(value.$number) : value
}

/** JSON leaves out what is undefined. */
function withUndefinedNames(page: LedgerPage): LedgerPage {
  return {
    ...page,
    measurements: page.measurements.map(withUndefinedName),
    gaps: page.gaps.map(withUndefinedName),
  }
}

function withUndefinedName<Named extends object>(named: Named): Named {
  return Object.hasOwn(named, 'workload') ? named : { ...named, workload: undefined }
}

/*
 * The checksum says that a record is what was written, and the format's number says by which rules; the guards are
 * therefore content with the outline.
 */

function isHeader(value: unknown): value is RecordHeader {
  return isObject(value) && 'node' in value && typeof value.node === 'string' && 'measurements' in value
}

function isPage(value: unknown): value is LedgerPage {
  return isObject(value) && 'measurements' in value && Array.isArray(value.measurements) && 'gaps' in value
}

function isState(value: unknown): value is NodeState {
  return (
    isObject(value) && 'containers' in value && Array.isArray(value.containers) && 'nodeCounters' in value
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

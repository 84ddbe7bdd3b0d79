import { type RecordHeader, recordAt } from './run-record.ts'

/** A file of records. A compacted one replaces itself and all before it, and has a higher generation. */
export type Segment = {
  readonly number: number
  readonly generation: number
  /** The length of the file. */
  bytes: number
}

/** A record that waits, and where it is. */
export type SpoolEntry = {
  readonly segment: Segment
  readonly offset: number
  readonly bytes: number
  readonly header: RecordHeader
}

const format = 1
const magic = 'co2-api spool '

/** What a segment begins with. */
export const segmentStart = Buffer.from(`${magic}${format}\n`)

const namePattern = /^pages-(?<number>\d{10})-(?<generation>\d{4,})\.spool$/

export function segmentName({ number, generation }: Pick<Segment, 'number' | 'generation'>): string {
  return `pages-${String(number).padStart(10, '0')}-${String(generation).padStart(4, '0')}.spool`
}

/** The segment of a file; undefined when the file is none. */
export function segmentNamed(name: string): Segment | undefined {
  const { number, generation } = namePattern.exec(name)?.groups ?? {}
  return number === undefined
    ? undefined
    : { number: Number(number), generation: Number(generation), bytes: 0 }
}

export type SegmentScan = {
  readonly entries: readonly SpoolEntry[]
  /** Where the last whole record ends. */
  readonly end: number
  readonly ending:
    | 'whole'
    /** Only the last record is broken, as a write that was interrupted leaves it. */
    | 'torn'
    /** A record is broken and more follow it; where they begin cannot be known. */
    | 'corrupt'
    /** Another version wrote it, by rules that are not known here. */
    | 'other-format'
}

/** All whole records from the beginning of a segment. */
export function scanSegment(segment: Segment, bytes: Buffer): SegmentScan {
  const start = bytes.subarray(0, segmentStart.length)
  if (!start.equals(segmentStart)) {
    const isTorn = bytes.length < segmentStart.length
    const isOther = bytes.toString('latin1', 0, magic.length) === magic && !isTorn
    return { entries: [], end: 0, ending: isTorn ? 'torn' : isOther ? 'other-format' : 'corrupt' }
  }
  const entries: SpoolEntry[] = []
  let offset = segmentStart.length
  while (offset < bytes.length) {
    const found = recordAt(bytes, offset)
    if (found.kind === 'broken')
      return { entries, end: offset, ending: found.reachesEnd ? 'torn' : 'corrupt' }
    entries.push({ segment, offset, bytes: found.bytes, header: found.header })
    offset += found.bytes
  }
  return { entries, end: offset, ending: 'whole' }
}

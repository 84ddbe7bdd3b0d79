import {
  backslash,
  carriageReturn,
  isInName,
  lineFeed,
  quote,
  skipBlanks,
  space,
  startsName,
  tab,
} from './bytes.ts'
import type { ExpositionFormat } from './format.ts'
import { decode, decodeHelp, decodeQuoted, isUtf8 } from './text.ts'

/** What a line that begins with `#` says. Names and texts are decoded when they are asked for. */
export type MetadataLine =
  | { readonly kind: 'comment' }
  | { readonly kind: 'end' }
  | { readonly kind: 'type' | 'help' | 'unit'; readonly family: () => string; readonly text: () => string }
  | { readonly kind: 'bad'; readonly problem: string }

const textTypes = ['counter', 'gauge', 'histogram', 'summary', 'untyped']
const openMetricsTypes = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'stateset',
  'info',
  'summary',
  'unknown',
]

const comment: MetadataLine = { kind: 'comment' }
const bad = (problem: string): MetadataLine => ({ kind: 'bad', problem })

/** Reads the line `bytes[start, end)`, which begins with `#` and comes without its line feed. */
export function readMetadataLine(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  format: ExpositionFormat,
): MetadataLine {
  return format === 'openmetrics' ? readOpenMetrics(bytes, start, end) : readText(bytes, start, end)
}

/** `# HELP name text` and `# TYPE name type` with any blanks between; everything else is a comment. */
function readText(bytes: Uint8Array, start: number, lineEnd: number): MetadataLine {
  const end = bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd
  const keywordStart = skipBlanks(bytes, start + 1)
  const keyword = keywordAt(bytes, keywordStart)
  const isMetadata = keywordStart > start + 1 && (keyword === 'HELP' || keyword === 'TYPE')
  if (!isMetadata || !isBlank(bytes[keywordStart + 4])) return comment
  const nameStart = skipBlanks(bytes, keywordStart + 4)
  // Client libraries print a bare "# HELP" now and then, and Prometheus passes over it.
  if (nameStart >= end) return comment
  const nameEnd = nameEndFrom(bytes, nameStart, end)
  if (nameEnd < 0 || (nameEnd < end && !isBlank(bytes[nameEnd]))) {
    return bad(`expected a metric name after ${keyword}`)
  }
  if (!isUtf8(bytes, start, end)) return bad('the line is not UTF-8')
  const family = () => nameBetween(bytes, nameStart, nameEnd)
  const textStart = Math.min(skipBlanks(bytes, nameEnd), end)
  if (keyword === 'HELP') return { kind: 'help', family, text: () => decodeHelp(bytes, textStart, end) }
  const type = decode(bytes, textStart, end).replace(/[ \t]+$/, '')
  if (textTypes.includes(type)) return { kind: 'type', family, text: () => type }
  return bad(`expected one of ${textTypes.join(', ')} after TYPE ${family()}`)
}

/** `# HELP name text`, `# TYPE name type`, `# UNIT name unit` and `# EOF`, one space between; comments do not exist. */
function readOpenMetrics(bytes: Uint8Array, start: number, end: number): MetadataLine {
  if (bytes[start + 1] !== space) return bad('expected "# " and HELP, TYPE, UNIT or EOF')
  const keyword = keywordAt(bytes, start + 2)
  if (keyword === 'EOF' && end === start + 5) return { kind: 'end' }
  const isMetadata = keyword === 'HELP' || keyword === 'TYPE' || keyword === 'UNIT'
  if (!isMetadata || bytes[start + 6] !== space) return bad('expected HELP, TYPE, UNIT or EOF after "# "')
  const nameStart = start + 7
  const nameEnd = nameEndFrom(bytes, nameStart, end)
  if (nameEnd < 0) return bad(`expected a metric name after ${keyword}`)
  if (nameEnd === end || bytes[nameEnd] !== space) {
    return bad(`expected a space and a text after the name in ${keyword}`)
  }
  if (!isUtf8(bytes, start, end)) return bad('the line is not UTF-8')
  if (bytes[end - 1] === carriageReturn) return bad('OpenMetrics lines end in a line feed alone')
  const family = () => nameBetween(bytes, nameStart, nameEnd)
  const text = () => decodeQuoted(bytes, nameEnd + 1, end)
  switch (keyword) {
    case 'HELP':
      return { kind: 'help', family, text }
    case 'UNIT':
      return text() === '' || family().endsWith(`_${text()}`)
        ? { kind: 'unit', family, text }
        : bad(`the unit ${text()} is no suffix of ${family()}`)
    case 'TYPE':
      return openMetricsTypes.includes(text())
        ? { kind: 'type', family, text }
        : bad(`expected one of ${openMetricsTypes.join(', ')} after TYPE ${family()}`)
  }
}

const keywords = ['HELP', 'TYPE', 'UNIT', 'EOF'] as const

function keywordAt(bytes: Uint8Array, at: number): (typeof keywords)[number] | undefined {
  return keywords.find((keyword) => {
    for (let index = 0; index < keyword.length; index++) {
      if (bytes[at + index] !== keyword.charCodeAt(index)) return false
    }
    return true
  })
}

/** Where the bare or quoted name at `start` ends, or -1 where there is none. */
function nameEndFrom(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  if (bytes[start] === quote) {
    at++
    while (at < end && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
    return at < end && at > start + 1 ? at + 1 : -1
  }
  if (!startsName(bytes[start] ?? lineFeed)) return -1
  while (isInName(bytes[at] ?? lineFeed)) at++
  return at
}

function nameBetween(bytes: Uint8Array, start: number, end: number): string {
  return bytes[start] === quote ? decodeQuoted(bytes, start + 1, end - 1) : decode(bytes, start, end)
}

function isBlank(code: number | undefined): boolean {
  return code === space || code === tab
}

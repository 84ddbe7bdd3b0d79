import { backslash } from './bytes.ts'

// A byte order mark inside a label value belongs to the value, so the decoder must not swallow it.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The text in `bytes[from, to)`; what is not UTF-8 becomes U+FFFD. */
export function decode(bytes: Uint8Array, from: number, to: number): string {
  return decoder.decode(bytes.subarray(from, to))
}

/** A label value or a quoted name: `\\`, `\"` and `\n` undone, any other backslash kept as written. */
export function decodeQuoted(bytes: Uint8Array, from: number, to: number): string {
  const written = decode(bytes, from, to)
  return holdsBackslash(bytes, from, to) ? written.replace(/\\([\\"n])/g, unescaped) : written
}

/** A help text of the Prometheus text format, where a quote needs no escape: `\\` and `\n` undone. */
export function decodeHelp(bytes: Uint8Array, from: number, to: number): string {
  return decode(bytes, from, to).replace(/\\([\\n])/g, unescaped)
}

export function holdsBackslash(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === backslash) return true
  return false
}

function unescaped(_: string, escaped: string): string {
  return escaped === 'n' ? '\n' : escaped
}

/** Whether `bytes[from, to)` is well-formed UTF-8 (Unicode 16, table 3-7: no overlong forms, no surrogates). */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from
  while (at < to) {
    const lead = bytes[at] ?? 0
    if (lead < 0x80) at += 1
    else if (lead < 0xc2 || lead > 0xf4) return false
    else {
      const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
      if (at + length > to) return false
      const second = bytes[at + 1] ?? 0
      const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
      const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
      if (second < lowest || second > highest) return false
      for (let tail = at + 2; tail < at + length; tail++) {
        if (((bytes[tail] ?? 0) & 0xc0) !== 0x80) return false
      }
      at += length
    }
  }
  return true
}

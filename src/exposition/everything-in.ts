import type { ExpositionFormat } from './format.ts'
import type { ExpositionOutcome } from './outcome.ts'
import { parseExposition } from './parse.ts'
import type { Exemplar } from './sample-line.ts'

export type Entry =
  | { readonly type: string; readonly of: string }
  | { readonly help: string; readonly of: string }
  | { readonly unit: string; readonly of: string }
  | {
      readonly name: string
      readonly labels: Readonly<Record<string, string>>
      readonly value: number
      readonly timestampMs?: number
      readonly exemplar?: Exemplar
    }

/** For tests: all that a body holds, written out. A string may hold raw bytes as `\xff`; text as UTF-8 comes as bytes. */
export function everythingIn(
  body: string | Uint8Array,
  format: ExpositionFormat,
): {
  readonly entries: readonly Entry[]
  readonly heads: readonly string[]
  readonly outcome: ExpositionOutcome
} {
  const bytes = typeof body === 'string' ? bytesOf(body) : body
  const entries: Entry[] = []
  const heads: string[] = []
  const outcome = parseExposition(bytes, format, {
    sample(view) {
      const { value, timestampMs } = view
      const exemplar = view.exemplar()
      heads.push(new TextDecoder().decode(view.bytes.subarray(view.headStart, view.headEnd)))
      entries.push({
        name: view.name(),
        labels: Object.fromEntries(view.labels()),
        value,
        ...(timestampMs === undefined ? {} : { timestampMs }),
        ...(exemplar === undefined ? {} : { exemplar }),
      })
    },
    type: (family, type) => entries.push({ type, of: family }),
    help: (family, help) => entries.push({ help, of: family }),
    unit: (family, unit) => entries.push({ unit, of: family }),
  })
  return { entries, heads, outcome }
}

/** UTF-8, but for U+00FF: it becomes the one byte 0xff, which is in no UTF-8 text. */
export function bytesOf(text: string): Uint8Array {
  const encoder = new TextEncoder()
  const parts = text.split('\xff').map((part) => encoder.encode(part))
  return Uint8Array.from(parts.flatMap((part, index) => (index === 0 ? [...part] : [0xff, ...part])))
}

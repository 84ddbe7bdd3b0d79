/** A path into a JSON text: RFC 6901, such as `/data/0/value`; empty for the whole. */
export type JsonPointer = readonly string[]

/** Undefined for a text that is no JSON pointer. */
export function parseJsonPointer(text: string): JsonPointer | undefined {
  if (text === '') return []
  if (!/^(\/([^~]|~[01])*)$/.test(text)) return undefined
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What `pointer` leads to; undefined where nothing is. */
export function valueAt(value: unknown, pointer: JsonPointer): unknown {
  return pointer.reduce(step, value)
}

function step(value: unknown, token: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(token) ? value[Number(token)] : undefined
  return Object.entries(value).find(([name]) => name === token)?.[1]
}

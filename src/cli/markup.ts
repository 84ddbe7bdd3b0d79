/** Text of HTML or SVG, in which whatever came from outside is escaped. */
export type Markup = { readonly kind: 'markup'; readonly text: string }

type Part = string | number | Markup | readonly Markup[] | undefined

/** Markup from a template: texts and numbers put into it are escaped, markup is not, undefined is nothing. */
export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const all = texts.map((text, index) => text + textOf(parts[index]))
  return { kind: 'markup', text: all.join('') }
}

function textOf(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'number') return String(part)
  if (typeof part === 'string') return escaped(part)
  return 'kind' in part ? part.text : part.map(({ text }) => text).join('')
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[&<>"']/g, (letter) => entities.get(letter) ?? '')
    .replaceAll(/\p{Cc}/gu, ' ')
}

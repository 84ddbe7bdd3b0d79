import type { SeriesSelector } from '../../flows/series-history.ts'
import { type Interval, secondsBetween } from '../../units.ts'

/** One matcher of PromQL as a person writes it: a label, how it is compared, and a text in double quotes. */
const matcher = /^\s*[A-Za-z_]\w*\s*(?:=|!=|=~|!~)\s*"(?:[^"\\\n]|\\.)*"\s*$/

export function isMatcher(text: string): boolean {
  return matcher.test(text)
}

/** A selector in PromQL. `matchers` are matchers of whoever asks, as they were written. */
export function selectorText({ names, labels }: SeriesSelector, matchers: readonly string[]): string {
  const parts = Object.entries({ __name__: names, ...labels }).map(([label, values]) => oneOf(label, values))
  return `{${[...parts, ...matchers.map((text) => text.trim())].join(',')}}`
}

/** The raw samples of the time that ends with the moment of the query: an instant query of a range is not resampled. */
export function rawSamplesText(selector: string, { from, to }: Interval): string {
  return `${selector}[${Math.round(secondsBetween(from, to) * 1000)}ms]`
}

function oneOf(label: string, values: readonly string[]): string {
  const [only] = values
  if (values.length === 1 && only !== undefined) return `${label}="${quoted(only)}"`
  return `${label}=~"${quoted(values.map(literal).join('|'))}"`
}

/** Within double quotes. Source: prometheus.io/docs/prometheus/latest/querying/basics, string literals. */
function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** As itself in a regular expression of RE2. Source: github.com/google/re2/wiki/Syntax. */
function literal(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

import { RequestError, shown } from './problem.ts'

export const answerFormats = ['json', 'csv', 'parquet'] as const
export type AnswerFormat = (typeof answerFormats)[number]

export const mediaTypes: Readonly<Record<AnswerFormat, string>> = {
  json: 'application/json',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
}

/**
 * The format of the answer: the one that is named, else the one that the Accept header likes best (RFC 9110, section
 * 12.5.1), JSON where it does not mind. Throws RequestError (406) where it accepts none.
 */
export function answerFormatOf(named: AnswerFormat | undefined, accept: string | undefined): AnswerFormat {
  if (named !== undefined) return named
  if (accept === undefined || accept.trim() === '') return 'json'
  const ranges = accept.split(',').map(rangeOf)
  let best: { readonly format: AnswerFormat; readonly quality: number } | undefined
  for (const format of answerFormats) {
    const quality = qualityOf(mediaTypes[format], ranges)
    if (quality > (best?.quality ?? 0)) best = { format, quality }
  }
  if (best !== undefined) return best.format
  throw new RequestError(
    406,
    `Accept is ${shown(accept)}; it must allow ${Object.values(mediaTypes).join(', ')}, or be left out`,
  )
}

type MediaRange = { readonly range: string; readonly quality: number }

function rangeOf(text: string): MediaRange {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return { range, quality: quality === undefined ? 1 : Number(quality) || 0 }
}

/** By the narrowest range that the type is in. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const widening = [type, `${type.split('/', 1)[0]}/*`, '*/*']
  for (const wanted of widening) {
    const found = ranges.find(({ range }) => range === wanted)
    if (found !== undefined) return found.quality
  }
  return 0
}

import * as Type from './json-schema.ts'

/** The body of every answer that is an error. */
export const Problem = Type.Object(
  { error: Type.String({ description: 'What is wrong, in a sentence.' }) },
  { $id: 'Problem', title: 'Problem', additionalProperties: true },
)

/** A request that cannot be answered; the message goes to the caller. */
export class RequestError extends Error {
  override name = 'RequestError'
  readonly statusCode: number

  constructor(statusCode: 400 | 401 | 403 | 404 | 406 | 503, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

const mostShownCharacters = 80

/** A value of the caller's as JSON, for a sentence: no longer than a line. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > mostShownCharacters ? `${text.slice(0, mostShownCharacters).toWellFormed()}…` : text
}

import { readFile } from 'node:fs/promises'
import type { ZoneDirectory } from '../../intensity/zone.ts'
import { type EndpointDescription, parseEndpointDescription } from './endpoint-description.ts'

export type UserEndpointReading =
  | {
      readonly kind: 'ok'
      readonly description: EndpointDescription
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

const variable = 'INTENSITY_ENDPOINT'
const acceptedFile = 'the path of a readable file'

/**
 * The endpoint that the JSON file at `path` describes, with the headers to send it. What cannot be read is a problem
 * too. No problem repeats an address or a header.
 */
export async function readUserEndpoint(path: string, directory: ZoneDirectory): Promise<UserEndpointReading> {
  const refused = (problems: readonly string[]): UserEndpointReading => ({
    kind: 'problems',
    problems: problems.map((problem) => `${variable}: ${path}: ${problem}`),
  })
  const file = await readText(path)
  if (file.kind === 'unreadable')
    return refused([`it cannot be read (${file.why}); accepted is ${acceptedFile}`])
  const reading = parseEndpointDescription(file.text, directory)
  if (reading.kind === 'problems') return refused(reading.problems)

  const { description } = reading
  if (description.headersFile === undefined) return { kind: 'ok', description, headers: {} }
  const headersFile = await readText(description.headersFile)
  if (headersFile.kind === 'unreadable') {
    return refused([`headersFile cannot be read (${headersFile.why}); accepted is ${acceptedFile}`])
  }
  const headers = parseHeaders(headersFile.text)
  if (headers.kind === 'ok') return { kind: 'ok', description, headers: headers.headers }
  return refused([`headersFile line ${headers.line} is no header; accepted are lines such as "Name: value"`])
}

type HeadersReading =
  | { readonly kind: 'ok'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'unreadable-line'; readonly line: number }

/** One `Name: value` a line; empty lines are left out. */
export function parseHeaders(text: string): HeadersReading {
  const headers: [string, string][] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\x20-\x7e]*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) return { kind: 'unreadable-line', line: index + 1 }
    headers.push([name.toLowerCase(), value.trim()])
  }
  return { kind: 'ok', headers: Object.fromEntries(headers) }
}

type TextReading =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly why: string }

async function readText(path: string): Promise<TextReading> {
  try {
    return { kind: 'ok', text: await readFile(path, 'utf8') }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return { kind: 'unreadable', why: String(error.code) }
  }
}

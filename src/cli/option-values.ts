import { readFile } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import { acceptedDuration, acceptedMoment, parseMoment, parseSeconds } from '../relative-time.ts'
import { type Instant, instant } from '../units.ts'
import { CommandError, exitCodes, type Terminal } from './terminal.ts'

/** Readers of what stands behind an option. Each throws commander's InvalidArgumentError, with what is accepted. */

/** All times of one command are relative to one moment, of whole seconds: they stand in what people copy. */
export function momentsOf({ clock }: Pick<Terminal, 'clock'>): (text: string) => Instant {
  const now = instant(Math.floor(clock.now() / 1000) * 1000)
  return (text) => {
    const at = parseMoment(text, now)
    if (at === undefined) throw new InvalidArgumentError(`Accepted is ${acceptedMoment}.`)
    return at
  }
}

export function seconds(text: string): number {
  const read = parseSeconds(text)
  if (read === undefined || read < 1) throw new InvalidArgumentError(`Accepted is ${acceptedDuration}.`)
  return read
}

export function webAddress(text: string): URL {
  const url = URL.parse(text)
  const isAccepted =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  if (isAccepted) return url
  throw new InvalidArgumentError('Accepted is an http or https URL without user and password.')
}

/** A list with commas, of any words or of these. */
export function listOf(accepted?: readonly string[]): (text: string) => readonly string[] {
  return (text) => {
    const words = text.split(',').map((word) => word.trim())
    if (accepted === undefined && words.every((word) => word !== '')) return words
    if (accepted !== undefined && words.every((word) => accepted.includes(word))) return words
    const what = accepted === undefined ? '' : ` out of ${accepted.join(', ')}`
    throw new InvalidArgumentError(`Accepted is a list with commas${what}.`)
  }
}

/** `name=value`, any number of times. */
export function pairs(
  accepted?: readonly string[],
): (text: string, before: readonly Pair[] | undefined) => readonly Pair[] {
  return (text, before = []) => {
    const [, name = '', value = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
    if (value !== '' && (accepted === undefined || accepted.includes(name)))
      return [...before, { name, value }]
    const what = accepted === undefined ? 'name' : `one of ${accepted.join(', ')}`
    throw new InvalidArgumentError(`Accepted is ${what}, an equals sign and a value.`)
  }
}

export type Pair = { readonly name: string; readonly value: string }

/** What a file holds on its one line. Throws CommandError. */
export async function secretIn(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new CommandError(`the token file ${path} cannot be read: ${reasonOf(cause)}`, exitCodes.failure, {
      cause,
    })
  }
  const secret = text.trim()
  if (secret === '' || /\p{Cc}/u.test(secret))
    throw new CommandError(`the token file ${path} must hold one non-empty line`)
  return secret
}

/** A bundle of certificates. Throws CommandError. */
export async function authorityIn(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    const pem = await readFile(path, 'utf8')
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem
  } catch (cause) {
    throw new CommandError(`${path} cannot be read: ${reasonOf(cause)}`, exitCodes.failure, { cause })
  }
  throw new CommandError(`there is no PEM certificate in ${path}`)
}

export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Dialect } from './readings.ts'

/** One family of an exposition as recorded: its comment lines and its sample lines, without line ends. */
export type RecordedFamily = {
  readonly name: string
  readonly comments: readonly string[]
  readonly samples: readonly string[]
}

/** An exposition as recorded: the families in their order. */
export type Recording = readonly RecordedFamily[]

/** A sample line taken apart. Label values are unescaped and in the recorded order. */
export type RecordedSample = {
  readonly name: string
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: string
}

const fixtures = path.join(import.meta.dirname, '../test/fixtures/kepler')
const recordedFile = {
  current: 'main-13944a69/01-baseline.prom',
  legacy: 'v0.9.0/50a-legacy-v0.9.0-idle0.prom',
} as const

/** The recording that serves as the template of a dialect. */
export async function loadRecording(dialect: Dialect): Promise<Recording> {
  return readRecording(await readFile(path.join(fixtures, recordedFile[dialect]), 'utf8'))
}

/** The body of a recorded HTTP 500: two series of one family had the same labels. */
export function loadRecordedError(): Promise<string> {
  return readFile(path.join(fixtures, 'main-13944a69/12-http500-duplicate-series.body.txt'), 'utf8')
}

/** Splits an exposition by its HELP and TYPE lines. Trusts its input: recordings, nothing from the network. */
export function readRecording(text: string): Recording {
  const families: { name: string; comments: string[]; samples: string[] }[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line === '# EOF') continue
    const commented = /^# (?:HELP|TYPE) (\S+)/.exec(line)?.[1]
    const family = families.at(-1)
    if (commented === undefined) family?.samples.push(line)
    // In OpenMetrics a gauge `x` and the counter of the samples `x_total` have the same name: the second HELP tells.
    else if (family?.name === commented && family.samples.length === 0) family.comments.push(line)
    else families.push({ name: commented, comments: [line], samples: [] })
  }
  return families
}

export function readSample(line: string): RecordedSample {
  const parts = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line)
  if (parts === null) throw new Error(`not a recorded sample: ${line}`)
  const [, name = '', labelText = '', value = ''] = parts
  const labels = [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', escaped = '']) => [label, unescaped(escaped)] as const,
  )
  return { name, labels, value }
}

export function printSample({ name, labels, value }: RecordedSample): string {
  if (labels.length === 0) return `${name} ${value}`
  const pairs = labels.map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}{${pairs.join(',')}} ${value}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
}

import type { Measurement } from './ledger-page.ts'
import type { Workload } from './workload.ts'

/** A name of Kubernetes has at most 253 characters; exporters of other runtimes may say more, but not pages. */
const mostNameBytes = 1024

/** Why no store could hold a measurement, as the end of the sentence "it …"; undefined when it can be held. */
export function whyUnstorable(measurement: Measurement): string | undefined {
  return whyNumbersUnstorable(measurement) ?? whyNamesUnstorable(measurement)
}

/** The same, of its numbers alone. */
export function whyNumbersUnstorable({ during, energy, counter }: Measurement): string | undefined {
  if (!Number.isFinite(energy)) return `has an energy of ${energy} J`
  if (!Number.isFinite(counter)) return `has a counter of ${counter} J`
  if (!Number.isFinite(during.from) || !Number.isFinite(during.to)) return 'has no finite interval'
  if (!(during.from < during.to)) return 'ends before it begins'
  return undefined
}

/** The same, of its names alone, which are those of the measurement before as a rule. */
export function whyNamesUnstorable({
  containerId,
  workload,
}: Pick<Measurement, 'containerId' | 'workload'>): string | undefined {
  if (isPlain(containerId) && (workload === undefined || hasPlainNames(workload))) return undefined
  const names = { 'container id': containerId, ...workload }
  for (const [what, name] of Object.entries(names)) {
    if (name.includes('\0')) return `has a NUL character in its ${what}`
    if (!name.isWellFormed()) return `has half a character in its ${what}`
    const bytes = utf8Length(name)
    if (bytes > mostNameBytes) return `has a ${what} of ${bytes} bytes; at most ${mostNameBytes} are kept`
  }
  return undefined
}

function hasPlainNames({ namespace, pod, container }: Workload): boolean {
  return isPlain(namespace) && isPlain(pod) && isPlain(container)
}

/** Whether a name can be kept, as nearly all can, without counting its bytes: a unit of UTF-16 takes three at most. */
function isPlain(name: string): boolean {
  return name.length * 3 <= mostNameBytes && !name.includes('\0') && name.isWellFormed()
}

function utf8Length(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_00_00 ? 3 : 4
  }
  return bytes
}

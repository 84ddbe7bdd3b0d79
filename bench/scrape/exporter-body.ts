/**
 * A body of Kepler's metrics whose values move with time: made once, and then patched in place, since printing 75 MB
 * anew for every scrape would cost more than all that is measured.
 *
 * Families, label order and number forms are those of Kepler 0.9 (`legacy`: 29 series a container) and of 0.10 and later
 * (`current`: container, pod and one process for each container, two zones). Values are counters with a resolution of
 * a millijoule at constant power, so that what a reader must find is known for every moment.
 */
import { containersOf, type GeneratedContainer } from './containers.ts'

export type ExporterDialect = 'legacy' | 'current'

export type ExporterBody = {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly series: number
  readonly containers: readonly GeneratedContainer[]
  /** Patches all values to those of the moment. */
  moveTo(milliseconds: number): void
  /** The counters of a container whose energy is counted, in the order of their zones, at a moment: joules. */
  countersAt(container: number, milliseconds: number): readonly number[]
}

export type ExporterBodyOptions = {
  readonly dialect: ExporterDialect
  readonly containers: number
  /** `energy`: only the family that is counted. */
  readonly families: 'all' | 'energy'
  /** Makes the bodies of two nodes differ. */
  readonly node: string
}

/** A number of fixed width: a whole number of millijoules, or of anything else, is written into it. */
type Slot = {
  readonly at: number
  readonly form: NumberForm
  readonly start: number
  readonly perMillisecond: number
}

/** `plain`: 123456.789; `exponent`: 1.234567890e+06, a thousandth of the ten digits; `zero`: 0. */
type NumberForm = 'plain' | 'exponent' | 'zero'
const placeholders: Readonly<Record<NumberForm, string>> = {
  plain: '000000.000',
  exponent: '0.000000000e+06',
  zero: '0',
}
/** Counters begin here, in thousandths, and stay within their digits for five hours and more. */
const startRange: Readonly<Record<NumberForm, number>> = { plain: 1e8, exponent: 1e9, zero: 0 }

type Line = { readonly head: string; readonly watts: number }

export function createExporterBody(options: ExporterBodyOptions): ExporterBody {
  const containers = containersOf(options.containers, options.node)
  const writer = createBodyWriter()
  writer.text('# HELP go_goroutines Number of goroutines that currently exist.\n# TYPE go_goroutines gauge\n')
  writer.text('go_goroutines 42\n')
  const counted =
    options.dialect === 'legacy'
      ? writeLegacy(writer, containers, options)
      : writeCurrent(writer, containers, options)
  writer.text('# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.\n')
  writer.text('# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 123.45\n')
  const { bytes, slots } = writer.finished()
  const patch = createPatch(bytes, slots)
  return {
    bytes,
    series: slots.length + 3,
    containers,
    moveTo: patch,
    countersAt: (container, milliseconds) =>
      (counted[container] ?? []).map((slot) => thousandthsAt(slots[slot], milliseconds) / 1000),
  }
}

type BodyWriter = ReturnType<typeof createBodyWriter>

function createBodyWriter() {
  const encoder = new TextEncoder()
  const chunks: Uint8Array[] = []
  const slots: Slot[] = []
  let pending: string[] = []
  let length = 0
  let seed = 1

  function text(part: string): void {
    pending.push(part)
    length += part.length
    if (pending.length < 10_000) return
    chunks.push(encoder.encode(pending.join('')))
    pending = []
  }

  return {
    text,

    /** Returns the number of the line's value. */
    line({ head, watts }: Line): number {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      const form = watts === 0 ? 'zero' : seed % 4 === 0 ? 'exponent' : 'plain'
      const start = startRange[form] + Math.floor((seed / 2 ** 32) * 4 * startRange[form])
      text(`${head} `)
      slots.push({ at: length, form, start, perMillisecond: watts })
      text(`${placeholders[form]}\n`)
      return slots.length - 1
    },

    finished() {
      chunks.push(encoder.encode(pending.join('')))
      const bytes = new Uint8Array(length)
      let at = 0
      for (const chunk of chunks) {
        bytes.set(chunk, at)
        at += chunk.length
      }
      if (at !== length) throw new Error('the body is to be ASCII')
      return { bytes, slots }
    },
  }
}

function thousandthsAt(slot: Slot | undefined, milliseconds: number): number {
  if (slot === undefined) throw new RangeError('there is no such line')
  return Math.floor(slot.start + slot.perMillisecond * milliseconds)
}

/** Typed columns: millions of lines are patched for every scrape. */
function createPatch(bytes: Uint8Array, slots: readonly Slot[]): (milliseconds: number) => void {
  const moving = slots.filter(({ form }) => form !== 'zero')
  const ats = Float64Array.from(moving, ({ at }) => at)
  const starts = Float64Array.from(moving, ({ start }) => start)
  const rates = Float64Array.from(moving, ({ perMillisecond }) => perMillisecond)
  const points = Uint8Array.from(moving, ({ form }) => placeholders[form].indexOf('.'))
  const digits = Uint8Array.from(moving, ({ form }) => (form === 'plain' ? 9 : 10))
  return (milliseconds) => {
    for (let index = 0; index < moving.length; index++) {
      const at = ats[index] ?? 0
      const point = points[index] ?? 0
      const count = digits[index] ?? 0
      let rest = Math.floor((starts[index] ?? 0) + (rates[index] ?? 0) * milliseconds)
      for (let digit = count - 1; digit >= 0; digit--) {
        const tenth = Math.floor(rest / 10)
        bytes[at + digit + (digit < point ? 0 : 1)] = 0x30 + rest - tenth * 10
        rest = tenth
      }
    }
  }
}

const legacyComponents = ['core', 'dram', 'gpu', 'other', 'package', 'platform', 'uncore'] as const
const legacySources: Readonly<Record<string, string>> = { gpu: 'nvidia', platform: 'acpi' }
const legacyUsage = [
  ...['block_irq', 'cpu_time_ms', 'net_rx_irq', 'net_tx_irq', 'page_cache_hit'].map((name) => `bpf_${name}`),
  'cache_miss',
  ...['cpu_usage_us', 'memory_usage_bytes', 'system_cpu_usage_us', 'user_cpu_usage_us'].map(
    (name) => `cgroupfs_${name}`,
  ),
  'cpu_cycles',
  'cpu_instructions',
  'task_clock_ms',
]

function writeLegacy(
  writer: BodyWriter,
  containers: readonly GeneratedContainer[],
  { families, node }: ExporterBodyOptions,
): number[][] {
  const counted: number[][] = containers.map(() => [])
  const labelsOf = ({ id, name, namespace, pod }: GeneratedContainer, more: string, source: string) =>
    `{container_id="${id}",container_name="${name}",container_namespace="${namespace}",${more}pod_name="${pod}",source="${source}"}`
  const header = (name: string, what: string, source: string) =>
    writer.text(`# HELP ${name} Aggregated value in ${what} value from ${source}\n# TYPE ${name} counter\n`)

  function writeEnergy(component: string): void {
    const name =
      component === '' ? 'kepler_container_joules_total' : `kepler_container_${component}_joules_total`
    const source = component === '' ? '' : (legacySources[component] ?? 'rapl-sysfs')
    header(name, component === '' ? 'joules' : component, source)
    for (const [index, container] of containers.entries()) {
      for (const mode of ['dynamic', 'idle']) {
        const isAbsent = component === 'gpu' || component === 'uncore'
        const watts = isAbsent ? 0 : container.watts * (mode === 'idle' ? 0.2 : 1)
        const head = `${name}${labelsOf(container, `mode="${mode}",`, source)}`
        const slot = writer.line({ head, watts })
        if (component === '' && mode === 'dynamic') counted[index]?.push(slot)
      }
    }
  }

  function writeUsage(counter: string): void {
    const source = counter.startsWith('cgroupfs_') ? 'cgroup' : 'bpf'
    const name = `kepler_container_${counter}_total`
    header(name, counter, source)
    for (const container of containers) {
      writer.line({ head: `${name}${labelsOf(container, '', source)}`, watts: container.watts })
    }
  }

  // Families are sorted by their names, as the Go client prints them.
  const all = [
    ...legacyComponents.map((component) => ({
      name: `${component}_joules`,
      write: () => writeEnergy(component),
    })),
    ...legacyUsage.map((counter) => ({ name: counter, write: () => writeUsage(counter) })),
    { name: 'joules', write: () => writeEnergy('') },
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name, write } of all) if (families === 'all' || name === 'joules') write()
  writer.text('# HELP kepler_exporter_build_info A metric with a constant value.\n')
  writer.text('# TYPE kepler_exporter_build_info gauge\nkepler_exporter_build_info{version="v0.9.0"} 1\n')
  writer.text('# HELP kepler_node_package_joules_total Aggregated value in package value from rapl-sysfs\n')
  writer.text('# TYPE kepler_node_package_joules_total counter\n')
  for (const mode of ['dynamic', 'idle']) {
    const head = `kepler_node_package_joules_total{instance="${node}",mode="${mode}",package="0",source="rapl-sysfs"}`
    writer.line({ head, watts: 50 })
  }
  return counted
}

const zones = ['dram', 'package'] as const

function writeCurrent(
  writer: BodyWriter,
  containers: readonly GeneratedContainer[],
  { families, node }: ExporterBodyOptions,
): number[][] {
  const counted: number[][] = containers.map(() => [])
  const pods = [...new Map(containers.map((container) => [container.podId, container])).values()].sort(
    (a, b) => (a.podId < b.podId ? -1 : 1),
  )
  const headers = {
    joules_total: (subject: string) => `Energy consumption of cpu at ${subject} level in joules`,
    watts: (subject: string) => `Power consumption of cpu at ${subject} level in watts`,
  }

  function writeFamily(
    subject: string,
    unit: keyof typeof headers,
    lines: readonly { readonly labels: (zone: string) => string; readonly watts: number }[],
    onLine: (index: number, slot: number) => void = () => {},
  ): void {
    const name = `kepler_${subject}_cpu_${unit}`
    writer.text(`# HELP ${name} ${headers[unit](subject)}\n`)
    writer.text(`# TYPE ${name} ${unit === 'watts' ? 'gauge' : 'counter'}\n`)
    for (const [index, { labels, watts }] of lines.entries()) {
      for (const zone of zones) {
        const share = zone === 'dram' ? 0.1 : 0.9
        onLine(index, writer.line({ head: `${name}{${labels(zone)}}`, watts: watts * share }))
      }
    }
  }

  const containerLines = containers.map(({ id, name, podId, watts }) => ({
    labels: (zone: string) =>
      `container_id="${id}",container_name="${name}",node_name="${node}",pod_id="${podId}",runtime="containerd",state="running",zone="${zone}"`,
    watts,
  }))
  const podLines = pods.map(({ podId, pod, namespace, watts }) => ({
    labels: (zone: string) =>
      `node_name="${node}",pod_id="${podId}",pod_name="${pod}",pod_namespace="${namespace}",state="running",zone="${zone}"`,
    watts,
  }))
  const processLines = containers.map(({ id, name, watts }, index) => ({
    labels: (zone: string) =>
      `comm="${name}",container_id="${id}",exe="/usr/bin/${name}",node_name="${node}",pid="${1000 + index}",state="running",type="container",vm_id="",zone="${zone}"`,
    watts,
  }))
  writeFamily('container', 'joules_total', containerLines, (index, slot) => counted[index]?.push(slot))
  if (families === 'all') writeFamily('container', 'watts', containerLines)
  for (const [share, watts] of [
    ['active', 80],
    ['idle', 40],
  ] as const) {
    const name = `kepler_node_cpu_${share}_joules_total`
    writer.text(`# HELP ${name} Energy consumption of cpu in ${share} state at node level in joules\n`)
    writer.text(`# TYPE ${name} counter\n`)
    for (const zone of zones) {
      writer.line({ head: `${name}{node_name="${node}",path="aggregated-${zone}",zone="${zone}"}`, watts })
    }
  }
  writeFamily('pod', 'joules_total', podLines)
  if (families === 'all') {
    writeFamily('pod', 'watts', podLines)
    writeFamily('process', 'joules_total', processLines)
    writeFamily('process', 'watts', processLines)
  }
  return counted
}

/**
 * Bodies as a legacy Kepler 0.9 prints them, for benchmarks: seeded, so that every run reads the same bytes.
 *
 * Families, label order and number forms are those of `test/fixtures/kepler/v0.9.0`, with idle energy, the cgroup
 * counters and a GPU: 29 series of some 250 bytes for each container.
 */
import { createSeededChoices } from './seeded-choices.ts'

type Container = {
  readonly id: string
  readonly name: string
  readonly namespace: string
  readonly pod: string
  readonly watts: number
}

type Family = {
  readonly name: string
  readonly help: string
  readonly source: string
  readonly modes: readonly string[]
  /** Of the container's energy in this mode, or of its cycles. */
  readonly share: number
}

const modes = ['dynamic', 'idle']
const energyFamilies: readonly Family[] = [
  ['core', 'rapl-sysfs', 0.5],
  ['dram', 'rapl-sysfs', 0.1],
  ['gpu', 'nvidia', 0],
  ['other', 'rapl-sysfs', 0],
  ['package', 'rapl-sysfs', 0.9],
  ['platform', 'acpi', 1.3],
  ['uncore', 'rapl-sysfs', 0],
].map(([component, source, share]) => ({
  name: `kepler_container_${component}_joules_total`,
  help: `Aggregated value in ${component} value from ${source}`,
  source: String(source),
  modes,
  share: Number(share),
}))

const joulesFamily: Family = {
  name: 'kepler_container_joules_total',
  help: 'Aggregated value in joules value from ',
  source: '',
  modes,
  share: 1,
}

const usageFamilies: readonly Family[] = [
  ['bpf_block_irq', 'bpf', 0],
  ['bpf_cpu_time_ms', 'bpf', 60],
  ['bpf_net_rx_irq', 'bpf', 3],
  ['bpf_net_tx_irq', 'bpf', 2],
  ['bpf_page_cache_hit', 'bpf', 700],
  ['cache_miss', 'bpf', 180_000],
  ['cgroupfs_cpu_usage_us', 'cgroup', 60_000],
  ['cgroupfs_memory_usage_bytes', 'cgroup', 4_000_000],
  ['cgroupfs_system_cpu_usage_us', 'cgroup', 20_000],
  ['cgroupfs_user_cpu_usage_us', 'cgroup', 40_000],
  ['cpu_cycles', 'bpf', 140_000_000],
  ['cpu_instructions', 'bpf', 180_000_000],
  ['cpu_ref_cycles', 'bpf', 140_000_000],
].map(([counter, source, share]) => ({
  name: `kepler_container_${counter}_total`,
  help: `Aggregated value in ${counter} value from ${source}`,
  source: String(source),
  modes: [],
  share: Number(share),
}))

const families = [...energyFamilies, joulesFamily, ...usageFamilies].sort((a, b) =>
  a.name < b.name ? -1 : 1,
)

/** The body of one node with so many containers, `secondsUp` after Kepler started. */
export function keplerBody({ containers, secondsUp }: { containers: number; secondsUp: number }): Uint8Array {
  const inhabitants = containersOf(containers)
  const chunks: Uint8Array[] = []
  const encoder = new TextEncoder()
  for (const family of families) {
    const lines = [`# HELP ${family.name} ${family.help}\n# TYPE ${family.name} counter\n`]
    for (const container of inhabitants) lines.push(linesOf(family, container, secondsUp))
    chunks.push(encoder.encode(lines.join('')))
  }
  chunks.push(
    encoder.encode('# TYPE kepler_exporter_build_info gauge\nkepler_exporter_build_info{os="linux"} 1\n'),
  )
  const body = new Uint8Array(chunks.reduce((bytes, chunk) => bytes + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

function linesOf(family: Family, container: Container, secondsUp: number): string {
  const { id, name, namespace, pod, watts } = container
  const identity = `container_id="${id}",container_name="${name}",container_namespace="${namespace}"`
  if (family.modes.length === 0) {
    const count = Math.round(watts * family.share * secondsUp)
    return `${family.name}{${identity},pod_name="${pod}",source="${family.source}"} ${asGoPrints(count)}\n`
  }
  return family.modes
    .map((mode) => {
      const millijoules = Math.round(watts * family.share * (mode === 'idle' ? 200 : 1000) * secondsUp)
      const labels = `${identity},mode="${mode}",pod_name="${pod}",source="${family.source}"`
      return `${family.name}{${labels}} ${asGoPrints(millijoules / 1000)}\n`
    })
    .join('')
}

/** As Go's `strconv` prints the shortest decimal: an exponent from a million on, of two digits at least. */
function asGoPrints(value: number): string {
  if (value < 1e6) return String(value)
  const [digits = '', exponent = ''] = value.toExponential().split('e+')
  return `${digits}e+${exponent.padStart(2, '0')}`
}

const names = ['app', 'istio-proxy', 'nginx', 'redis', 'postgres', 'worker', 'otel-collector', 'vault-agent']
const applications = [
  'checkout',
  'payments',
  'catalog',
  'recommendation',
  'ml-inference',
  'etl-runner',
  'search-api',
]
const stages = ['prod', 'staging', 'qa']

function containersOf(count: number): readonly Container[] {
  const { random, oneOf, hexadecimal } = createSeededChoices(20_260_211)
  const containers = Array.from({ length: count }, () => ({
    id: hexadecimal(64),
    name: oneOf(names),
    namespace: `${oneOf(applications)}-${oneOf(stages)}`,
    pod: `${oneOf(applications)}-${hexadecimal(10)}-${hexadecimal(5)}`,
    watts: 0.05 + random() * random() * 20,
  }))
  return containers.sort((a, b) => (a.id < b.id ? -1 : 1))
}

import { createSeededChoices } from '../seeded-choices.ts'

/** A container that an exporter of the benchmark shows. */
export type GeneratedContainer = {
  readonly id: string
  readonly name: string
  readonly namespace: string
  readonly pod: string
  readonly podId: string
  readonly watts: number
}

const names = ['app', 'istio-proxy', 'nginx', 'redis', 'postgres', 'worker', 'otel-collector', 'vault-agent']
const applications = [
  'checkout',
  'payments',
  'catalog',
  'recommendation',
  'ml-inference',
  'etl',
  'search-api',
]
const stages = ['prod', 'staging', 'qa', 'dev']
/** A pod has one to three containers. */
const shareOfSinglePods = 0.7
const containersPerNamespace = 50
const mostNamespaces = 200

/** The containers of a node, the same in every run, in the order in which an exporter prints them. */
export function containersOf(count: number, node: string): readonly GeneratedContainer[] {
  const { random, oneOf, hexadecimal } = createSeededChoices(seedOf(node))
  const namespaceCount = Math.max(4, Math.min(mostNamespaces, Math.round(count / containersPerNamespace)))
  const namespaces = Array.from(
    { length: namespaceCount },
    (_, at) => `${oneOf(applications)}-${oneOf(stages)}-${at}`,
  )
  const containers: GeneratedContainer[] = []
  while (containers.length < count) {
    const pod = {
      namespace: oneOf(namespaces),
      pod: `${oneOf(applications)}-${hexadecimal(10)}-${hexadecimal(5)}`,
      podId: [8, 4, 4, 4, 12].map(hexadecimal).join('-'),
    }
    const first = Math.floor(random() * names.length)
    const inhabitants = random() < shareOfSinglePods ? 1 : 2 + Math.floor(random() * 2)
    for (let at = 0; at < inhabitants && containers.length < count; at++) {
      const name = names[(first + at) % names.length] ?? ''
      containers.push({ ...pod, id: hexadecimal(64), name, watts: 0.05 + random() * random() * 20 })
    }
  }
  return containers.sort((a, b) => (a.id < b.id ? -1 : 1))
}

function seedOf(text: string): number {
  let seed = 7
  for (let at = 0; at < text.length; at++) seed = (Math.imul(seed, 31) + text.charCodeAt(at)) | 0
  return seed || 1
}

import type { NodeScrape } from '../energy/reading.ts'
import { type EnergySource, ScrapeError, type ScrapeFailure, type TargetScrape } from './energy-source.ts'
import { type Finding, findingsOn } from './finding.ts'

export type ExaminedTarget = {
  readonly findings: readonly Finding[]
  /** The nodes that it told of, and how it counts them. */
  readonly nodes: readonly { readonly node: string; readonly basis: string }[]
}

/**
 * Reads an exporter so many times and says what is the matter with it. `open` makes a connection of its own each time, so
 * that each may meet another exporter behind one address.
 */
export async function examineKepler(
  open: () => EnergySource & { close(): void },
  readings: number,
  signal: AbortSignal,
): Promise<ExaminedTarget> {
  const scrapes: TargetScrape[] = []
  let target = ''
  let failure: unknown
  for (let reading = 0; reading < readings && failure === undefined; reading += 1) {
    const source = open()
    target = source.target
    try {
      scrapes.push(await source.read(signal))
    } catch (cause) {
      signal.throwIfAborted()
      failure = cause
    } finally {
      source.close()
    }
  }
  const subject = `Kepler ${target}`
  const nodes = new Map(scrapes.flatMap((scrape) => scrape.nodes).map(({ node, basis }) => [node, basis]))
  return {
    findings: [
      ...(failure === undefined ? [] : [findingOn(target, failure)]),
      ...findingsOnScrapes(subject, scrapes),
    ],
    nodes: Array.from(nodes, ([node, basis]) => ({ node, basis })),
  }
}

/** Whether two exporters count one node, in which case only one of them is believed. */
export function examineNodes(
  targets: readonly { readonly target: string; readonly nodes: ExaminedTarget['nodes'] }[],
): readonly Finding[] {
  const tellers = Map.groupBy(
    targets.flatMap(({ target, nodes }) => nodes.map(({ node }) => ({ target, node }))),
    ({ node }) => node,
  )
  return Array.from(tellers).flatMap(([node, ofNode]) => {
    if (ofNode.length < 2) return []
    const { warn } = findingsOn(`node ${node}`)
    return [
      warn(
        `${ofNode.map(({ target }) => target).join(' and ')} both tell of it`,
        'Name each node once in EXPORTER_URL.',
      ),
    ]
  })
}

function findingsOnScrapes(subject: string, scrapes: readonly TargetScrape[]): readonly Finding[] {
  const last = scrapes.at(-1)
  if (last === undefined) return []
  const { ok, warn } = findingsOn(subject)
  const names = [...new Set(scrapes.flatMap(({ nodes }) => nodes.map(({ node }) => node)))].toSorted()
  const perScrape = Math.max(...scrapes.map(({ nodes }) => nodes.length))
  const isBalanced = names.length > perScrape
  return [
    ok(
      `${last.dialect === 'legacy' ? 'Kepler 0.9 or older' : 'Kepler 0.10 or newer'}, ${last.nodes.map(nodeText).join(', ')}`,
    ),
    ...(isBalanced
      ? [
          warn(
            `one address, several nodes: ${scrapes.length} readings met ${names.join(', ')}`,
            'It stands before several exporters and each scrape meets another one: name every node’s own address in EXPORTER_URL.',
          ),
        ]
      : []),
    ...last.notes.map((note) => warn(withoutFullStop(note), adviceOnNotes)),
    ...findingsOnNames(subject, last.nodes),
    ...findingsOnLines(subject, last),
  ]
}

const adviceOnNotes =
  'Current Kepler exports what its metricsLevel names: node, pod and container are needed, and Kubernetes switched on (kube.enabled).'

function nodeText(scrape: NodeScrape): string {
  const count = containersIn(scrape).all
  const what = scrape.level === 'pod' ? 'pods' : 'containers'
  return `node ${scrape.node} with ${count} ${what}, counted as ${scrape.basis}`
}

function containersIn({ readings }: NodeScrape): { readonly all: number; readonly named: number } {
  const all = new Set(readings.counters.map(({ containerId }) => containerId))
  const named = new Set(
    readings.counters.flatMap(({ naming, containerId }) => (naming.kind === 'unnamed' ? [] : [containerId])),
  )
  return { all: all.size, named: named.size }
}

function findingsOnNames(subject: string, nodes: readonly NodeScrape[]): readonly Finding[] {
  const { warn } = findingsOn(subject)
  return nodes.flatMap((scrape) => {
    const { all, named } = containersIn(scrape)
    if (all === 0)
      return [
        warn(
          `node ${scrape.node} shows no container`,
          'Wait until containers run there, or look at Kepler’s log.',
        ),
      ]
    if (named > 0) return []
    return [
      warn(
        `none of the ${all} containers of node ${scrape.node} has a name`,
        'Kepler must reach the kubelet or the API server to learn names; its log says why it does not.',
      ),
    ]
  })
}

function findingsOnLines(subject: string, { unreadLines }: TargetScrape): readonly Finding[] {
  const [first] = unreadLines.first
  if (first === undefined) return []
  return [
    findingsOn(subject).warn(
      `${unreadLines.count} lines could not be read; the first: ${first.reason}: ${JSON.stringify(first.excerpt)}`,
      'What stands there is not counted. A proxy in between may change the text; else report it.',
    ),
  ]
}

function findingOn(target: string, cause: unknown): Finding {
  const { fail } = findingsOn(`Kepler ${target}`)
  const message = cause instanceof Error ? cause.message : String(cause)
  const what = message.startsWith(`${target} `) ? `it ${message.slice(target.length + 1)}` : message
  return fail(withoutFullStop(what), adviceOn(cause instanceof ScrapeError ? cause.failure : undefined))
}

function adviceOn(failure: ScrapeFailure | undefined): string {
  switch (failure) {
    case 'unreachable':
      return 'Is Kepler running there? Kepler 0.9 and older listen on port 9102, newer ones on 28282; a NetworkPolicy may stand in between.'
    case 'timed-out':
      return 'Give it more time with EXPORTER_TIMEOUT, or find out what keeps it.'
    case 'bad-status':
      return 'With 401 or 403, set EXPORTER_BEARER_TOKEN_FILE or EXPORTER_BASIC_AUTH_FILE; with 404, mend the path in EXPORTER_URL; with 500, look at Kepler’s log.'
    case 'credentials-unreadable':
      return 'Mend the file, or the setting that names it.'
    case 'too-large':
      return 'Raise EXPORTER_MAX_BODY_MB if that really is Kepler.'
    case 'no-power-families':
      return 'Look at Kepler’s log: it must be allowed to read all of /proc and the power meters.'
    case 'not-an-exposition':
    case 'empty':
    case 'cut-off':
      return 'Ask the address with curl: EXPORTER_URL must lead to Kepler’s metrics, usually /metrics.'
    case undefined:
      return 'This was not foreseen: report it with the text above.'
  }
}

function withoutFullStop(text: string): string {
  return text.replace(/\.$/, '')
}

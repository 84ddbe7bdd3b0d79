import type { EnergyFilter, EnergySeries } from './energy-spans.ts'
import type { Workload } from './workload.ts'

/** Says of a container whether it counts. An empty list restricts nothing, as if it were not given. */
export function matcherOf(filter: EnergyFilter): (series: EnergySeries) => boolean {
  const isNode = oneOf(filter.nodes)
  const isNamespace = oneOf(filter.namespaces)
  const isPod = oneOf(filter.pods)
  const isContainer = oneOf(filter.containers)
  const except = new Set(filter.exceptNodes)
  return ({ node, workload }) =>
    isNode(node) &&
    !except.has(node) &&
    isNamespace(workload?.namespace) &&
    isPod(workload?.pod) &&
    isContainer(workload?.container)
}

/** Whether the names of a container decide, and not its node alone. */
export function restrictsNames({ namespaces = [], pods = [], containers = [] }: EnergyFilter): boolean {
  return namespaces.length + pods.length + containers.length > 0
}

/** More workloads are not worth looking up one by one. */
const mostNamed = 1000

/** Every workload that the names are of, each once, where all three are given and they are few. */
export function workloadsNamed({
  namespaces = [],
  pods = [],
  containers = [],
}: EnergyFilter): readonly Workload[] | undefined {
  const count = namespaces.length * pods.length * containers.length
  if (count === 0 || count > mostNamed) return undefined
  const eachOnce = (names: readonly string[]) => [...new Set(names)]
  return eachOnce(namespaces).flatMap((namespace) =>
    eachOnce(pods).flatMap((pod) => eachOnce(containers).map((container) => ({ namespace, pod, container }))),
  )
}

function oneOf(accepted: readonly string[] = []): (name: string | undefined) => boolean {
  if (accepted.length === 0) return () => true
  if (accepted.length === 1) return (name) => name === accepted[0]
  const names = new Set<string | undefined>(accepted)
  return (name) => names.has(name)
}

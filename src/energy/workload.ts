import { compareText } from './compare-text.ts'

/** The identity an answer is given for. Names are not unique in time: a name that is used again adds up. */
export type Workload = {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** The container name of a pod whose exporter counts energy per pod only (the Kepler operator's default). */
export const wholePod = '*'

export function isSameWorkload(a: Workload, b: Workload): boolean {
  return a === b || (a.pod === b.pod && a.namespace === b.namespace && a.container === b.container)
}

/**
 * One string per workload; two workloads never share one, whatever their names contain: the lengths keep names apart that
 * run together. A third of the time that JSON of them takes.
 */
export function workloadKey({ namespace, pod, container }: Workload): string {
  return `${namespace.length} ${pod.length} ${namespace}${pod}${container}`
}

/** Ascending by namespace, pod and container. */
export function compareWorkloads(a: Workload, b: Workload): number {
  return (
    compareText(a.namespace, b.namespace) ||
    compareText(a.pod, b.pod) ||
    compareText(a.container, b.container)
  )
}

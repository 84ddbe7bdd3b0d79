import type { FastifyBaseLogger } from 'fastify'
import type { ApiClient } from '../adapters/kubernetes/api-client.ts'
import { readClusterAccount } from '../adapters/kubernetes/cluster-account.ts'
import { listAndWatch, type WatchState } from '../adapters/kubernetes/list-and-watch.ts'
import { createPodOwners, podsResource, readPodOwner } from '../adapters/kubernetes/pod-owners.ts'
import type { KubernetesConfig } from '../config.ts'
import { ownersFromPodNames } from '../energy/owner-from-pod-name.ts'
import type { OwnerDirectory } from '../energy/workload-owner.ts'
import type { Clock } from '../flows/clock.ts'
import type { TaskWatch } from './task-watch.ts'

/** The Kubernetes API, where this process has an account for it. */
export type Cluster =
  | { readonly kind: 'cluster'; readonly client: ApiClient }
  | { readonly kind: 'none'; readonly why: string }

export async function openCluster(config: KubernetesConfig): Promise<Cluster & AsyncDisposable> {
  const reading = await readClusterAccount({ directory: config.accountDirectory, ...config })
  if (reading.kind === 'none') return { ...reading, async [Symbol.asyncDispose]() {} }
  const { createApiClient } = await import('../adapters/kubernetes/api-client.ts')
  const client = createApiClient(reading.account)
  return { kind: 'cluster', client, [Symbol.asyncDispose]: () => client.close() }
}

export type KnownOwners = {
  readonly directory: OwnerDirectory
  /** Why owners are derived from names though the cluster could tell them. */
  warnings(): readonly string[]
}

export type OwnersContext = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
  readonly signal: AbortSignal
  readonly tasks: TaskWatch
}

/** A pod that is gone is remembered for a day, as long as containers are listed. */
const goneSeconds = 86_400
/** About 10 MB: bench/owners.bench.ts. */
const mostGone = 50_000

/** Learns from the cluster whose the pods are, where it may be asked; else by their names. */
export function startWorkloadOwners(use: KubernetesConfig['owners'], context: OwnersContext): KnownOwners {
  const { cluster, clock, logger, signal, tasks } = context
  if (use === 'off') return { directory: ownersFromPodNames, warnings: () => [] }
  if (cluster.kind === 'none') {
    logger.info(
      { why: cluster.why },
      'owners of pods are derived from their names: there is no cluster to ask',
    )
    return { directory: ownersFromPodNames, warnings: () => [] }
  }
  const owners = createPodOwners({ goneSeconds, mostGone, now: () => clock.now() })
  let state: WatchState | undefined
  const onState = (next: WatchState) => {
    logWatchState(logger, { what: 'pods', before: state, next })
    state = next
  }
  tasks.watch(
    'watching pods',
    listAndWatch(
      {
        client: cluster.client,
        resource: podsResource,
        read: readPodOwner,
        kept: owners,
        clock,
        random: Math.random,
        onState,
      },
      signal,
    ),
  )
  return {
    directory: owners,
    warnings: () =>
      state?.kind === 'lost'
        ? [`Owners of pods that are not known yet are derived from their names: ${state.message}`]
        : [],
  }
}

/** Says once that a watch is lost, and once that it is back. */
function logWatchState(
  logger: FastifyBaseLogger,
  about: { readonly what: string; readonly before: WatchState | undefined; readonly next: WatchState },
): void {
  const { what, before, next } = about
  if (next.kind === 'current') {
    if (before?.kind === 'lost') logger.info({ what }, 'the cluster is watched again')
    return
  }
  const isSaid = before?.kind === 'lost' && before.failure === next.failure
  const level = isSaid ? 'debug' : 'warn'
  logger[level]({ what, failure: next.failure }, next.message)
}

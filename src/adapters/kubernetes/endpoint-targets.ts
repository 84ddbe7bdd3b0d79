import type { Clock } from '../../flows/clock.ts'
import {
  type FindingState,
  failing,
  type Target,
  type TargetDirectory,
} from '../../flows/target-directory.ts'
import type { ApiClient } from './api-client.ts'
import { fieldsOf, itemsOf, textOf } from './json-fields.ts'
import { listAndWatch, type Resource, type WatchedSet } from './list-and-watch.ts'

/** The pods behind a service, and how each of them is scraped. */
export type ServiceAddress = {
  /** As a person wrote it. */
  readonly address: string
  readonly scheme: 'http' | 'https'
  readonly namespace: string
  readonly service: string
  /** A name out of the service, or the number on which the pods themselves listen; undefined for the only port. */
  readonly port: string | number | undefined
  /** Begins with a slash; may end with a query. */
  readonly path: string
}

type Endpoint = {
  /** The same for all addresses of one pod. */
  readonly pod: string
  readonly address: string
  readonly node: string | undefined
}

type Slice = {
  readonly name: string
  readonly endpoints: readonly Endpoint[]
  readonly ports: readonly { readonly name: string; readonly port: number }[]
}

export type EndpointTargets = {
  readonly client: Pick<ApiClient, 'get' | 'follow'>
  readonly service: ServiceAddress
  readonly clock: Clock
  readonly random: () => number
}

/**
 * A target for each pod behind a service, with the name of its node, out of the service's EndpointSlices. Needs the
 * rights to list and watch EndpointSlices in the service's namespace. Pods that are not ready are targets too: one
 * that has stopped answering is lost, and shall be seen to be.
 */
export function createEndpointTargets({ client, service, clock, random }: EndpointTargets): TargetDirectory {
  const slices = new Map<string, Slice>()
  /** Undefined since the last change: many slices may change before anyone asks. */
  let targets: readonly Target[] | undefined
  let state: FindingState = { kind: 'pending' }

  return {
    address: service.address,
    targets: () => (targets ??= targetsIn([...slices.values()], service)),
    state: () => state,
    async follow(onChange, signal) {
      const changed = () => {
        targets = undefined
        onChange()
      }
      const kept: WatchedSet<Slice> = {
        replace(all) {
          slices.clear()
          for (const slice of all) slices.set(slice.name, slice)
          state = { kind: 'current' }
          changed()
        },
        put(slice) {
          slices.set(slice.name, slice)
          changed()
        },
        remove({ name }) {
          slices.delete(name)
          changed()
        },
      }
      await listAndWatch<Slice>(
        {
          client,
          resource: slicesOf(service),
          read: readSlice,
          kept,
          clock,
          random,
          onState(next) {
            if (next.kind === 'current' && state.kind === 'current') return
            state =
              next.kind === 'current' ? next : failing(state, { message: next.message, now: clock.now() })
            onChange()
          },
        },
        signal,
      )
    },
  }
}

function slicesOf({ namespace, service }: ServiceAddress): Resource {
  return {
    path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    query: { labelSelector: `kubernetes.io/service-name=${service}` },
    isMetadataOnly: false,
  }
}

/** A slice with the addresses that can be asked; undefined for what is no slice. */
function readSlice(object: unknown): Slice | undefined {
  const fields = fieldsOf(object)
  const name = textOf(fieldsOf(fields['metadata'])['name'])
  if (name === undefined) return undefined
  const isNumeric = fields['addressType'] === 'IPv4' || fields['addressType'] === 'IPv6'
  const endpoints = itemsOf(fields['endpoints']).flatMap((item) => {
    const endpoint = fieldsOf(item)
    const [address] = itemsOf(endpoint['addresses'])
    if (typeof address !== 'string') return []
    const pod = textOf(fieldsOf(endpoint['targetRef'])['name']) ?? address
    const host = isNumeric && address.includes(':') ? `[${address}]` : address
    return [{ pod, address: host, node: textOf(endpoint['nodeName']) }]
  })
  const ports = itemsOf(fields['ports']).flatMap((item) => {
    const { name, port } = fieldsOf(item)
    return typeof port === 'number' ? [{ name: typeof name === 'string' ? name : '', port }] : []
  })
  return { name, endpoints, ports }
}

/** One target for each pod, also where it has addresses of IPv4 and of IPv6 or stands in two slices for a moment. */
function targetsIn(slices: readonly Slice[], service: ServiceAddress): readonly Target[] {
  const targets = new Map<string, Target>()
  const ordered = slices.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  for (const { endpoints, ports } of ordered) {
    const port = portIn(ports, service.port)
    if (port === undefined) continue
    for (const { pod, address, node } of endpoints) {
      const url = URL.parse(`${service.scheme}://${address}:${port}${service.path}`)
      if (url === null) continue
      const known = targets.get(pod)
      const isBetter = known === undefined || (known.url.hostname.startsWith('[') && !address.startsWith('['))
      if (isBetter) targets.set(pod, { url, node, serverName: serverNameOf(service) })
    }
  }
  return [...targets.values()]
}

function portIn(ports: Slice['ports'], wanted: ServiceAddress['port']): number | undefined {
  if (typeof wanted === 'number') return wanted
  if (wanted === undefined) return ports.length === 1 ? ports[0]?.port : undefined
  return ports.find(({ name }) => name === wanted)?.port
}

/** Certificates that the cluster makes for a service bear its name, not the addresses of its pods. */
function serverNameOf({ scheme, service, namespace }: ServiceAddress): string | undefined {
  return scheme === 'https' ? `${service}.${namespace}.svc` : undefined
}

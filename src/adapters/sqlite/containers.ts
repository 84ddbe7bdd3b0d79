import { whyUnstorable } from '../../energy/storable.ts'
import type { Workload } from '../../energy/workload.ts'
import { type Instant, instant, joules } from '../../units.ts'
import type { Database } from './database.ts'
import { isNull, numberIn, type Row, textIn } from './row.ts'

/** Containers that are remembered without asking the file; beyond that many, all are asked for again. */
const mostRemembered = 200_000

type Node = {
  readonly id: number
  readonly settledUntil: number
  readonly containers: Map<string, Container>
}
type Container = { readonly id: number; isNamed: boolean }

/** The numbers under which nodes and containers are kept, and the names that containers bear now. */
export type Containers = {
  nodeOf(name: string): Node
  /** The container's number. It takes `workload` when it has no names yet. */
  idOf(node: Node, containerId: string, naming: Naming): number
  rename(node: Node, containerId: string, naming: Naming): void
  /** To be called when a transaction failed or something outside it has changed the tables. */
  forget(): void
}

export type Naming = { readonly workload: Workload | undefined; readonly at: Instant }

export function createContainers(database: Database): Containers {
  const nodes = new Map<string, Node>()
  let remembered = 0

  function forget(): void {
    nodes.clear()
    remembered = 0
  }

  function containerOf(node: Node, containerId: string): Container | undefined {
    const known = node.containers.get(containerId)
    if (known !== undefined) return known
    const row = database.get(
      'SELECT id, named_at_ms FROM container WHERE node = ? AND container_id = ?',
      node.id,
      containerId,
    )
    if (row === undefined) return undefined
    return remember(node, containerId, { id: numberIn(row, 'id'), isNamed: !isNull(row, 'named_at_ms') })
  }

  function remember(node: Node, containerId: string, container: Container): Container {
    node.containers.set(containerId, container)
    remembered += 1
    return container
  }

  /** Names told at an earlier time, in a batch that is delivered again, do not replace those told later. */
  function setNames(container: Container, workload: Workload, at: Instant): void {
    database.run(
      `UPDATE container SET namespace = ?, pod = ?, container = ?, named_at_ms = ?
       WHERE id = ? AND (named_at_ms IS NULL OR named_at_ms <= ?)`,
      workload.namespace,
      workload.pod,
      workload.container,
      at,
      container.id,
      at,
    )
    container.isNamed = true
  }

  return {
    nodeOf(name) {
      const known = nodes.get(name)
      if (known !== undefined) return known
      database.run(
        'INSERT INTO node (name, settled_until_ms) VALUES (?, ?) ON CONFLICT DO NOTHING',
        name,
        -8.64e15,
      )
      const row = database.get('SELECT id, settled_until_ms FROM node WHERE name = ?', name) ?? {}
      const node = {
        id: numberIn(row, 'id'),
        settledUntil: numberIn(row, 'settled_until_ms'),
        containers: new Map<string, Container>(),
      }
      nodes.set(name, node)
      return node
    },

    idOf(node, containerId, { workload, at }) {
      const known = containerOf(node, containerId)
      if (known !== undefined) {
        if (!known.isNamed && workload !== undefined) setNames(known, workload, at)
        return known.id
      }
      const row =
        database.get(
          `INSERT INTO container (node, container_id, namespace, pod, container, named_at_ms)
           VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
          node.id,
          containerId,
          workload?.namespace ?? null,
          workload?.pod ?? null,
          workload?.container ?? null,
          workload === undefined ? null : at,
        ) ?? {}
      const added = { id: numberIn(row, 'id'), isNamed: workload !== undefined }
      if (remembered >= mostRemembered) {
        for (const { containers } of nodes.values()) containers.clear()
        remembered = 0
      }
      return remember(node, containerId, added).id
    },

    /** A container that was never measured is not there to be renamed; its first measurement will bear its names. */
    rename(node, containerId, { workload, at }) {
      const known = containerOf(node, containerId)
      if (known !== undefined && workload !== undefined) setNames(known, workload, at)
    },

    forget,
  }
}

/** Why a container with these names cannot be kept: the reason for which its measurements could not be. */
export function whyUnnameable(containerId: string, workload: Workload | undefined): string | undefined {
  const during = { from: instant(0), to: instant(1) }
  return whyUnstorable({ containerId, workload, during, energy: joules(0), counter: joules(0), flags: [] })
}

/** The names of a container; undefined when nobody has told them. */
export function namesIn(row: Row): Workload | undefined {
  return isNull(row, 'named_at_ms') ? undefined : workloadIn(row)
}

export function workloadIn(row: Row): Workload {
  return {
    namespace: textIn(row, 'namespace'),
    pod: textIn(row, 'pod'),
    container: textIn(row, 'container'),
  }
}

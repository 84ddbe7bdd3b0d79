import { instant } from '../units.ts'
import type { ContainerState, CounterState, NodeState } from './node-state.ts'
import type { Workload } from './workload.ts'

/** A node state out of parsed JSON. Throws TypeError, with the field's name, when it is none. */
export function nodeStateOf(json: unknown): NodeState {
  const fields = fieldsOf(json, 'node state')
  return {
    node: text(fields, 'node'),
    at: instant(number(fields, 'at')),
    ...(fields.has('by') ? { by: text(fields, 'by') } : {}),
    basis: text(fields, 'basis'),
    unreadLines: number(fields, 'unreadLines'),
    containers: list(fields, 'containers').map(containerStateOf),
    nodeCounters: list(fields, 'nodeCounters').map(nodeCounterOf),
  }
}

function containerStateOf(json: unknown): ContainerState {
  const fields = fieldsOf(json, 'container state')
  return {
    containerId: text(fields, 'containerId'),
    level: word(fields, 'level', ['container', 'pod']),
    workload: fields.get('workload') === null ? null : workloadOf(fields.get('workload')),
    hasOwnName: boolean(fields, 'hasOwnName'),
    presence: word(fields, 'presence', ['present', 'absent', 'ended']),
    coveredUntil: instant(number(fields, 'coveredUntil')),
    lastSeenAt: instant(number(fields, 'lastSeenAt')),
    counters: list(fields, 'counters').map(counterStateOf),
  }
}

function workloadOf(json: unknown): Workload {
  const fields = fieldsOf(json, 'workload')
  return {
    namespace: text(fields, 'namespace'),
    pod: text(fields, 'pod'),
    container: text(fields, 'container'),
  }
}

function counterStateOf(json: unknown): CounterState {
  const fields = fieldsOf(json, 'counter state')
  return {
    component: text(fields, 'component'),
    mode: word(fields, 'mode', ['dynamic', 'idle']),
    believed: number(fields, 'believed'),
    suspect: numberOrNull(fields, 'suspect'),
    terminated: numberOrNull(fields, 'terminated'),
  }
}

function nodeCounterOf(json: unknown): readonly [string, number] {
  const [key, joules]: readonly unknown[] = Array.isArray(json) ? json : []
  if (typeof key !== 'string' || typeof joules !== 'number')
    throw new TypeError('it has a broken node counter')
  return [key, joules]
}

type Fields = ReadonlyMap<string, unknown>

function fieldsOf(json: unknown, what: string): Fields {
  if (typeof json !== 'object' || json === null) throw new TypeError(`its ${what} is no object`)
  return new Map(Object.entries(json))
}

function text(fields: Fields, name: string): string {
  const value = fields.get(name)
  if (typeof value !== 'string') throw new TypeError(`its ${name} is no text`)
  return value
}

function number(fields: Fields, name: string): number {
  const value = fields.get(name)
  if (typeof value !== 'number') throw new TypeError(`its ${name} is no number`)
  return value
}

function numberOrNull(fields: Fields, name: string): number | null {
  return fields.get(name) === null ? null : number(fields, name)
}

function boolean(fields: Fields, name: string): boolean {
  const value = fields.get(name)
  if (typeof value !== 'boolean') throw new TypeError(`its ${name} is neither true nor false`)
  return value
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields.get(name)
  if (!Array.isArray(value)) throw new TypeError(`its ${name} is no list`)
  return value
}

function word<Word extends string>(fields: Fields, name: string, words: readonly Word[]): Word {
  const value = text(fields, name)
  const found = words.find((candidate) => candidate === value)
  if (found === undefined) throw new TypeError(`its ${name} is an unknown word`)
  return found
}

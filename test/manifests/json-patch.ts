import { isObject, type YamlObject } from './yaml-object.ts'

/** A step of a JSON patch. Source: RFC 6902, of which `add`, `replace` and `remove` are understood. */
export type PatchOperation = {
  readonly op: 'add' | 'replace' | 'remove'
  /** A JSON pointer, RFC 6901; `-` is the place after the last of a list. */
  readonly path: string
  readonly value?: unknown
}

/** The object with the operation done. Throws an Error when what the path leads through, or to, is not there. */
export function patched(object: YamlObject, operation: PatchOperation): YamlObject {
  const steps = operation.path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const result = changed(object, steps, operation)
  if (!isObject(result)) throw new Error(`${operation.op} ${operation.path} leaves no object`)
  return result
}

function changed(value: unknown, steps: readonly string[], operation: PatchOperation): unknown {
  const [step, ...further] = steps
  if (step === undefined) return operation.value
  if (Array.isArray(value)) return changedList(value, step, further, operation)
  if (!isObject(value)) throw new Error(`${operation.op} ${operation.path}: there is nothing at ${step}`)
  const isThere = Object.hasOwn(value, step)
  if (!isThere && (further.length > 0 || operation.op !== 'add'))
    throw new Error(`${operation.op} ${operation.path}: there is no ${step}`)
  if (further.length === 0 && operation.op === 'remove')
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== step))
  return { ...value, [step]: changed(value[step], further, operation) }
}

function changedList(
  list: readonly unknown[],
  step: string,
  further: readonly string[],
  operation: PatchOperation,
): readonly unknown[] {
  if (step === '-' && further.length === 0 && operation.op === 'add') return [...list, operation.value]
  const at = Number(step)
  if (!/^\d+$/.test(step) || at >= list.length)
    throw new Error(`${operation.op} ${operation.path}: there is no ${step} in a list of ${list.length}`)
  if (further.length === 0 && operation.op === 'remove') return list.toSpliced(at, 1)
  if (further.length === 0 && operation.op === 'add') return list.toSpliced(at, 0, operation.value)
  return list.with(at, changed(list[at], further, operation))
}

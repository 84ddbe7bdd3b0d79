import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

/** A mapping out of YAML or JSON, of which nothing else is known. */
export type YamlObject = { readonly [key: string]: unknown }

export function isObject(value: unknown): value is YamlObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The mapping that stands at `path`; an empty one where there is none. */
export function objectAt(value: unknown, ...path: readonly string[]): YamlObject {
  const found = valueAt(value, ...path)
  return isObject(found) ? found : {}
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The text that stands at `path`; empty where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : ''
}

export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const key of path) found = isObject(found) ? found[key] : undefined
  return found
}

/** The mappings of a text of YAML documents. Throws an Error on what is no YAML, on a key given twice, and on no mapping. */
export function parseYamlObjects(text: string, origin: string): readonly YamlObject[] {
  return parseAllDocuments(text, { strict: true, uniqueKeys: true }).flatMap((document) => {
    const [problem] = [...document.errors, ...document.warnings]
    if (problem !== undefined) throw new Error(`${origin}: ${problem.message}`)
    const value: unknown = document.toJS()
    if (value === null) return []
    if (!isObject(value)) throw new Error(`${origin} holds a document that is no mapping`)
    return [value]
  })
}

export function readYamlObjects(path: string): readonly YamlObject[] {
  return parseYamlObjects(readFileSync(path, 'utf8'), path)
}

/** Such as `Deployment co2-api`. */
export function nameOf(object: YamlObject): string {
  return `${textAt(object, 'kind')} ${textAt(object, 'metadata', 'name')}`
}

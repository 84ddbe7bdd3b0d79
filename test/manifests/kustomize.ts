import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { type PatchOperation, patched } from './json-patch.ts'
import {
  isObject,
  listAt,
  nameOf,
  objectAt,
  readYamlObjects,
  textAt,
  type YamlObject,
} from './yaml-object.ts'

/**
 * Renders a kustomization as `kubectl kustomize` does, as far as ours go: resources, components, patches, images, and
 * the one transformer that puts objects into a namespace. Throws an Error on a field, file, target or place that does
 * not exist.
 * Source: kubectl.docs.kubernetes.io, "Kustomize", read 2026-11-24, and what `kubectl kustomize` 5.5 gives.
 */
export function renderKustomization(folder: string): readonly YamlObject[] {
  return rendered(folder, 'Kustomization', [])
}

type Objects = readonly YamlObject[]

/** What a folder makes of the objects that were there before it: a component changes those. */
function rendered(folder: string, kind: 'Kustomization' | 'Component', before: Objects): Objects {
  const file = path.join(folder, 'kustomization.yaml')
  const [kustomization, ...more] = readYamlObjects(file)
  if (kustomization === undefined || more.length > 0) throw new Error(`${file} must hold one document`)
  demandFields(
    kustomization,
    ['apiVersion', 'kind', 'resources', 'components', 'patches', 'images', 'transformers'],
    file,
  )
  if (textAt(kustomization, 'kind') !== kind) throw new Error(`${file} is no ${kind}`)

  let objects = [
    ...before,
    ...textsAt(kustomization, 'resources').flatMap((name) => resourceIn(folder, name)),
  ]
  for (const name of textsAt(kustomization, 'components'))
    objects = [...rendered(path.join(folder, name), 'Component', objects)]
  for (const patch of listAt(kustomization, 'patches')) objects = applyPatch(objects, patch, file)
  for (const image of listAt(kustomization, 'images')) objects = applyImage(objects, image, file)
  for (const name of textsAt(kustomization, 'transformers')) {
    for (const transformer of fileIn(folder, name))
      objects = applyNamespace(objects, transformer, path.join(folder, name))
  }
  return objects
}

function resourceIn(folder: string, name: string): Objects {
  const place = path.join(folder, name)
  const isFolder = existsSync(place) && statSync(place).isDirectory()
  return isFolder ? renderKustomization(place) : fileIn(folder, name)
}

/** Kustomize reads no file above the folder that names it. */
function fileIn(folder: string, name: string): Objects {
  if (name.includes('..')) throw new Error(`${folder} names ${name}, which stands above it`)
  if (!existsSync(path.join(folder, name))) throw new Error(`${folder} names ${name}, which does not exist`)
  return readYamlObjects(path.join(folder, name))
}

function applyPatch(objects: Objects, patch: unknown, origin: string): YamlObject[] {
  demandFields(patch, ['target', 'patch', 'options'], origin)
  const target = objectAt(patch, 'target')
  demandFields(target, ['kind', 'name'], origin)
  const kinds = new RegExp(`^(?:${textAt(target, 'kind')})$`)
  const isMeant = (object: YamlObject) =>
    kinds.test(textAt(object, 'kind')) && textAt(object, 'metadata', 'name') === textAt(target, 'name')
  if (!objects.some(isMeant))
    throw new Error(
      `${origin} patches ${textAt(target, 'kind')} ${textAt(target, 'name')}, which is not there`,
    )
  const operations = operationsIn(textAt(patch, 'patch'), origin)
  return objects.map((object) => {
    if (!isMeant(object)) return object
    try {
      const result = operations.reduce(patched, object)
      if (result['kind'] !== object['kind'] && objectAt(patch, 'options')['allowKindChange'] !== true)
        throw new Error('the kind may not change')
      return result
    } catch (cause) {
      throw new Error(`${origin} cannot patch ${nameOf(object)}`, { cause })
    }
  })
}

function operationsIn(text: string, origin: string): readonly PatchOperation[] {
  const parsed: unknown = parse(text)
  if (!Array.isArray(parsed)) throw new Error(`${origin} has a patch that is no list of operations`)
  return parsed.map((entry: unknown) => {
    demandFields(entry, ['op', 'path', 'value'], origin)
    const op = textAt(entry, 'op')
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw new Error(`${origin} has the operation ${op}`)
    return { op, path: textAt(entry, 'path'), value: objectAt({ entry }, 'entry')['value'] }
  })
}

function applyImage(objects: Objects, image: unknown, origin: string): YamlObject[] {
  demandFields(image, ['name', 'newTag'], origin)
  let uses = 0
  const result = objects.map((object) =>
    mapped(object, (value) => {
      const [, name = '', tag = ''] = /^(.*):([^:/]+)$/.exec(textAt(value, 'image')) ?? []
      if (!isObject(value) || tag === '' || name !== textAt(image, 'name')) return value
      uses += 1
      return { ...value, image: `${name}:${textAt(image, 'newTag')}` }
    }),
  )
  if (uses === 0) throw new Error(`${origin} names the image ${textAt(image, 'name')}, which nothing uses`)
  return result
}

/** Kinds that are in no namespace. */
const clusterKinds = new Set(['ClusterRole', 'ClusterRoleBinding', 'Namespace'])

/** The built-in transformer, as far as it leaves alone what is in a namespace already. */
function applyNamespace(objects: Objects, transformer: YamlObject, origin: string): YamlObject[] {
  demandFields(transformer, ['apiVersion', 'kind', 'metadata', 'unsetOnly', 'setRoleBindingSubjects'], origin)
  const isAsWeKnowIt =
    textAt(transformer, 'kind') === 'NamespaceTransformer' &&
    transformer['unsetOnly'] === true &&
    transformer['setRoleBindingSubjects'] === 'allServiceAccounts'
  if (!isAsWeKnowIt) throw new Error(`${origin} is no NamespaceTransformer of the kind that is understood`)
  const namespace = textAt(transformer, 'metadata', 'namespace')
  return objects.map((object) => {
    const { metadata, subjects } = object
    if (isObject(metadata) && 'namespace' in metadata) return object
    const moved = Array.isArray(subjects)
      ? { ...object, subjects: subjects.filter(isObject).map((subject) => ({ ...subject, namespace })) }
      : object
    if (clusterKinds.has(textAt(object, 'kind'))) return moved
    return { ...moved, metadata: { ...objectAt(object, 'metadata'), namespace } }
  })
}

function mapped(value: YamlObject, change: (value: unknown) => unknown): YamlObject {
  const through = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(through)
    if (!isObject(inner)) return inner
    return change(Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, through(item)])))
  }
  const result = through(value)
  return isObject(result) ? result : value
}

function textsAt(value: YamlObject, key: string): readonly string[] {
  return listAt(value, key).map(String)
}

function demandFields(value: unknown, known: readonly string[], origin: string): void {
  for (const key of Object.keys(objectAt({ value }, 'value')))
    if (!known.includes(key)) throw new Error(`${origin} has the field ${key}, which is not understood`)
}

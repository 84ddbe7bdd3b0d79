import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { patched } from './json-patch.ts'
import { renderKustomization } from './kustomize.ts'
import { nameOf, parseYamlObjects, textAt, type YamlObject } from './yaml-object.ts'

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
const skip = hasKubectl ? false : 'kubectl is not installed'

/** Renders a folder that holds `files`, by their names. */
async function renderedFrom(files: Readonly<Record<string, string>>): Promise<readonly YamlObject[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'co2-api-kustomize-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
      await writeFile(path.join(folder, name), text)
    }
    return renderKustomization(path.join(folder, 'top'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

const base = {
  'base/kustomization.yaml': 'kind: Kustomization\nresources: [a.yaml]',
  'base/a.yaml': 'kind: A\nmetadata: { name: a }\nspec: { list: [1, 2], image: b:1 }',
}

describe('a JSON patch', () => {
  const object = { a: { b: [1, 2] }, 'c/d': 1 }

  it('adds, replaces and removes', () => {
    assert.deepEqual(patched(object, { op: 'add', path: '/a/b/-', value: 3 }), {
      ...object,
      a: { b: [1, 2, 3] },
    })
    assert.deepEqual(patched(object, { op: 'add', path: '/a/b/0', value: 3 }), {
      ...object,
      a: { b: [3, 1, 2] },
    })
    assert.deepEqual(patched(object, { op: 'add', path: '/e', value: 3 }), { ...object, e: 3 })
    assert.deepEqual(patched(object, { op: 'replace', path: '/c~1d', value: 2 }), { ...object, 'c/d': 2 })
    assert.deepEqual(patched(object, { op: 'remove', path: '/a/b/0' }), { ...object, a: { b: [2] } })
    assert.deepEqual(patched(object, { op: 'remove', path: '/a' }), { 'c/d': 1 })
  })

  it('is refused where what it is about is not there', () => {
    for (const operation of [
      { op: 'replace', path: '/e', value: 1 },
      { op: 'remove', path: '/e' },
      { op: 'add', path: '/e/f', value: 1 },
      { op: 'replace', path: '/a/b/2', value: 1 },
      { op: 'remove', path: '/a/b/-' },
      { op: 'add', path: '/a/b/0/c', value: 1 },
    ] as const) {
      assert.throws(() => patched(object, operation), /there is (no|nothing)/, operation.path)
    }
  })
})

describe('a kustomization', () => {
  it('is its resources, changed by its components, patches and images in turn', async () => {
    const objects = await renderedFrom({
      ...base,
      'part/kustomization.yaml': 'kind: Component\nresources: [b.yaml]',
      'part/b.yaml': 'kind: B\nmetadata: { name: b }',
      'top/kustomization.yaml': `
kind: Kustomization
resources: [../base]
components: [../part]
images: [{ name: b, newTag: "2" }]
patches:
  - target: { kind: A|Z, name: a }
    patch: "[{ op: replace, path: /spec/list/0, value: 5 }]"`,
    })
    assert.deepEqual(objects, [
      { kind: 'A', metadata: { name: 'a' }, spec: { list: [5, 2], image: 'b:2' } },
      { kind: 'B', metadata: { name: 'b' } },
    ])
  })

  for (const [what, top, message] of [
    ['a file that does not exist', 'resources: [b.yaml]', /b\.yaml, which does not exist/],
    ['a file above itself', 'resources: [../base/a.yaml]', /stands above it/],
    ['a field that is not understood', 'resources: [../base]\nnamePrefix: x', /namePrefix/],
    [
      'an image that nothing uses',
      'resources: [../base]\nimages: [{ name: c, newTag: "2" }]',
      /nothing uses/,
    ],
    [
      'an object to patch that is not there',
      'resources: [../base]\npatches: [{ target: { kind: A, name: b }, patch: "[]" }]',
      /A b, which is not there/,
    ],
    [
      'a place that is not there',
      'resources: [../base]\npatches: [{ target: { kind: A, name: a }, patch: "[{ op: remove, path: /spec/x }]" }]',
      /cannot patch A a/,
    ],
  ] as const) {
    it(`is refused when it names ${what}`, async () => {
      await assert.rejects(
        renderedFrom({ ...base, 'top/kustomization.yaml': `kind: Kustomization\n${top}` }),
        message,
      )
    })
  }
})

describe('kubectl kustomize', { skip }, () => {
  const byName = (objects: readonly YamlObject[]) =>
    new Map(objects.map((object) => [`${nameOf(object)} ${textAt(object, 'metadata', 'namespace')}`, object]))

  for (const file of globSync('k8s/{base,overlays/*}/kustomization.yaml')) {
    const folder = path.dirname(file)
    it(`makes the same of ${folder} as we do`, () => {
      const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
      assert.equal(status, 0, stderr)
      assert.deepEqual(byName(parseYamlObjects(stdout, folder)), byName(renderKustomization(folder)))
    })
  }
})

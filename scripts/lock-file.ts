import { readFileSync } from 'node:fs'

/** One package of package-lock.json. */
export type LockedPackage = {
  /** Where it is installed, such as `node_modules/pg`. */
  readonly path: string
  readonly name: string
  readonly version: string
  /** `production` ships; `optional` may be left out of production; `development` never ships. */
  readonly use: 'production' | 'optional' | 'development'
  /** An SPDX expression; undefined where the package names none. */
  readonly licence: string | undefined
  readonly resolved: string | undefined
  readonly integrity: string | undefined
  readonly hasInstallScript: boolean
  /** The versions of Node.js that it asks for; undefined for any. */
  readonly node: string | undefined
}

/** The packages of a lock file of version 3. Throws an Error on another version. Source: npm docs, "package-lock.json". */
export function readLockFile(path = 'package-lock.json'): readonly LockedPackage[] {
  const lock: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!isRecord(lock) || lock['lockfileVersion'] !== 3 || !isRecord(lock['packages']))
    throw new Error(`${path} is no lock file of version 3`)
  return Object.entries(lock['packages']).flatMap(([place, entry]) => {
    if (place === '' || !isRecord(entry)) return []
    const text = (key: string) => textOf(entry, key)
    return [
      {
        path: place,
        name: text('name') ?? place.replace(/^.*node_modules\//, ''),
        version: text('version') ?? '',
        use: useOf(entry),
        licence: text('license'),
        resolved: text('resolved'),
        integrity: text('integrity'),
        hasInstallScript: entry['hasInstallScript'] === true,
        node: isRecord(entry['engines']) ? textOf(entry['engines'], 'node') : undefined,
      },
    ]
  })
}

function textOf(record: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = record[key]
  return typeof value === 'string' ? value : undefined
}

function useOf(entry: Readonly<Record<string, unknown>>): LockedPackage['use'] {
  if (entry['dev'] === true) return 'development'
  return entry['optional'] === true || entry['devOptional'] === true ? 'optional' : 'production'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

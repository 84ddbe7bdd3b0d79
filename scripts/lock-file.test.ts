import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import packageJson from '../package.json' with { type: 'json' }
import { readLockFile } from './lock-file.ts'

const packages = readLockFile()

/** As much as a production install may take on the disk, without the drivers of a browser. */
const mostMegabytes = 60

describe('the lock file', () => {
  it('pins every package to its content, and takes it from a registry, over TLS', () => {
    assert.ok(packages.length > 100)
    for (const { path: place, integrity = '', resolved, version } of packages) {
      assert.match(integrity, /^sha512-/, place)
      assert.match(version, /^\d+\.\d+\.\d+/, place)
      // Not from a repository, a folder or an address of its own.
      if (resolved !== undefined) assert.match(resolved, /^https:\/\/[^/]+\/.+\/-\/[^/]+\.tgz$/, place)
    }
  })

  it('lets none but the named packages run a script when they are installed', () => {
    const scripted = packages.filter(({ hasInstallScript }) => hasInstallScript)
    const allowed = Object.keys(packageJson.allowScripts)
    // Those for other machines are never installed here, and are of the same family.
    const families = new Set(allowed.map((name) => name.split('/')[0]))
    for (const { name, use } of scripted) {
      assert.ok(families.has(name.split('/')[0]), name)
      assert.equal(use, 'development', name)
    }
  })

  it('has what package.json asks for, in exact versions', () => {
    const { dependencies, optionalDependencies, devDependencies } = packageJson
    for (const [name, version] of Object.entries({
      ...dependencies,
      ...optionalDependencies,
      ...devDependencies,
    })) {
      assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name)
      const locked = packages.find(({ path: place }) => place === `node_modules/${name}`)
      assert.equal(locked?.version, version, name)
    }
  })
})

describe('an optional package', () => {
  it('is one that the npm of Node.js 20 installs: what asks for a newer one it leaves out without a word', () => {
    for (const name of Object.keys(packageJson.optionalDependencies)) {
      const locked = packages.find(({ path: place }) => place === `node_modules/${name}`)
      const [, least = '0'] = /^>= ?(\d+)/.exec(locked?.node ?? '') ?? []
      assert.ok(Number(least) <= 20, `${name} asks for Node.js ${locked?.node}`)
    }
  })
})

describe('a production install', () => {
  it(`takes less than ${mostMegabytes} MB on the disk without a browser`, (t) => {
    const folders = packages.filter(({ use }) => use === 'production').map(({ path: place }) => place)
    assert.ok(folders.length > 50)
    const files = folders.flatMap(filesIn)
    assert.ok(files.length > folders.length)
    const bytes = files.reduce((sum, file) => sum + onDisk(statSync(file).size), 0)
    t.diagnostic(`${folders.length} packages, ${(bytes / 1e6).toFixed(1)} MB`)
    assert.ok(bytes < mostMegabytes * 1e6, `${(bytes / 1e6).toFixed(1)} MB`)
  })
})

/** The files of a package, without those of packages below it. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const place = path.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(place)
    return entry.isFile() ? [place] : []
  })
}

/** File systems give out blocks of 4 KiB. */
function onDisk(size: number): number {
  return Math.ceil(size / 4096) * 4096
}

import type { LockedPackage } from './lock-file.ts'

/** Licences under which we may use and pass on what we ship, by their SPDX identifiers. */
const allowedEverywhere = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Zlib',
])
/** Under which we may use what we do not pass on. */
const allowedInDevelopment = new Set([...allowedEverywhere, 'CC0-1.0', 'MPL-2.0'])

/** A sentence for each package whose licence is not on the list. */
export function licenceProblems(packages: readonly LockedPackage[]): readonly string[] {
  return packages.flatMap(({ name, version, use, licence }) => {
    if (licence === undefined) return [`${name} ${version} names no licence`]
    const allowed = use === 'development' ? allowedInDevelopment : allowedEverywhere
    return permits(licence, allowed)
      ? []
      : [`${name} ${version} is under ${licence}, which is not on the list for ${use}`]
  })
}

/** Whether an SPDX expression leaves a choice that is allowed. Source: SPDX specification 2.3, annex D. */
export function permits(expression: string, allowed: ReadonlySet<string>): boolean {
  const words = expression.match(/[()]|[^\s()]+/g) ?? []
  let at = 0

  // OR binds less than AND.
  function alternatives(): boolean {
    let isPermitted = together()
    while (words[at] === 'OR') {
      at += 1
      isPermitted = together() || isPermitted
    }
    return isPermitted
  }

  function together(): boolean {
    let isPermitted = single()
    while (words[at] === 'AND') {
      at += 1
      isPermitted = single() && isPermitted
    }
    return isPermitted
  }

  function single(): boolean {
    const word = words[at]
    at += 1
    if (word !== '(') return word !== undefined && allowed.has(word)
    const isPermitted = alternatives()
    if (words[at] !== ')') return false
    at += 1
    return isPermitted
  }

  const isPermitted = alternatives()
  return isPermitted && at === words.length
}

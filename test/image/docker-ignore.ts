/**
 * Whether a .dockerignore keeps a path out of the build. The last pattern that matches the path, or a folder above it,
 * decides. Source: the reference of `docker build`, ".dockerignore files".
 */
export function createDockerIgnore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const isException = line.startsWith('!')
      const pattern = line.replace(/^!/, '').replace(/^\/|\/$/g, '')
      return { isException, matches: expressionOf(pattern) }
    })
  return (path) => {
    let isIgnored = false
    for (const { isException, matches } of rules) {
      if (matches.test(path)) isIgnored = !isException
    }
    return isIgnored
  }
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((part) => {
      if (part === '**') return '(?:[^/]+/)*'
      const matched = part
        .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '[^/]*')
        .replaceAll('?', '[^/]')
      return `${matched}/`
    })
    .join('')
    .replace(/\/$/, '')
  return new RegExp(`^${source}(?:/|$)`)
}

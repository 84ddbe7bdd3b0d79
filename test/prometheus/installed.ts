import { existsSync } from 'node:fs'
import path from 'node:path'

/** Where a program of Prometheus is, and why what needs it is skipped; Debian has both in the package `prometheus`. */
export type Installed =
  | { readonly program: string; readonly skip: false }
  | { readonly program: undefined; readonly skip: string }

export function installed(name: 'prometheus' | 'promtool'): Installed {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const program = path.join(folder, name)
    if (existsSync(program)) return { program, skip: false }
  }
  return { program: undefined, skip: `${name} is not installed (Debian: apt-get install prometheus)` }
}

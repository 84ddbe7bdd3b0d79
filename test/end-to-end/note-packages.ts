/**
 * Loaded into a process before its own code (`node --import`): when that ends, it says which packages it has loaded, and
 * which modules of Node.js itself.
 */
import { registerHooks } from 'node:module'

const packages = new Set<string>()
registerHooks({
  load(url, context, nextLoad) {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? []
    if (name !== undefined) packages.add(name)
    return nextLoad(url, context)
  },
})
process.on('exit', () => {
  const ofNode: unknown = Reflect.get(process, 'moduleLoadList')
  console.log(JSON.stringify({ packages: [...packages], ofNode }))
})

#!/usr/bin/env node
// Plain JavaScript that every Node.js runs: it must be able to say that the Node.js is too old.
await import('../scripts/require-node.js')
if (process.exitCode === undefined) {
  const [command, ...more] = process.argv.slice(2)
  if (command === 'serve' && more.length === 0) await import('./serve.js')
  else {
    const { builtProgram } = await import('./built-program.js')
    const main = await builtProgram('cli/main.js')
    await import(main.href)
  }
}

#!/usr/bin/env node
// Plain JavaScript that every Node.js runs: it must be able to say that the Node.js is too old.
await import('../scripts/require-node.js')
if (process.exitCode === undefined) await import('../src/cli/main.ts')

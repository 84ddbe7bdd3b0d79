// Plain JavaScript that every Node.js runs: it must be able to say that the Node.js is too old.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `co2-api needs Node.js 24 or later; this is ${process.version} (${process.execPath}). ` +
      'On Linux x64 `npm ci` brings a suitable one, unless optional dependencies were omitted; elsewhere install Node.js 24 or 26.',
  )
  process.exitCode = 1
}

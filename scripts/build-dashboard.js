/**
 * Builds the dashboard from dashboard/ into dashboard/dist, or the folder that is named, and beside each file the same compressed by Brotli and gzip.
 * Plain JavaScript for the Node.js 20 of a bare machine, since `npm ci` runs it; where the packages for development
 * were left out it says so, and leaves what is there.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('../dashboard', import.meta.url))
const dist = resolve(process.argv[2] ?? join(root, 'dist'))
const isText = /\.(html|js|css|svg|webmanifest)$/

const vite = await import('vite').catch((error) => {
  if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined
  throw error
})

if (vite === undefined) {
  console.log(
    'The dashboard is not built, since the packages for development are not installed; `npm ci` without --omit=dev builds it.',
  )
} else {
  await vite.build({
    configFile: false,
    root,
    // Relative addresses, so that the page also works behind a proxy that adds a prefix.
    base: './',
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: dist,
      emptyOutDir: true,
      target: 'es2023',
      // A font or picture inside a style sheet would need a wider content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  })
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (isText.test(path)) compress(join(dist, path))
  }
}

/** @param {string} path */
function compress(path) {
  const bytes = readFileSync(path)
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, options))
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
}

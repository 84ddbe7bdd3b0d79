/** Installs what ships into a folder of its own, says how much it takes, and ends with 1 when that is too much. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const mostMegabytes = 60
const variants = [
  { title: 'without the drivers of a browser', omitted: ['--omit=dev', '--omit=optional'], mostMegabytes },
  { title: 'with them, and with the Node.js of npm', omitted: ['--omit=dev'], mostMegabytes: Infinity },
]

for (const { title, omitted, mostMegabytes: most } of variants) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'co2-api-install-'))
  try {
    for (const file of ['package.json', 'package-lock.json']) cpSync(file, path.join(folder, file))
    execFileSync('npm', ['ci', ...omitted, '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    const kilobytes = Number(
      execFileSync('du', ['-sk', path.join(folder, 'node_modules')], { encoding: 'utf8' }).split('\t')[0],
    )
    const megabytes = (kilobytes * 1024) / 1e6
    console.log(`${title}: ${megabytes.toFixed(1)} MB`)
    if (megabytes > most) {
      console.error(`that is more than ${most} MB`)
      process.exitCode = 1
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

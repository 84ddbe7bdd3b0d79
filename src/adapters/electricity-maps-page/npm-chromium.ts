import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/**
 * The Chromium of the npm package @sparticuz/chromium, unpacked (about 210 MB) into a folder in the system's folder for
 * temporary files, where later starts find it. Undefined where the package is not installed.
 *
 * The package unpacks straight to a fixed name in that folder, where a second process takes a half-written file for a
 * whole one, and where anyone may have put another program. So it unpacks into a new folder, in a process of its own
 * that takes that folder for the system's, and the folder then gets its name in one step.
 */
export async function unpackNpmChromium(): Promise<
  { readonly binary: string; readonly environment: Readonly<Record<string, string>> } | undefined
> {
  const installed = installedPackage()
  if (installed === undefined) return undefined
  const userId = process.getuid?.() ?? 0
  const folder = join(tmpdir(), `co2-api-chromium-${installed.version}-user-${userId}`)
  if (!existsSync(folder)) await unpackInto(folder, installed.entry)
  if ((await stat(folder)).uid !== userId) throw new Error(`${folder} belongs to another user`)
  return { binary: join(folder, 'chromium'), environment: { FONTCONFIG_FILE: join(folder, fontsFile) } }
}

function installedPackage(): { readonly version: string; readonly entry: string } | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
    const manifest: unknown = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8'))
    const version =
      typeof manifest === 'object' && manifest !== null && 'version' in manifest && manifest.version
    return { entry, version: String(version) }
  } catch {
    return undefined
  }
}

const unpacking = `const { default: chromium } = await import(process.argv[1]); await chromium.executablePath()`
const secondsToUnpack = 60

const fontsFile = 'co2-api-fonts.conf'

/**
 * Chromium ends (`SkFontMgr_FontConfigInterface.cpp: Not implemented`) at an input field where it finds no font at all,
 * as on a bare machine, and the package's own configuration names a place that its fonts are not in.
 */
const fontsOf = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`

async function unpackInto(folder: string, entry: string): Promise<void> {
  const unfinished = await mkdtemp(`${folder}-`)
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpacking, entry], {
      env: { ...process.env, TMPDIR: unfinished },
      timeout: secondsToUnpack * 1000,
    })
    await writeFile(join(unfinished, fontsFile), fontsOf(folder))
    await rename(unfinished, folder)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    // Another process may have been first: its folder is as good.
    if (!existsSync(folder)) throw cause
  }
}

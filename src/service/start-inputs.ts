import { readFile } from 'node:fs/promises'
import { readAnnualAverages } from '../adapters/annual-averages/annual-averages.ts'
import { readAnnualAveragesByZone } from '../adapters/annual-averages-by-zone/annual-averages-by-zone.ts'
import type { ConfiguredIntensities } from '../adapters/configured-intensities/configured-fact.ts'
import { readIntensityFile } from '../adapters/configured-intensities/intensity-file.ts'
import { parseStaticOverride } from '../adapters/configured-intensities/static-override.ts'
import type { Config } from '../config.ts'
import type { SourceStatement } from '../intensity/reconcile.ts'
import type { ZoneDirectory } from '../intensity/zone.ts'
import type { Instant } from '../units.ts'

/** The service could not start as it was configured; each problem is one line for the person who starts it. */
export class StartError extends Error {
  override name = 'StartError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** What the sources that are known at the start say. Throws StartError with every entry that cannot be read. */
export async function readIntensities(
  config: Config,
  context: { readonly directory: ZoneDirectory; readonly learnedAt: Instant },
): Promise<readonly SourceStatement[]> {
  const configured = { zones: context.directory, learnedAt: context.learnedAt }
  const { override, file } = config.intensities
  const overrideReading = override === undefined ? undefined : parseStaticOverride(override, configured)
  const fileReading = file === undefined ? undefined : await readIntensityFile(file, configured)
  const problems = [overrideReading, fileReading].flatMap((reading) =>
    reading?.kind === 'problems' ? reading.problems : [],
  )
  if (problems.length > 0) throw new StartError(problems)

  const statementOf = (source: string, reading: ConfiguredIntensities | undefined) => ({
    source,
    facts: reading?.kind === 'ok' ? reading.facts : [],
  })
  const annual = readAnnualAverages()
  const byZone = readAnnualAveragesByZone()
  return [
    { source: byZone.id, facts: byZone.facts },
    { source: annual.id, facts: annual.facts },
    statementOf('CO2_INTENSITIES', overrideReading),
    statementOf('INTENSITY_FILE', fileReading),
  ]
}

/** The certificates that EXPORTER_CA_FILE names. Throws StartError when there are none. */
export async function readAuthority(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    const pem = await readFile(path, 'utf8')
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartError([`EXPORTER_CA_FILE holds ${JSON.stringify(path)}, which cannot be read: ${why}`])
  }
  throw new StartError([
    `EXPORTER_CA_FILE holds ${JSON.stringify(path)}, in which there is no PEM certificate; it must name a PEM bundle`,
  ])
}

import { type Command, Option } from 'commander'
import { createKeplerSource } from '../adapters/kepler/kepler-source.ts'
import { printableUrl } from '../adapters/kepler/metrics-client.ts'
import { readZoneDirectory } from '../adapters/zones/zones.ts'
import { type Config, readConfig } from '../config.ts'
import type { ExporterAddress } from '../exporter-address.ts'
import { examineClock } from '../flows/examine-clock.ts'
import { type ExaminedTarget, examineKepler, examineNodes } from '../flows/examine-kepler.ts'
import { examineSources, examineZones } from '../flows/examine-sources.ts'
import { type Finding, findingsOn } from '../flows/finding.ts'
import { askOnce, type Target, type TargetDirectory } from '../flows/target-directory.ts'
import { configuredZones } from '../service/configured-zones.ts'
import { createLiveSources } from '../service/live-sources.ts'
import { targetDirectoryOf } from '../service/scraping.ts'
import { readAuthority, readIntensities, StartError } from '../service/start-inputs.ts'
import { openCluster } from '../service/workload-owners.ts'
import { examineBrowser } from './examine-browser.ts'
import { examineStorage } from './examine-storage.ts'
import { type ExitCode, exitCodes, type Terminal } from './terminal.ts'

type DoctorOptions = { readonly format: 'text' | 'json'; readonly offline?: boolean }

export function addDoctorCommand(
  program: Command,
  terminal: Terminal,
  endWith: (code: ExitCode) => void,
): void {
  program
    .command('doctor')
    .description('check what the service needs, with the settings in the environment, and say what to do')
    .addOption(new Option('--format <format>', 'how it is written').choices(['text', 'json']).default('text'))
    .option('--offline', 'ask no source of carbon intensities')
    .action(async ({ format, offline = false }: DoctorOptions) => {
      const findings: Finding[] = []
      for await (const finding of examine(terminal, offline)) {
        findings.push(finding)
        if (format === 'text') terminal.write(lineOn(finding))
      }
      terminal.write(format === 'text' ? summaryOf(findings) : jsonOf(findings))
      if (findings.some(({ verdict }) => verdict === 'fail')) endWith(exitCodes.failure)
    })
}

function lineOn({ subject, verdict, finding, advice }: Finding): string {
  const todo = advice === undefined ? '' : `      ${advice}\n`
  return `${verdict.padEnd(4)}  ${subject}: ${finding}\n${todo}`
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (verdict: Finding['verdict']) => findings.filter((found) => found.verdict === verdict).length
  const [failed, warned] = [count('fail'), count('warn')]
  if (failed + warned === 0) return '\nAll is well.\n'
  return `\n${failed} failed, ${warned} could be better, ${count('ok')} ok.\n`
}

function jsonOf(findings: readonly Finding[]): string {
  const isOk = findings.every(({ verdict }) => verdict !== 'fail')
  return `${JSON.stringify({ ok: isOk, findings }, undefined, 2)}\n`
}

/** One thing after the other, so that a person sees how it goes on. */
async function* examine(terminal: Terminal, offline: boolean): AsyncGenerator<Finding> {
  const { environment, clock, signal } = terminal
  yield examineNode(process.versions.node)
  const reading = readConfig(environment)
  if (reading.kind === 'invalid') {
    const { fail } = findingsOn('configuration')
    for (const problem of reading.problems) yield fail(problem, adviceOnSettings)
    yield fail('nothing else was checked', 'Mend the settings first.')
    return
  }
  const { config } = reading
  yield* await examineInputs(config, terminal)
  yield* examineTargets(config, terminal)
  yield* await examineStorage(config, () => clock.now(), signal)
  yield* await examineBrowser(config.intensities, environment['PATH'] ?? '', signal)
  yield* examineIntensities(config, terminal, offline)
}

const adviceOnSettings = 'docs/configuration.md has every setting and what it accepts.'
const leastNode = 24

function examineNode(version: string): Finding {
  const { ok, fail } = findingsOn('Node.js')
  if (Number(version.split('.')[0]) >= leastNode) return ok(version)
  return fail(`${version} is too old`, `Install Node.js ${leastNode} or later.`)
}

/** The files that settings name, and the zones. */
async function examineInputs(config: Config, { clock }: Terminal): Promise<readonly Finding[]> {
  const { ok, fail } = findingsOn('configuration')
  const directory = readZoneDirectory()
  const problems = [
    ...(await problemsOf(() => readIntensities(config, { directory, learnedAt: clock.now() }))),
    ...(await problemsOf(() => readAuthority(config.scrape.authorityFile))),
    ...(await problemsOf(() => configuredZones('COUNTRIES', config.intensities.countries, directory))),
  ]
  if (problems.length > 0) return problems.map((problem) => fail(problem, adviceOnSettings))
  return [ok('every setting holds')]
}

/** What a step of the start complains of. */
async function problemsOf(step: () => unknown): Promise<readonly string[]> {
  try {
    await step()
    return []
  } catch (failure) {
    if (failure instanceof StartError) return failure.problems
    throw failure
  }
}

/** With each of them a connection or two is opened; the others are like them. */
const mostTargetsExamined = 25
const secondsToFind = 15

async function* examineTargets(config: Config, { clock, signal }: Terminal): AsyncGenerator<Finding> {
  const authority = await readAuthority(config.scrape.authorityFile).catch((failure: unknown) => {
    // It was complained of among the inputs.
    if (failure instanceof StartError) return undefined
    throw failure
  })
  const { readServerTime } = await import('../adapters/web/server-time.ts')
  await using cluster = await openCluster(config.kubernetes)
  const examined: (ExaminedTarget & { readonly target: string })[] = []
  for (const address of config.scrape.exporters) {
    const { targets, finding } = await findTargets(address, { cluster, clock }, signal)
    if (finding !== undefined) yield finding
    // Behind an address that a person wrote others may stand; an address that was found is one exporter's.
    const readings = address.kind === 'exporter' ? 4 : 1
    for (const target of targets.slice(0, mostTargetsExamined)) {
      const endpoint = { ...config.scrape, ...target, authority }
      const now = () => clock.now()
      const found = await examineKepler(() => createKeplerSource(endpoint, now), readings, signal)
      examined.push({ target: printableUrl(target.url), ...found })
      yield* found.findings
      const before = clock.now()
      const theirs = await readServerTime(target.url, endpoint, signal)
      if (theirs !== undefined) {
        const subject = `clock of ${target.url.host}`
        yield examineClock(subject, { theirs, before, after: clock.now() })
      }
    }
  }
  yield* examineNodes(examined)
}

async function findTargets(
  address: ExporterAddress,
  context: Parameters<typeof targetDirectoryOf>[1],
  signal: AbortSignal,
): Promise<{ readonly targets: readonly Target[]; readonly finding?: Finding }> {
  const { ok, warn, fail } = findingsOn(`targets at ${address.text}`)
  let directory: TargetDirectory
  try {
    directory = targetDirectoryOf(address, context)
  } catch (failure) {
    if (!(failure instanceof StartError)) throw failure
    return { targets: [], finding: fail(failure.problems.join('; '), adviceOnSettings) }
  }
  const limit = AbortSignal.timeout(secondsToFind * 1000)
  const targets = await askOnce(directory, AbortSignal.any([signal, limit]))
  signal.throwIfAborted()
  if (address.kind === 'exporter') return { targets }
  const state = directory.state()
  switch (state.kind) {
    case 'pending':
      return { targets, finding: fail(`nobody answered within ${secondsToFind} s`, adviceOnFinding) }
    case 'failing':
      return { targets, finding: fail(state.message, adviceOnFinding) }
    case 'current': {
      if (targets.length === 0) return { targets, finding: warn('there is none', adviceOnFinding) }
      const some =
        targets.length > mostTargetsExamined ? `, of which ${mostTargetsExamined} are examined` : ''
      return { targets, finding: ok(`${targets.length} found${some}`) }
    }
  }
}

const adviceOnFinding =
  'Is the name right, and do exporters run? For kubernetes:// the account must be allowed to list and watch EndpointSlices.'

async function* examineIntensities(
  { intensities }: Config,
  { clock, signal }: Terminal,
  offline: boolean,
): AsyncGenerator<Finding> {
  const { ok, fail } = findingsOn('carbon intensities')
  const directory = readZoneDirectory()
  const zones = intensities.countries.flatMap((written) => {
    const found = directory.find(written)
    return found.kind === 'known' ? [found.zone] : []
  })
  try {
    await using live = await createLiveSources(intensities, { directory, clock, onNotice: () => {} })
    yield* examineZones(zones, live.sources)
    if (live.sources.length === 0)
      yield ok('no live source is asked: annual averages and figures of one’s own')
    else if (offline) yield ok(`${live.sources.length} live sources were not asked (--offline)`)
    else yield* await examineSources(live.sources, { zones, now: () => clock.now() }, signal)
  } catch (failure) {
    if (!(failure instanceof StartError)) throw failure
    for (const problem of failure.problems) yield fail(problem, adviceOnSettings)
  }
}

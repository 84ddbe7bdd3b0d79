import { writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { readAnnualAverages } from '../adapters/annual-averages/annual-averages.ts'
import { readAnnualAveragesByZone } from '../adapters/annual-averages-by-zone/annual-averages-by-zone.ts'
import { askEmissions, emissionsPath } from '../adapters/co2-api/ask-emissions.ts'
import { askEmissionsTable } from '../adapters/co2-api/ask-emissions-table.ts'
import { askGaps } from '../adapters/co2-api/ask-gaps.ts'
import { askSources } from '../adapters/co2-api/ask-sources.ts'
import type { EmissionsAnswer } from '../adapters/co2-api/emissions-answer.ts'
import { createServiceClient, type ServiceClient, ServiceError } from '../adapters/co2-api/service-client.ts'
import { parseIsoTime } from '../iso-time.ts'
import { type Instant, isoWithMicroseconds, secondsBetween } from '../units.ts'
import {
  authorityIn,
  listOf,
  momentsOf,
  type Pair,
  pairs,
  reasonOf,
  seconds,
  secretIn,
  webAddress,
} from './option-values.ts'
import type { GapTally, Report, SourceCredit } from './report.ts'
import { reportHtml } from './report-html.ts'
import { reportTable } from './report-table.ts'
import { CommandError, exitCodes, type Terminal } from './terminal.ts'

const dimensions = ['namespace', 'pod', 'container', 'node', 'workload']
const formats = ['table', 'csv', 'json', 'html'] as const

type ReportOptions = {
  readonly from: Instant
  readonly to: Instant
  readonly groupBy?: readonly string[]
  readonly zones?: readonly string[]
  readonly format: (typeof formats)[number]
  readonly step?: number
  readonly filter?: readonly Pair[]
  readonly top?: number
  readonly sort?: string
  readonly asOf?: Instant
  readonly basis?: string
  readonly signal?: string
  readonly output?: string
  readonly url: URL
  readonly tokenFile?: string
  readonly caFile?: string
}

/** So many groups are shown to a person unless told otherwise; the rest is added up. */
const groupsForPeople = 25
const mostGroupsPerPage = 10_000
const mostNumbersPerAnswer = 1_000_000
/** Steps of a chart, of which there should be no more than `mostChartSteps`. */
const chartSteps = [10, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800]
const mostChartSteps = 96

export function addReportCommand(program: Command, terminal: Terminal): void {
  const moment = momentsOf(terminal)
  program
    .command('report')
    .description('ask a running service what was emitted, as a table, CSV, JSON or a page to hand on')
    .addOption(
      new Option('--from <time>', 'the beginning: ISO 8601, or such as now-24h')
        .default(moment('now-24h'), 'now-24h')
        .argParser(moment),
    )
    .addOption(
      new Option('--to <time>', 'the end, which does not belong to it')
        .default(moment('now'), 'now')
        .argParser(moment),
    )
    .addOption(
      new Option('--group-by <list>', `what to tell apart: ${dimensions.join(', ')}`).argParser(
        listOf(dimensions),
      ),
    )
    .addOption(
      new Option(
        '--zones <list>',
        'countries or zones, such as DE,FR (default: the first of the service’s COUNTRIES, else DE)',
      ).argParser(listOf()),
    )
    .addOption(new Option('--format <format>', 'how it is written').choices(formats).default('table'))
    .addOption(
      new Option(
        '--step <duration>',
        'a series in steps of 30s, 5m, 1h, 1d; a page chooses one for its chart',
      ).argParser(seconds),
    )
    .addOption(
      new Option('--filter <name=value>', `only these; may be repeated: ${dimensions.join(', ')}`).argParser(
        pairs(dimensions),
      ),
    )
    .addOption(
      new Option(
        '--top <n>',
        `how many groups, or all (default: ${groupsForPeople} in a table or page, else all)`,
      ).argParser(groupCount),
    )
    .addOption(new Option('--sort <order>', 'the order of the groups').choices(['co2_g', 'energy_j', 'name']))
    .addOption(new Option('--as-of <time>', 'intensities as they were known then').argParser(moment))
    .addOption(new Option('--basis <basis>', 'which emissions count').choices(['lifecycle', 'direct']))
    .addOption(new Option('--signal <signal>', 'which kilowatt hour counts').choices(['average', 'marginal']))
    .option('--output <file>', 'a file instead of standard output')
    .addOption(
      new Option('--url <url>', 'where the service is')
        .default(new URL('http://localhost:5001'), 'http://localhost:5001')
        .argParser(webAddress),
    )
    .option('--token-file <file>', 'a file with the token that the service asks for')
    .option('--ca-file <file>', 'a PEM bundle that the service’s certificate must lead to')
    .action(async (options: ReportOptions) => {
      await makeReport(options, terminal)
    })
}

function groupCount(text: string): number {
  if (text === 'all') return Infinity
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Accepted is a whole number from 1 on, or all.')
}

async function makeReport(options: ReportOptions, terminal: Terminal): Promise<void> {
  if (options.from >= options.to) throw new CommandError('--from must be before --to', exitCodes.usage)
  const client = createServiceClient({
    url: options.url,
    token: await secretIn(options.tokenFile),
    authority: await authorityIn(options.caFile),
  })
  try {
    await written(await reportText(client, options, terminal), options, terminal)
  } catch (failure) {
    if (failure instanceof ServiceError)
      throw new CommandError(failure.message, exitCodes.failure, { cause: failure })
    throw failure
  } finally {
    await client.close()
  }
}

async function written(text: string, { output }: ReportOptions, terminal: Terminal): Promise<void> {
  if (output === undefined) return terminal.write(text)
  try {
    await writeFile(output, text)
  } catch (cause) {
    throw new CommandError(`${output} cannot be written: ${reasonOf(cause)}`, exitCodes.failure, { cause })
  }
}

async function reportText(
  client: ServiceClient,
  options: ReportOptions,
  terminal: Terminal,
): Promise<string> {
  const { format, step } = options
  const { signal } = terminal
  switch (format) {
    case 'csv': {
      const question = questionOf(options, { step, groups: options.top ?? Infinity })
      const { text, warnings } = await askEmissionsTable(client, question, signal)
      for (const warning of warnings) terminal.say(`co2-api report: ${warning}\n`)
      return text
    }
    case 'json': {
      const question = questionOf(options, { step, groups: options.top ?? Infinity })
      return `${JSON.stringify(await askEmissions(client, question, signal), undefined, 2)}\n`
    }
    case 'table': {
      if (step !== undefined)
        throw new CommandError(
          '--step needs --format csv, json or html: a table has no room for it',
          exitCodes.usage,
        )
      return reportTable(await gathered(client, options, terminal))
    }
    case 'html':
      return reportHtml(await gathered(client, options, terminal))
  }
}

type Question = { readonly parameters: URLSearchParams; readonly mostGroups: number }

function questionOf(
  options: ReportOptions,
  {
    step,
    groups,
    asOf = options.asOf,
  }: { readonly step: number | undefined; readonly groups: number; readonly asOf?: Instant | undefined },
): Question {
  const { from, to, groupBy = [], zones = [], filter = [] } = options
  const numbersPerGroup =
    step === undefined ? 1 : Math.ceil(secondsBetween(from, to) / step + 1) * (2 + Math.max(1, zones.length))
  const fitting = Math.max(1, Math.floor(mostNumbersPerAnswer / numbersPerGroup))
  const parameters = new URLSearchParams([
    ['from', timeText(from)],
    ['to', timeText(to)],
    ...given('group_by', groupBy.join(',')),
    ...given('zone', zones.join(',')),
    ...filter.map(({ name, value }) => [name, value]),
    ...given('step', step),
    ...given('sort', options.sort),
    ...given('basis', options.basis),
    ...given('signal', options.signal),
    ...given('as_of', asOf && timeText(asOf)),
    ['limit', String(Math.min(groups, fitting, mostGroupsPerPage))],
  ])
  return { parameters, mostGroups: groups }
}

function given(name: string, value: string | number | undefined): string[][] {
  return value === undefined || value === '' ? [] : [[name, String(value)]]
}

/** As short as can be, since it stands in an address that people copy. */
function timeText(at: Instant): string {
  return new Date(at).toISOString().replace(/(?::00)?\.000Z$/, 'Z')
}

/** All that a report for people shows. */
async function gathered(client: ServiceClient, options: ReportOptions, terminal: Terminal): Promise<Report> {
  const { signal } = terminal
  const groups = options.top ?? groupsForPeople
  const question = questionOf(options, { step: undefined, groups })
  const emissions = await askEmissions(client, question, signal)
  const asOf = parseIsoTime(emissions.as_of)
  const { parameters: again } = questionOf(options, { step: undefined, groups, asOf })
  const isPage = options.format === 'html'
  return {
    emissions,
    course: isPage ? await courseOf(client, { options, asOf }, signal) : undefined,
    sources: await creditsFor(client, terminal),
    gaps: isPage ? await gapsOf(client, emissions, signal) : { kind: 'untold', why: 'it was not asked' },
    question: client.urlOf(emissionsPath, again).href.replaceAll('%3A', ':').replaceAll('%2C', ','),
    madeAt: isoWithMicroseconds(terminal.clock.now()),
    version: packageJson.version,
  }
}

/** Totals over time, for a chart. */
async function courseOf(
  client: ServiceClient,
  { options, asOf }: { readonly options: ReportOptions; readonly asOf: Instant | undefined },
  signal: AbortSignal,
): Promise<EmissionsAnswer> {
  const length = secondsBetween(options.from, options.to)
  const step = options.step ?? chartSteps.find((size) => length / size <= mostChartSteps) ?? 2_592_000
  const question = questionOf({ ...options, groupBy: [] }, { step, groups: 1, asOf })
  return await askEmissions(client, question, signal)
}

/** Whose figures they may be: what ships with the program, and what the service asks. */
async function creditsFor(
  client: ServiceClient,
  terminal: Terminal,
): Promise<ReadonlyMap<string, SourceCredit>> {
  const operator = {
    name: 'Set by the operator',
    url: '',
    licence: '',
    attribution: 'Set by the operator of this service',
  }
  const credits = new Map<string, SourceCredit>([
    ['CO2_INTENSITIES', operator],
    ['INTENSITY_FILE', operator],
  ])
  for (const { id, about } of [readAnnualAverages(), readAnnualAveragesByZone()]) credits.set(id, about)
  try {
    for (const { source, ...credit } of await askSources(client, terminal.signal)) credits.set(source, credit)
  } catch (failure) {
    if (!(failure instanceof ServiceError)) throw failure
    terminal.say(`co2-api report: the licences of live sources are missing: ${failure.message}\n`)
  }
  return credits
}

async function gapsOf(
  client: ServiceClient,
  { from, to }: EmissionsAnswer,
  signal: AbortSignal,
): Promise<GapTally> {
  try {
    return { kind: 'told', byCause: await askGaps(client, { from, to }, signal) }
  } catch (failure) {
    if (failure instanceof ServiceError) return { kind: 'untold', why: failure.message }
    throw failure
  }
}

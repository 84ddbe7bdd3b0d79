import { type Command, InvalidArgumentError, Option } from 'commander'
import { createKeplerHistory } from '../adapters/kepler/kepler-history.ts'
import { printableUrl } from '../adapters/kepler/metrics-client.ts'
import type { NodeNaming } from '../adapters/kepler/rebuilt-scrapes.ts'
import { isMatcher } from '../adapters/prometheus/promql.ts'
import { type Config, readConfig } from '../config.ts'
import { StoreError } from '../energy/measurement-store.ts'
import { type BackfillEvent, type BackfillOutcome, backfill } from '../flows/backfill.ts'
import type { BackfilledNode } from '../flows/backfill-tally.ts'
import { HistoryError } from '../flows/series-history.ts'
import { openStore } from '../service/storage.ts'
import { type Instant, type Interval, instant, isoWithMicroseconds, watts } from '../units.ts'
import { authorityIn, momentsOf, type Pair, pairs, seconds, webAddress } from './option-values.ts'
import { createProgress, type Progress } from './progress-line.ts'
import { momentText, quantityText } from './quantity-text.ts'
import { CommandError, type ExitCode, exitCodes, type Terminal } from './terminal.ts'

type BackfillOptions = {
  readonly prometheus: URL
  readonly from: Instant
  readonly to: Instant
  readonly step?: number
  readonly targetMap?: readonly Pair[]
  readonly match?: readonly string[]
  readonly header?: readonly Pair[]
  readonly tokenFile?: string
  readonly caFile?: string
}

export function addBackfillCommand(
  program: Command,
  terminal: Terminal,
  endWith: (code: ExitCode) => void,
): void {
  const moment = momentsOf(terminal)
  program
    .command('backfill')
    .description(
      'count the energy of the past from what Prometheus has recorded of Kepler, into the configured store',
    )
    .addOption(
      new Option('--prometheus <url>', 'where Prometheus is, or what speaks its API')
        .argParser(webAddress)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--from <time>', 'the beginning: ISO 8601, or such as now-30d')
        .argParser(moment)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--to <time>', 'the end').default(moment('now'), 'now').argParser(moment))
    .addOption(
      new Option(
        '--step <duration>',
        'one sample of each container for 30s, 5m, 1h, ... (default: one for each scrape)',
      ).argParser(seconds),
    )
    .addOption(
      new Option(
        '--target-map <instance=node>',
        'the name of a node whose exporter does not tell one; may be repeated',
      ).argParser(pairs()),
    )
    .addOption(
      new Option(
        '--match <matcher>',
        'only such series: a matcher of PromQL, such as cluster="prod"; may be repeated',
      ).argParser(matcher),
    )
    .addOption(
      new Option(
        '--header <name=value>',
        'sent along, such as X-Scope-OrgID=team; may be repeated',
      ).argParser(pairs()),
    )
    .option('--token-file <file>', 'a file with a bearer token for Prometheus')
    .option('--ca-file <file>', 'a PEM bundle that Prometheus’ certificate must lead to')
    .action(async (options: BackfillOptions) => {
      endWith(await runBackfill(options, terminal))
    })
}

function matcher(text: string, before: readonly string[] | undefined): readonly string[] {
  if (!isMatcher(text)) throw new InvalidArgumentError('Accepted is a matcher such as job="kepler".')
  return [...(before ?? []), text]
}

async function runBackfill(options: BackfillOptions, terminal: Terminal): Promise<ExitCode> {
  const config = configIn(terminal)
  const during = timeOf(options, config, terminal)
  const progress = createProgress(terminal, 'backfill')
  const now = () => terminal.clock.now()
  const { createPrometheusHistory } = await import('../adapters/prometheus/prometheus-history.ts')
  const prometheus = createPrometheusHistory({
    url: options.prometheus,
    matchers: options.match ?? [],
    headers: Object.fromEntries((options.header ?? []).map(({ name, value }) => [name, value])),
    tokenFile: options.tokenFile,
    authority: await authorityIn(options.caFile),
  })
  await using opened = new AsyncDisposableStack()
  opened.defer(() => prometheus.close())
  try {
    const store = await openStore(config, { now, onNotice: (notice) => progress.note(notice) })
    if (store === undefined) {
      throw new CommandError(
        'there is nowhere to keep it: set DATA_DIR, or MODE=db and TSDB_DSN, as for the service',
      )
    }
    opened.use(store)
    const outcome = await backfill(
      {
        history: createKeplerHistory(prometheus, { nameOf: nodeNames(options, config) }),
        store,
        during,
        stepSeconds: options.step,
        limits: {
          nodeMaxWatts: watts(config.nodeMaxWatts),
          scrapeIntervalSeconds: config.scrape.intervalSeconds,
          retentionSeconds: config.retentionSeconds,
        },
        clock: terminal.clock,
        random: Math.random,
        onEvent: (event) => show(event, progress, prometheus.address),
      },
      terminal.signal,
    )
    progress.end()
    terminal.write(outcomeText(outcome, { during, address: prometheus.address }))
    return outcome.kind === 'complete' ? exitCodes.ok : exitCodes.stopped
  } catch (failure) {
    progress.end()
    if (failure instanceof HistoryError || failure instanceof StoreError) {
      const kept = 'what was written until then is kept, and another run goes on from it'
      throw new CommandError(`${failure.message}; ${kept}`, exitCodes.failure, { cause: failure })
    }
    throw failure
  }
}

function configIn({ environment }: Terminal): Config {
  const reading = readConfig(environment)
  if (reading.kind === 'valid') return reading.config
  throw new CommandError(reading.problems.join('\n'))
}

/** What is older than the store keeps would be deleted again within the hour. */
function timeOf({ from, to }: BackfillOptions, { storage }: Config, terminal: Terminal): Interval {
  const now = terminal.clock.now()
  const days = storage.kind === 'memory' ? undefined : storage.retentionDays
  const oldest = days === undefined ? from : instant(now - days * 86_400_000)
  if (from < oldest)
    terminal.say(`RETENTION_DAYS is ${days}: what is older is not kept, so it begins there\n`)
  const during = { from: instant(Math.max(from, oldest)), to: instant(Math.min(to, now)) }
  if (during.from >= during.to)
    throw new CommandError('--from must be before --to, and in the past', exitCodes.usage)
  return during
}

/**
 * As a node is called in the service: by the name that is given, by the node on which its exporter stands, by the
 * exporter's address in EXPORTER_URL, and where nothing is known by the address that Prometheus scraped.
 */
function nodeNames({ targetMap = [] }: BackfillOptions, { scrape }: Config): NodeNaming {
  const given = new Map(targetMap.map(({ name, value }) => [name, value]))
  const scraped = new Map(
    scrape.exporters.flatMap((exporter) =>
      exporter.kind === 'exporter' ? [[exporter.url.host, printableUrl(exporter.url)]] : [],
    ),
  )
  return ({ instance, node }) => given.get(instance) ?? node ?? scraped.get(instance) ?? instance
}

function show(event: BackfillEvent, progress: Progress, address: string): void {
  switch (event.kind) {
    case 'found':
      if (event.exporters === 0)
        throw new CommandError(
          `${address} has no energy counters of Kepler with a label "instance" in that time; is it scraped there, and does --match fit?`,
        )
      progress.note(`${event.exporters} exporters in ${address}`)
      return
    case 'progress':
      progress.update(event.share, `${momentText(isoWithMicroseconds(event.at))} UTC`)
      return
    case 'note':
      progress.note(event.note)
      return
    case 'tried-again':
      progress.note(`trying again: ${event.reason}`)
      return
  }
}

function outcomeText(
  { kind, doneUntil, nodes, setAside }: BackfillOutcome,
  { during, address }: { readonly during: Interval; readonly address: string },
): string {
  const time = (at: Instant) => momentText(isoWithMicroseconds(at))
  const touched = nodes.filter(
    ({ written, alreadyThere, leftToService }) => written + alreadyThere + leftToService > 0,
  )
  const lines = [
    `${kind === 'complete' ? 'Backfilled' : 'Stopped backfilling'} from ${address}, ${time(during.from)} to ${time(during.to)} UTC.`,
    ...touched.map(nodeText),
    ...(touched.length === 0 ? ['There was nothing to write.'] : []),
    ...(setAside > 0 ? [`${setAside} samples could not be held and were set aside (docs/storage.md).`] : []),
    ...(kind === 'stopped'
      ? [
          `What was written stays. Run it again to go on: what is there is passed over, and --from ${new Date(doneUntil).toISOString()} saves reading it.`,
        ]
      : []),
  ]
  return `${lines.join('\n')}\n`
}

function nodeText(node: BackfilledNode): string {
  const number = (count: number) => count.toLocaleString('en-GB')
  const since = node.countedByServiceFrom
  const parts = [
    `${number(node.written)} samples written, ${quantityText('energy', node.energy)}`,
    ...(node.gaps > 0 ? [`${number(node.gaps)} gaps recorded`] : []),
    ...(node.alreadyThere > 0 ? [`${number(node.alreadyThere)} left out, whose time is there already`] : []),
    ...(node.leftToService > 0 && since !== undefined
      ? [
          `${number(node.leftToService)} left to the service, whose counters stand at ${momentText(isoWithMicroseconds(since))} UTC`,
        ]
      : []),
    ...(node.claimedTwice > 0 ? [`${number(node.claimedTwice)} scrapes of a second exporter left out`] : []),
  ]
  return `${node.node}: ${parts.join('; ')}`
}

import type { settings } from '../src/settings.ts'

/** What the documentation says of a setting. */
type DocumentedSetting = {
  readonly name: string
  readonly type: string
  readonly shownDefault: string
  readonly meaning: string
}

const groups = [
  'The service',
  'Access',
  'Reading Kepler',
  'Kubernetes',
  'Carbon intensity',
  'Keeping measurements',
  'Metrics',
] as const

type Group = (typeof groups)[number]

/** Every setting has its place here: the compiler asks for the ones that are missing. */
const groupOf: Readonly<Record<keyof typeof settings, Group>> = {
  mode: 'The service',
  host: 'The service',
  port: 'The service',
  retentionSeconds: 'The service',
  shard: 'The service',
  hostname: 'The service',
  logLevel: 'The service',
  apiTokensFile: 'Access',
  tlsCertificateFile: 'Access',
  tlsKeyFile: 'Access',
  corsOrigins: 'Access',
  rateLimit: 'Access',
  exporters: 'Reading Kepler',
  sampleIntervalSeconds: 'Reading Kepler',
  exporterTimeoutSeconds: 'Reading Kepler',
  exporterMaxBodyMegabytes: 'Reading Kepler',
  exporterMaxSeries: 'Reading Kepler',
  exporterBearerTokenFile: 'Reading Kepler',
  exporterBasicAuthFile: 'Reading Kepler',
  exporterAuthorityFile: 'Reading Kepler',
  nodeMaxWatts: 'Reading Kepler',
  kubernetes: 'Kubernetes',
  kubernetesAccountDirectory: 'Kubernetes',
  kubernetesServiceHost: 'Kubernetes',
  kubernetesServicePort: 'Kubernetes',
  intensitySources: 'Carbon intensity',
  countries: 'Carbon intensity',
  electricityMapsToken: 'Carbon intensity',
  entsoeToken: 'Carbon intensity',
  eiaApiKey: 'Carbon intensity',
  wattTimeUsername: 'Carbon intensity',
  wattTimePassword: 'Carbon intensity',
  intensityEndpoint: 'Carbon intensity',
  staticIntensities: 'Carbon intensity',
  intensityFile: 'Carbon intensity',
  chromeBinary: 'Carbon intensity',
  chromedriverBinary: 'Carbon intensity',
  databaseDsn: 'Keeping measurements',
  databaseFlushIntervalSeconds: 'Keeping measurements',
  dataDirectory: 'Keeping measurements',
  retentionDays: 'Keeping measurements',
  writeQueueMegabytes: 'Keeping measurements',
  queryTimeoutSeconds: 'Keeping measurements',
  metricsEmissions: 'Metrics',
  metricsZones: 'Metrics',
  metricsContainers: 'Metrics',
}

/** The page that documents the configuration, as Markdown: a table for each group, in the order written above. */
export function configurationDocs(documented: Readonly<Record<string, DocumentedSetting>>): string {
  const places = Object.entries(groupOf)
  const tables = groups.map((group) => {
    const ofGroup = places.flatMap(([key, place]) => (place === group ? (documented[key] ?? []) : []))
    return `## ${group}\n\n${tableOf(ofGroup)}`
  })
  return `${[introduction, ...tables].join('\n\n')}\n`
}

const introduction = `# Configuration

<!-- Written by \`npm run docs\` from src/settings.ts. -->

co2-api is configured by environment variables alone. A variable that is not set, or empty, takes its default;
blanks around a value do not matter.

A value that is not accepted stops the start: the process ends with status 1 and one line on standard error for each
such variable, all of them at once, with its name, what it held and what is accepted. Secrets are never printed.`

function tableOf(documented: readonly DocumentedSetting[]): string {
  const rows = documented.map(({ name, type, shownDefault, meaning }) =>
    rowOf([`\`${name}\``, type, shownAsCode(shownDefault), meaning]),
  )
  return [rowOf(['variable', 'type', 'default', 'meaning']), '|---|---|---|---|', ...rows].join('\n')
}

/** A default that is a value is shown as code; `none` and sentences with code in them are not. */
function shownAsCode(shownDefault: string): string {
  return shownDefault === 'none' || shownDefault.includes('`') ? shownDefault : `\`${shownDefault}\``
}

/** A bar would begin the next cell, in code as well. */
function rowOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

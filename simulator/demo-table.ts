/** The newest sample of one container, with what it emits in each country. */
export type TableRow = {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly watts: number
  /** By country code. */
  readonly gramsPerHour: Readonly<Record<string, number>>
}

/** How dirty a country's electricity is now, and how the service came to know. */
export type TableCountry = { readonly code: string; readonly gramsPerKwh: number; readonly method: string }

export type TableInput = {
  readonly rows: readonly TableRow[]
  readonly countries: readonly TableCountry[]
  /** Where the service listens, such as `http://localhost:5001`. */
  readonly serviceUrl: string
  /** The container that the first command asks about. */
  readonly example: Pick<TableRow, 'namespace' | 'pod' | 'container'>
  /** Containers beyond these are summed up in one row. */
  readonly maxRows: number
}

const width = 80
const wattsWidth = 8
const gramsWidth = 10

/** The demo's screen as lines of at most 80 columns. Only a command is longer, where a container's name is. */
export function drawDemo(input: TableInput): readonly string[] {
  const codes = input.countries.map(({ code }) => code)
  const rows = input.rows.toSorted(
    (left, right) => right.watts - left.watts || nameOf(left).localeCompare(nameOf(right), 'en'),
  )
  const shown = rows.length <= input.maxRows ? rows : rows.slice(0, Math.max(0, input.maxRows - 1))
  const hidden = rows.slice(shown.length)
  return [
    'co2-api demo: two simulated Kepler nodes, one of the 0.9 line and one current',
    `g/kWh: ${input.countries.map(intensityLabel).join(', ')}`.slice(0, width),
    'grams of CO2e per hour in'.padStart(width),
    line('NAMESPACE/POD/CONTAINER', 'WATTS', codes),
    ...shown.map((row) => rowLine(nameOf(row), [row], codes)),
    ...(hidden.length === 0 ? [] : [rowLine(`(${hidden.length} more)`, hidden, codes)]),
    rowLine('all of them', rows, codes),
    '',
    ...commands(input, codes),
  ]
}

/** The lines of the screen that are no rows of containers. */
export const fixedLines = 14

function commands({ serviceUrl, example }: TableInput, codes: readonly string[]): readonly string[] {
  const quoted = (name: keyof typeof example) => `"${name}":${JSON.stringify(example[name])}`
  const names = `  ${quoted('namespace')},${quoted('container')},${quoted('pod')}}'`
  return [
    'Try, in another terminal:',
    `curl -s ${serviceUrl}/api/co2-per-container \\`,
    `  -H content-type:application/json -d '{"countries":${JSON.stringify(codes)},`,
    ...(names.length <= width ? [names] : names.split(/(?<=,)(?="pod")/)),
    `curl -s ${serviceUrl}/api/containers`,
    `curl -s ${serviceUrl}/api/co2-intensities`,
    `curl -s ${serviceUrl}/healthz ${serviceUrl}/readyz`,
    `and in a browser: ${serviceUrl}`,
  ]
}

function intensityLabel({ code, gramsPerKwh, method }: TableCountry): string {
  return `${code} ${gramsPerKwh.toFixed(0)} (${method.replaceAll(/[-_]/g, ' ')})`
}

function rowLine(name: string, rows: readonly TableRow[], codes: readonly string[]): string {
  const sum = (value: (row: TableRow) => number) => rows.reduce((total, row) => total + value(row), 0)
  return line(
    name,
    sum((row) => row.watts).toFixed(2),
    codes.map((code) => sum((row) => row.gramsPerHour[code] ?? Number.NaN)).map(grams),
  )
}

/** A dash stands for what is not known. */
function grams(perHour: number): string {
  if (!Number.isFinite(perHour)) return '-'
  return perHour.toFixed(perHour < 1 ? 4 : perHour < 1000 ? 3 : 0)
}

function line(name: string, watts: string, perCountry: readonly string[]): string {
  const nameWidth = width - wattsWidth - gramsWidth * perCountry.length
  const numbers = perCountry.map((text) => text.padStart(gramsWidth)).join('')
  return shortened(name, nameWidth - 1).padEnd(nameWidth) + watts.padStart(wattsWidth) + numbers
}

/** Shortens in the middle: both the namespace and the container are worth reading. */
function shortened(text: string, length: number): string {
  if (text.length <= length) return text
  const kept = length - 1
  return `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`
}

function nameOf({ namespace, pod, container }: Pick<TableRow, 'namespace' | 'pod' | 'container'>): string {
  return `${namespace}/${pod}/${container}`
}

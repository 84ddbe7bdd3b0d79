import { exposedMetrics } from './exposed-metrics.ts'

/**
 * What is wrong with the names and types of an exposition, by the rules of Prometheus' own linter (`promtool check
 * metrics`, client_golang promlint), so that they are held also where that is not installed.
 */
export function namingProblems(text: string): readonly string[] {
  const problems = new Set<string>()
  for (const [name, { type, help, labels }] of exposedMetrics(text)) {
    if (help === '') problems.add(`${name} has no help text`)
    if (type === undefined) problems.add(`${name} has no type`)
    if (type === 'counter' && !name.endsWith('_total'))
      problems.add(`${name} counts and does not end in _total`)
    if (type !== 'counter' && name.endsWith('_total'))
      problems.add(`${name} ends in _total and does not count`)
    for (const problem of wordProblems(name)) problems.add(`${name} ${problem}`)
    for (const label of labels ?? []) {
      if (!/^[a-z_][a-z0-9_]*$/.test(label)) problems.add(`${name} has the label ${label}, not in snake_case`)
      if (label.startsWith('__')) problems.add(`${name} has the label ${label}, which is Prometheus’ own`)
    }
  }
  return [...problems]
}

const typeWords = new Set(['counter', 'gauge', 'summary', 'histogram', 'untyped'])
const abbreviations = new Set([
  's',
  'ms',
  'us',
  'ns',
  'sec',
  'b',
  'kb',
  'mb',
  'gb',
  'tb',
  'pb',
  'm',
  'h',
  'd',
])
const prefixes =
  'pico nano micro milli centi deci deca hecto kilo kibi mega mibi giga gibi tera tebi peta pebi'.split(' ')
const baseUnits = 'amperes bytes celsius grams joules kelvin meters metres seconds volts'.split(' ')
const otherUnits =
  'minutes hours days weeks kelvins fahrenheit rankine inches yards miles bits calories pounds ounces'
const scaledUnits = new Set([
  ...otherUnits.split(' '),
  ...prefixes.flatMap((prefix) => [...baseUnits, ...otherUnits.split(' ')].map((unit) => prefix + unit)),
])

function wordProblems(name: string): readonly string[] {
  const problems: string[] = []
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) problems.push('is not in snake_case')
  // The first word is a prefix: neither type nor unit.
  for (const word of name.split('_').slice(1)) {
    if (typeWords.has(word)) problems.push(`says its type: ${word}`)
    if (abbreviations.has(word)) problems.push(`abbreviates a unit: ${word}`)
    if (scaledUnits.has(word)) problems.push(`is not in a base unit: ${word}`)
  }
  return problems
}

import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Compile } from 'typebox/schema'
import { parse } from 'yaml'
import { definitionsIn, executeTemplate, parseTemplate } from './helm-template.ts'
import {
  isObject,
  objectAt,
  parseYamlObjects,
  readYamlObjects,
  textAt,
  type YamlObject,
} from './yaml-object.ts'

export type Release = { readonly name: string; readonly namespace: string }

/** What is wrong with values, a sentence each, according to the chart's own schema. */
export function problemsWithValues(chart: string, values: YamlObject): readonly string[] {
  const schema: unknown = JSON.parse(readFileSync(path.join(chart, 'values.schema.json'), 'utf8'))
  if (!isObject(schema)) throw new Error(`${chart} has a schema that is no object`)
  const [isValid, errors] = Compile(schema).Errors(values)
  return isValid ? [] : errors.map(({ instancePath, message }) => `${instancePath} ${message}`)
}

export function valuesWith(chart: string, own: YamlObject): YamlObject {
  const [defaults = {}] = readYamlObjects(path.join(chart, 'values.yaml'))
  return merged(defaults, own)
}

/** Renders a chart as `helm template` does. Throws an Error on values that the chart's schema refuses. */
export function renderChart(chart: string, own: YamlObject, release: Release): readonly YamlObject[] {
  const values = valuesWith(chart, own)
  const problems = problemsWithValues(chart, values)
  if (problems.length > 0) throw new Error(`the values are refused: ${problems.join('; ')}`)
  const about: unknown = parse(readFileSync(path.join(chart, 'Chart.yaml'), 'utf8'))
  const dot = {
    Values: values,
    Release: { Name: release.name, Namespace: release.namespace, Service: 'Helm' },
    Chart: {
      Name: textAt(about, 'name'),
      Version: textAt(about, 'version'),
      AppVersion: textAt(about, 'appVersion'),
    },
  }
  const files = globSync(path.join(chart, 'templates/*')).toSorted()
  const parsed = files.map((file) => ({ file, nodes: parseTemplate(readFileSync(file, 'utf8')) }))
  const defined = new Map(parsed.flatMap(({ nodes }) => [...definitionsIn(nodes)]))
  return parsed.flatMap(({ file, nodes }) => {
    let text: string
    try {
      text = executeTemplate(nodes, dot, defined)
    } catch (cause) {
      throw new Error(`${file} cannot be rendered`, { cause })
    }
    return /\.ya?ml$/.test(file) ? parseYamlObjects(text, file) : []
  })
}

function merged(defaults: YamlObject, own: YamlObject): YamlObject {
  const result: Record<string, unknown> = { ...defaults }
  for (const [key, value] of Object.entries(own))
    result[key] = isObject(value) && isObject(defaults[key]) ? merged(objectAt(defaults, key), value) : value
  return result
}

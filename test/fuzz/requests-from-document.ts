import fc from 'fast-check'

/** As much of an OpenAPI 3.1 schema as requests are made from. */
type Schema = {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

type Operation = {
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly schema?: Schema
  }[]
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }
}

export type ApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

export type FuzzRequest = {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Words that mean something to the API, so that requests get past the first check. */
const knownWords = [
  'DE',
  'FR',
  'de',
  'DK-DK1',
  'UK',
  'XX',
  'default',
  'shop',
  'busybox',
  'busybox-worker',
  '*',
  '',
  ' ',
  'now',
  'now-1h',
  'now-7d',
  'now-0s',
  'now+1h',
  '2026-02-11T10:00:10Z',
  '2026-02-11T10:00:30',
  '1970-01-01',
  'namespace',
  'pod',
  'container',
  'node',
  'workload',
  'namespace,pod',
  'co2_g',
  'name',
  'csv',
  'json',
  'parquet',
  '0',
  '1',
  '-1',
  '1e9',
  '5m',
  '30s',
  '1h',
  '10000',
  '9007199254740993',
  'NaN',
  'true',
  'null',
  'lifecycle',
  'direct',
  'average',
  'marginal',
  '../../etc/passwd',
  '%00',
  "' or 1=1 --",
  '<script>',
  '=cmd()',
  '__proto__',
  'constructor',
]

const text = fc.oneof(
  { arbitrary: fc.constantFrom(...knownWords), weight: 6 },
  { arbitrary: fc.string({ maxLength: 20 }), weight: 1 },
  { arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }), weight: 1 },
  { arbitrary: fc.integer({ min: 1, max: 3000 }).map((length) => 'x'.repeat(length)), weight: 1 },
)

const anything = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue())

/** Requests to every operation of the document: mostly of the right shape, with values from plausible to hostile. */
export function requestsTo(document: ApiDocument): fc.Arbitrary<FuzzRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  return fc.constantFrom(...operations).chain(({ path, method, operation }) =>
    fc
      .record({ query: queryOf(operation, document), body: bodyOf(operation, document), headers })
      .map(({ query, body, headers: given }) => ({
        method,
        path: query === '' ? path : `${path}?${query}`,
        headers: body === undefined ? given : { 'content-type': 'application/json', ...given },
        body,
      })),
  )
}

const headers: fc.Arbitrary<Readonly<Record<string, string>>> = fc.constantFrom(
  {},
  {},
  {},
  { accept: 'text/csv' },
  { accept: 'application/vnd.apache.parquet' },
  { accept: 'application/openmetrics-text' },
  { accept: '*/*;q=0.1, text/html' },
  { 'accept-encoding': 'gzip' },
  { authorization: 'Bearer nothing' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/json; charset=utf-16' },
  { range: 'bytes=0-1' },
  { 'if-none-match': '*' },
  { origin: 'https://evil.example' },
)

function queryOf(operation: Operation, document: ApiDocument): fc.Arbitrary<string> {
  const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
  const one = (name: string, schema: Schema | undefined) =>
    fc
      .oneof(
        { arbitrary: fc.constant(undefined), weight: 3 },
        { arbitrary: valueOf(schema ?? {}, document), weight: 3 },
        { arbitrary: text, weight: 1 },
        { arbitrary: fc.array(text, { minLength: 2, maxLength: 3 }), weight: 1 },
      )
      .map((value) => {
        if (value === undefined) return []
        const values = Array.isArray(value) ? value : [value]
        return values.map(
          (each) => `${encodeURIComponent(name)}=${encodeURIComponent(wellFormed(String(each)))}`,
        )
      })
  const stray = fc.constantFrom([], [], [], ['unknown=1'], ['__proto__=1'], ['%=%'], ['a[b]=1'])
  return fc
    .tuple(...parameters.map(({ name, schema }) => one(name, schema)), stray)
    .map((parts) => parts.flat().join('&'))
}

function bodyOf(operation: Operation, document: ApiDocument): fc.Arbitrary<string | undefined> {
  const schema = operation.requestBody?.content?.['application/json']?.schema
  if (schema === undefined) return fc.constant(undefined)
  return fc.oneof(
    { arbitrary: valueOf(schema, document).map((value) => JSON.stringify(value)), weight: 8 },
    { arbitrary: anything.map((value) => JSON.stringify(value)), weight: 1 },
    { arbitrary: fc.string(), weight: 1 },
  )
}

function valueOf(schema: Schema, document: ApiDocument): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return valueOf(document.components?.schemas?.[name] ?? {}, document)
  }
  if (schema.enum !== undefined) return fc.oneof(fc.constantFrom(...schema.enum), text)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => valueOf(each, document)))
  const [type] = Array.isArray(schema.type) ? schema.type : [schema.type]
  switch (type) {
    case 'string':
      return text
    case 'integer':
      return fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer(), fc.maxSafeInteger())
    case 'number':
      return fc.oneof(fc.double(), fc.integer())
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, document), { maxLength: 5 })
    case 'object':
      return objectOf(schema, document)
    default:
      return anything
  }
}

function objectOf(schema: Schema, document: ApiDocument): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {}).map(
    ([name, property]) =>
      [
        name,
        fc.oneof({ arbitrary: valueOf(property, document), weight: 12 }, { arbitrary: anything, weight: 1 }),
      ] as const,
  )
  const usual = fc.record(Object.fromEntries(properties), { requiredKeys: [...(schema.required ?? [])] })
  return fc.oneof(
    { arbitrary: usual, weight: 10 },
    { arbitrary: fc.record(Object.fromEntries(properties), { requiredKeys: [] }), weight: 1 },
  )
}

/** A lone surrogate cannot be written into a URL. */
function wellFormed(written: string): string {
  return written.toWellFormed()
}

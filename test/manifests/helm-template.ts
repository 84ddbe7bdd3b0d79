import { stringify } from 'yaml'
import { isObject } from './yaml-object.ts'

/**
 * A template of Helm, as far as ours go: fields, variables of a range, texts, numbers, pipelines, `if`, `with`, `range`,
 * `define`, and the functions below. Everything else is refused, and so is a value that is not there.
 * Sources: Go's text/template, and "Template functions and pipelines" in Helm's documentation, read 2026-11-24.
 */
export type Templates = ReadonlyMap<string, readonly Node[]>

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with'
      readonly pipeline: Pipeline
      readonly whenTrue: readonly Node[]
      readonly otherwise: readonly Node[]
    }
  | {
      readonly kind: 'range'
      readonly key: string
      readonly value: string
      readonly pipeline: Pipeline
      readonly body: readonly Node[]
    }
  | { readonly kind: 'define'; readonly name: string; readonly body: readonly Node[] }

type Pipeline = readonly Command[]
type Command = readonly Operand[]
type Operand =
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }

type Token = { readonly kind: 'text' | 'action'; readonly text: string }

/** Throws an Error on what is not understood. */
export function parseTemplate(text: string): readonly Node[] {
  const tokens = tokensIn(text)
  let at = 0

  /** Reads on to the end, or to an action that begins with one of `ends`, which is left for the caller. */
  function nodesUntil(ends: readonly string[]): readonly Node[] {
    const nodes: Node[] = []
    for (let token = tokens[at]; token !== undefined; token = tokens[at]) {
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text })
        at += 1
        continue
      }
      const word = firstWord(token.text)
      if (ends.includes(word)) return nodes
      at += 1
      if (!token.text.startsWith('/*')) nodes.push(nodeOf(word, token.text))
    }
    if (ends.length > 0) throw new Error(`a template ends before ${ends.join(' or ')}`)
    return nodes
  }

  function nodeOf(word: string, action: string): Node {
    const rest = action.slice(word.length).trim()
    switch (word) {
      case 'if':
      case 'with':
        return { kind: word, pipeline: parsePipeline(rest), ...branches(word) }
      case 'range': {
        const [, key = '', value = '', over = ''] = /^\$(\w+), \$(\w+) := (.*)$/.exec(rest) ?? []
        if (over === '') throw new Error(`a range must name key and value: ${action}`)
        const body = nodesUntil(['end'])
        at += 1
        return { kind: 'range', key, value, pipeline: parsePipeline(over), body }
      }
      case 'define': {
        const body = nodesUntil(['end'])
        at += 1
        return { kind: 'define', name: String(JSON.parse(rest)), body }
      }
      case 'end':
      case 'else':
        throw new Error(`${word} stands where nothing has begun`)
      default:
        return { kind: 'output', pipeline: parsePipeline(action) }
    }
  }

  function branches(word: 'if' | 'with'): { whenTrue: readonly Node[]; otherwise: readonly Node[] } {
    const whenTrue = nodesUntil(['end', 'else'])
    const closing = tokens[at]?.text ?? ''
    at += 1
    if (closing === 'end') return { whenTrue, otherwise: [] }
    const [, condition = ''] = /^else if (.*)$/.exec(closing) ?? []
    if (condition !== '') {
      if (word !== 'if') throw new Error(`only an if may go on with ${closing}`)
      return { whenTrue, otherwise: [{ kind: 'if', pipeline: parsePipeline(condition), ...branches('if') }] }
    }
    const otherwise = nodesUntil(['end'])
    at += 1
    return { whenTrue, otherwise }
  }

  return nodesUntil([])
}

/** `{{-` takes the blanks before it away, `-}}` those after it. */
function tokensIn(text: string): readonly Token[] {
  const tokens: Token[] = []
  let rest = text
  for (;;) {
    const match = /\{\{(-\s)?\s*((?:"(?:[^"\\]|\\.)*"|\/\*.*?\*\/|[^"}])*?)\s*(\s-)?\}\}/s.exec(rest)
    if (match === null) break
    const [whole, trimsBefore, action = '', trimsAfter] = match
    const before = rest.slice(0, match.index)
    tokens.push({ kind: 'text', text: trimsBefore === undefined ? before : before.trimEnd() })
    tokens.push({ kind: 'action', text: action })
    rest = rest.slice(match.index + whole.length)
    if (trimsAfter !== undefined) rest = rest.trimStart()
  }
  if (rest.includes('{{')) throw new Error(`an action is not closed: ${rest.slice(rest.indexOf('{{'), 80)}`)
  return [...tokens, { kind: 'text', text: rest }]
}

function firstWord(action: string): string {
  return /^[a-z]+/.exec(action)?.[0] ?? ''
}

const operandPattern =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<number>\d+(?:\.\d+)?)(?![\w.])|(?<field>(?:\.[A-Za-z]\w*)+|\.)|\$(?<variable>\w+)|(?<word>[a-zA-Z]+)|(?<mark>[()|]))/y

function parsePipeline(text: string): Pipeline {
  let at = 0

  function pipeline(isInner: boolean): Pipeline {
    const commands: Operand[][] = [[]]
    while (text.slice(at).trim() !== '') {
      operandPattern.lastIndex = at
      const groups = operandPattern.exec(text)?.groups
      if (groups === undefined) throw new Error(`not understood: ${text.slice(at)}`)
      at = operandPattern.lastIndex
      if (groups['mark'] === ')') {
        if (!isInner) throw new Error(`a bracket too many: ${text}`)
        return commands
      }
      if (groups['mark'] === '|') commands.push([])
      else commands.at(-1)?.push(operandOf(groups))
    }
    if (isInner) throw new Error(`a bracket too few: ${text}`)
    return commands
  }

  function operandOf(groups: Readonly<Record<string, string | undefined>>): Operand {
    const { text: quoted, number, field, variable, word } = groups
    if (quoted !== undefined) return { kind: 'literal', value: String(JSON.parse(quoted)) }
    if (number !== undefined) return { kind: 'literal', value: Number(number) }
    if (field !== undefined) return { kind: 'field', path: field.split('.').filter((step) => step !== '') }
    if (variable !== undefined) return { kind: 'variable', name: variable }
    if (word !== undefined) return { kind: 'function', name: word }
    return { kind: 'pipeline', pipeline: pipeline(true) }
  }

  return pipeline(false)
}

type Scope = {
  readonly dot: unknown
  readonly variables: ReadonlyMap<string, unknown>
  readonly defined: Templates
}

/** The text that a template makes of `dot`, with the templates that may be included. */
export function executeTemplate(nodes: readonly Node[], dot: unknown, defined: Templates): string {
  return textOf(nodes, { dot, variables: new Map(), defined })
}

/** What templates define, by name. */
export function definitionsIn(nodes: readonly Node[]): Templates {
  return new Map(nodes.flatMap((node) => (node.kind === 'define' ? [[node.name, node.body] as const] : [])))
}

function textOf(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => textOfNode(node, scope)).join('')
}

function textOfNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'define':
      return ''
    case 'output': {
      const value = valueOf(node.pipeline, scope)
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
        return String(value)
      throw new Error('only a text, a number and a boolean can be put out')
    }
    case 'if':
      return textOf(isTrue(valueOf(node.pipeline, scope)) ? node.whenTrue : node.otherwise, scope)
    case 'with': {
      const value = valueOf(node.pipeline, scope)
      return isTrue(value) ? textOf(node.whenTrue, { ...scope, dot: value }) : textOf(node.otherwise, scope)
    }
    case 'range': {
      const over = valueOf(node.pipeline, scope)
      if (!isObject(over)) throw new Error('a range goes over something that is no mapping')
      return Object.entries(over)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => {
          const variables = new Map([...scope.variables, [node.key, key], [node.value, value]])
          return textOf(node.body, { ...scope, variables })
        })
        .join('')
    }
  }
}

function valueOf(pipeline: Pipeline, scope: Scope): unknown {
  let result: { readonly value: unknown } | undefined
  for (const [first, ...further] of pipeline) {
    if (first === undefined) throw new Error('a pipeline has an empty part')
    const given = [
      ...further.map((operand) => operandValue(operand, scope)),
      ...(result === undefined ? [] : [result.value]),
    ]
    if (first.kind === 'function') result = { value: call(first.name, given, scope) }
    else if (given.length > 0) throw new Error('a value is called like a function')
    else result = { value: operandValue(first, scope) }
  }
  return result?.value
}

function operandValue(operand: Operand, scope: Scope): unknown {
  switch (operand.kind) {
    case 'literal':
      return operand.value
    case 'field':
      return fieldOf(scope.dot, operand.path)
    case 'variable':
      if (!scope.variables.has(operand.name)) throw new Error(`there is no variable $${operand.name}`)
      return scope.variables.get(operand.name)
    case 'pipeline':
      return valueOf(operand.pipeline, scope)
    case 'function':
      return call(operand.name, [], scope)
  }
}

function fieldOf(dot: unknown, path: readonly string[]): unknown {
  let value = dot
  for (const step of path) {
    if (!isObject(value) || !Object.hasOwn(value, step)) throw new Error(`there is no .${path.join('.')}`)
    value = value[step]
  }
  return value
}

function call(name: string, given: readonly unknown[], scope: Scope): unknown {
  const [first, second] = given
  switch (name) {
    case 'include': {
      const body = scope.defined.get(String(first))
      if (body === undefined) throw new Error(`nothing is defined as ${String(first)}`)
      return textOf(body, { ...scope, dot: second, variables: new Map() })
    }
    case 'fail':
      throw new Error(String(first))
    case 'toYaml':
      return stringify(first, { lineWidth: 0 }).trimEnd()
    case 'nindent':
      return String(second)
        .replaceAll(/^(?=.)/gm, ' '.repeat(Number(first)))
        .replace(/^/, '\n')
    case 'quote':
      return JSON.stringify(String(first))
    case 'default':
      return isTrue(second) ? second : first
    case 'int':
      return Math.trunc(Number(first))
    case 'eq':
      return first === second
    case 'ne':
      return first !== second
    case 'gt':
      return Number(first) > Number(second)
    case 'not':
      return !isTrue(first)
    case 'and':
      return given.find((value) => !isTrue(value)) ?? given.at(-1)
    case 'or':
      return given.find(isTrue) ?? given.at(-1)
    default:
      throw new Error(`the function ${name} is not understood`)
  }
}

/** What Go holds for true: anything but nothing, zero and what is empty. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (isObject(value)) return Object.keys(value).length > 0
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== ''
}

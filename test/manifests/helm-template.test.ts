import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { definitionsIn, executeTemplate, parseTemplate } from './helm-template.ts'

const dot = {
  Values: { name: 'a', none: '', zero: 0, count: 3, flags: { b: 2, a: '1' }, list: ['x'], empty: {} },
  Release: { Name: 'r' },
}

function made(template: string): string {
  const nodes = parseTemplate(template)
  return executeTemplate(nodes, dot, definitionsIn(nodes))
}

describe('a template of a chart', () => {
  it('puts out fields, texts and numbers', () => {
    assert.equal(
      made('x: {{ .Values.name }}-{{ .Release.Name }} {{ .Values.count }} {{ "}}" }}'),
      'x: a-r 3 }}',
    )
  })

  it('takes blanks away where a hyphen says so', () => {
    assert.equal(made('a\n  {{- .Values.name }}\n'), 'aa\n')
    assert.equal(made('a {{ .Values.name -}} \n b'), 'a ab')
    assert.equal(made('a {{/* not seen }} */}}b'), 'a b')
  })

  it('chooses by what is not empty', () => {
    assert.equal(made('{{ if .Values.none }}1{{ else if .Values.zero }}2{{ else }}3{{ end }}'), '3')
    assert.equal(made('{{ if .Values.empty }}1{{ end }}{{ if .Values.list }}2{{ end }}'), '2')
    assert.equal(made('{{ if and (gt (int .Values.count) 2) (ne .Values.name "b") }}1{{ end }}'), '1')
    assert.equal(made('{{ if or .Values.none (not .Values.zero) }}1{{ end }}'), '1')
    assert.equal(made('{{ or .Values.none .Values.name }} {{ and .Values.name .Values.zero }}'), 'a 0')
  })

  it('goes into a value, and over the entries of a mapping in the order of their names', () => {
    assert.equal(
      made('{{ with .Values.flags }}{{ .b }}{{ end }}{{ with .Values.none }}1{{ else }}2{{ end }}'),
      '22',
    )
    assert.equal(
      made('{{ range $k, $v := .Values.flags }}{{ $k }}={{ $v | quote }};{{ end }}'),
      'a="1";b="2";',
    )
  })

  it('includes what is defined, hands values on, and indents', () => {
    const defined = '{{ define "d" }}k: {{ .Release.Name }}\nl: 1{{ end }}'
    assert.equal(made(`${defined}m:{{ include "d" . | nindent 2 }}`), 'm:\n  k: r\n  l: 1')
    assert.equal(made('{{ toYaml .Values.list | nindent 2 }}'), '\n  - x')
    assert.equal(made('{{ .Values.none | default "d" }}'), 'd')
  })

  for (const [what, template] of [
    ['a value that is not there', '{{ .Values.nothing }}'],
    ['a function that is not understood', '{{ lookup .Values.name }}'],
    ['an object put out as it is', '{{ .Values.flags }}'],
    ['a block that does not end', '{{ if .Values.name }}'],
    ['an end of nothing', '{{ end }}'],
    ['an action that does not end', '{{ .Values.name'],
    ['a bracket that does not end', '{{ not (eq 1 1 }}'],
    ['a range without its names', '{{ range .Values.list }}{{ end }}'],
    ['a name that is not defined', '{{ include "d" . }}'],
    ['a failure of its own', '{{ fail "no" }}'],
  ] as const) {
    it(`is refused for ${what}`, () => {
      assert.throws(() => made(template))
    })
  }
})

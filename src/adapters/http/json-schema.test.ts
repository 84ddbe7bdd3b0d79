import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Static, type TSchema, Type as TypeBox } from 'typebox'
import * as Type from './json-schema.ts'

/** The same schemas, written with either. */
const written = (type: typeof Type | typeof TypeBox): Readonly<Record<string, TSchema>> => {
  const text = type.String({ minLength: 1, description: 'A text.' })
  const entry = type.Object(
    { name: text, size: type.Optional(type.Integer({ minimum: 0 })), note: type.Optional(text) },
    { $id: 'Entry', additionalProperties: false },
  )
  return {
    text,
    'text alone': type.String(),
    number: type.Number({ maximum: 8 }),
    integer: type.Integer(),
    boolean: type.Boolean({ default: true }),
    null: type.Null(),
    enum: type.Enum(['a', 'b'], { description: 'One of them.' }),
    union: type.Union([type.Number(), type.Null()], { description: 'Or nothing.' }),
    array: type.Array(entry, { maxItems: 3 }),
    object: entry,
    'object of nothing': type.Object({}),
    'object of nothing that must be there': type.Object({ note: type.Optional(text) }),
    'object in an object': type.Object({ entry, entries: type.Optional(type.Array(entry)) }),
    optional: type.Optional(text),
    unsafe: type.Unsafe<Date>(text),
  }
}

describe('JSON Schema with types', () => {
  const [ours, theirs] = [written(Type), written(TypeBox)]
  const all = { description: 'All.' }
  for (const [what, made, expected] of [
    ...Object.entries(ours).map(([name, schema]) => [name, schema, theirs[name]] as const),
    ['literal', Type.Literal('*', all), TypeBox.Literal('*', all)] as const,
    [
      'partial',
      Type.Partial(Type.Object({ a: Type.Null() }, { $id: 'A' }), all),
      TypeBox.Partial(TypeBox.Object({ a: TypeBox.Null() }, { $id: 'A' }), all),
    ] as const,
    [
      'record',
      Type.Record(Type.String(), Type.Null(), all),
      TypeBox.Record(TypeBox.String(), TypeBox.Null(), all),
    ] as const,
  ]) {
    it(`makes the JSON of TypeBox: ${what}`, () => {
      assert.equal(JSON.stringify(made), JSON.stringify(expected))
    })
  }

  it('leaves a schema as it was when that becomes optional elsewhere', () => {
    const text = Type.String()
    Type.Object({ text: Type.Optional(text) })
    assert.equal(JSON.stringify(Type.Object({ text })), JSON.stringify(TypeBox.Object({ text })))
  })

  it('has the types of TypeBox', () => {
    const Entry = Type.Object({
      name: Type.String(),
      size: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    })
    const entries: readonly Static<typeof Entry>[] = [{ name: 'a' }, { name: 'b', size: null }]
    // @ts-expect-error: a name is a text
    const wrong: Static<typeof Entry> = { name: 1 }
    assert.equal(entries.length + Number(wrong.name), 3)
  })
})

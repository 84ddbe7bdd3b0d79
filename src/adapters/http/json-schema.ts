import type {
  TArray,
  TArrayOptions,
  TBoolean,
  TEnum,
  TEnumValue,
  TInteger,
  TLiteral,
  TNull,
  TNumber,
  TNumberOptions,
  TObject,
  TObjectOptions,
  TOptional,
  TProperties,
  TRecord,
  TSchema,
  TSchemaOptions,
  TString,
  TStringOptions,
  TUnion,
  TUnsafe,
} from 'typebox'

// JSON Schema that TypeScript reads as types, with the names and the types of TypeBox, and the JSON that TypeBox makes.
// Its types cost nothing; its own builders come as 679 modules, which took 15 MB of every service, and these are all of
// them that the API is written in. Each stands twice: for the compiler, and for what is made, which the types cannot say
// since what they call `~kind` is nowhere in it.

/** Schemas that need not be there in an object. The schema itself does not say so. */
const optional = new WeakSet<TSchema>()

function stringOf(options?: TStringOptions): TString
function stringOf(options: TStringOptions = {}): TSchema {
  return { type: 'string', ...options }
}

function numberOf(options?: TNumberOptions): TNumber
function numberOf(options: TNumberOptions = {}): TSchema {
  return { type: 'number', ...options }
}

function integerOf(options?: TNumberOptions): TInteger
function integerOf(options: TNumberOptions = {}): TSchema {
  return { type: 'integer', ...options }
}

function booleanOf(options?: TSchemaOptions): TBoolean
function booleanOf(options: TSchemaOptions = {}): TSchema {
  return { type: 'boolean', ...options }
}

function nullOf(options?: TSchemaOptions): TNull
function nullOf(options: TSchemaOptions = {}): TSchema {
  return { type: 'null', ...options }
}

function literalOf<Value extends string>(value: Value, options?: TSchemaOptions): TLiteral<Value>
function literalOf(value: string, options: TSchemaOptions = {}): TSchema {
  return { type: 'string', const: value, ...options }
}

function enumOf<Values extends TEnumValue[]>(
  values: readonly [...Values],
  options?: TSchemaOptions,
): TEnum<Values>
function enumOf(values: readonly TEnumValue[], options: TSchemaOptions = {}): TSchema {
  return { enum: values, ...options }
}

function unionOf<Types extends TSchema[]>(types: [...Types], options?: TSchemaOptions): TUnion<Types>
function unionOf(types: readonly TSchema[], options: TSchemaOptions = {}): TSchema {
  return { anyOf: types, ...options }
}

function arrayOf<Item extends TSchema>(items: Item, options?: TArrayOptions): TArray<Item>
function arrayOf(items: TSchema, options: TArrayOptions = {}): TSchema {
  return { type: 'array', items, ...options }
}

function objectOf<Properties extends TProperties>(
  properties: Properties,
  options?: TObjectOptions,
): TObject<Properties>
function objectOf(properties: TProperties, options: TObjectOptions = {}): TSchema {
  const required = Object.entries(properties).flatMap(([name, schema]) =>
    optional.has(schema) ? [] : [name],
  )
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options }
}

/** An object of which nothing need be there. */
function partialOf<Properties extends TProperties>(
  object: TObject<Properties>,
  options?: TObjectOptions,
): TObject<{ [Name in keyof Properties]: TOptional<Properties[Name]> }>
function partialOf({ properties }: TObject, options: TObjectOptions = {}): TSchema {
  return { type: 'object', properties, ...options }
}

/** An object with any names, each with such a value. */
function recordOf<Value extends TSchema>(
  name: TString,
  value: Value,
  options?: TObjectOptions,
): TRecord<'^.*$', Value>
function recordOf(_name: TString, value: TSchema, options: TObjectOptions = {}): TSchema {
  return { type: 'object', patternProperties: { '^.*$': value }, ...options }
}

/** What need not be there in an object. */
function optionalOf<Schema extends TSchema>(schema: Schema): TOptional<Schema>
function optionalOf(schema: TSchema): TSchema {
  const copy = { ...schema }
  optional.add(copy)
  return copy
}

/** Of a type that the schema does not tell, such as a text that is written by hand. */
function unsafeOf<Type>(schema: TSchema): TUnsafe<Type>
function unsafeOf(schema: TSchema): TSchema {
  return schema
}

export {
  arrayOf as Array,
  booleanOf as Boolean,
  enumOf as Enum,
  integerOf as Integer,
  literalOf as Literal,
  nullOf as Null,
  numberOf as Number,
  objectOf as Object,
  optionalOf as Optional,
  partialOf as Partial,
  recordOf as Record,
  stringOf as String,
  unionOf as Union,
  unsafeOf as Unsafe,
}

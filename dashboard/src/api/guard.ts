/** Tells whether a value is a T. Where it is not, the way to what is wrong is added to `wrong`, outermost first. */
export type Guard<T> = (value: unknown, wrong: string[]) => value is T
export type Guarded<G> = G extends Guard<infer T> ? T : never

export const text: Guard<string> = (value, _wrong): value is string => typeof value === 'string'
export const number: Guard<number> = (value, _wrong): value is number => typeof value === 'number'
export const truth: Guard<boolean> = (value, _wrong): value is boolean => typeof value === 'boolean'

export function orNull<T>(guard: Guard<T>): Guard<T | null> {
  return (value, wrong): value is T | null => value === null || guard(value, wrong)
}

export function optional<T>(guard: Guard<T>): Guard<T | undefined> {
  return (value, wrong): value is T | undefined => value === undefined || guard(value, wrong)
}

export function listOf<T>(guard: Guard<T>): Guard<readonly T[]> {
  return (value, wrong): value is readonly T[] =>
    Array.isArray(value) &&
    value.every((item: unknown, at) => holds(guard, { value: item, at: `[${at}]`, wrong }))
}

/** An object that has a T under each of its keys, whatever those are. */
export function mapOf<T>(guard: Guard<T>): Guard<Readonly<Record<string, T>>> {
  return (value, wrong): value is Readonly<Record<string, T>> =>
    isObject(value) &&
    Object.entries(value).every(([key, item]) => holds(guard, { value: item, at: key, wrong }))
}

/** An object with these fields; what it has besides is left out of account. */
export function record<F extends Readonly<Record<string, Guard<unknown>>>>(
  fields: F,
): Guard<{ readonly [K in keyof F]: Guarded<F[K]> }> {
  const entries = Object.entries(fields)
  return (value, wrong): value is { readonly [K in keyof F]: Guarded<F[K]> } =>
    isObject(value) &&
    entries.every(([key, guard]) => {
      const item: unknown = Reflect.get(value, key)
      return holds(guard, { value: item, at: key, wrong })
    })
}

function holds<T>(
  guard: Guard<T>,
  { value, at, wrong }: { readonly value: unknown; readonly at: string; readonly wrong: string[] },
): boolean {
  if (guard(value, wrong)) return true
  wrong.unshift(at)
  return false
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { parseSeconds } from './relative-time.ts'

/** One environment variable: how it is read, and what the documentation says of it. */
export type Setting<T> = {
  readonly name: string
  /** What it holds, in a word or two. */
  readonly type: string
  /** What stands in the documentation as its default. */
  readonly shownDefault: string
  readonly meaning: string
  /** What is accepted, to complete the sentence "… must be". */
  readonly accepted: string
  /** Its value is never printed. */
  readonly secret: boolean
  /** Without the variable, or with an empty one. */
  readonly fallback: T
  /** Undefined for a text that is not accepted. */
  readonly parse: (text: string) => T | undefined
}

export type SettingReader = <T>(setting: Setting<T>) => T

/** Reads settings out of an environment. Every problem is gathered, one line each; no secret is in them. */
export function createSettingReader(environment: Readonly<Record<string, string | undefined>>): {
  readonly read: SettingReader
  readonly problems: string[]
} {
  const problems: string[] = []
  return {
    problems,
    read(setting) {
      const text = environment[setting.name]?.trim() ?? ''
      if (text === '') return setting.fallback
      const value = setting.parse(text)
      if (value !== undefined) return value
      const held = setting.secret ? 'a value that is not printed' : JSON.stringify(withoutCredentials(text))
      problems.push(`${setting.name} holds ${held}; it must be ${setting.accepted}`)
      return setting.fallback
    },
  }
}

/** A URL may carry a password before its `@`, also one that is not accepted for that very reason. */
function withoutCredentials(text: string): string {
  return text.replace(/^.*@/s, '…@')
}

type Description = { readonly name: string; readonly meaning: string }

export function integerSetting(
  description: Description & {
    readonly type: string
    readonly fallback: number
    readonly least: number
    readonly most: number
  },
): Setting<number> {
  return { ...description, ...wholeNumber(description), shownDefault: String(description.fallback) }
}

/** A whole number whose default follows from other settings, as `shownDefault` says. */
export function optionalIntegerSetting(
  description: Description & {
    readonly type: string
    readonly shownDefault: string
    readonly least: number
    readonly most: number
  },
): Setting<number | undefined> {
  return { ...description, ...wholeNumber(description), fallback: undefined }
}

function wholeNumber({ least, most }: { readonly least: number; readonly most: number }) {
  return {
    accepted: `a whole number from ${least} to ${most}`,
    secret: false,
    parse(text: string): number | undefined {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= least && value <= most ? value : undefined
    },
  }
}

export function choiceSetting<const T extends string>(
  description: Description & { readonly choices: readonly T[]; readonly fallback: NoInfer<T> },
): Setting<T> {
  const { choices, fallback } = description
  return {
    ...description,
    type: choices.map((choice) => `\`${choice}\``).join(' | '),
    shownDefault: fallback,
    accepted: `one of ${choices.join(', ')}`,
    secret: false,
    parse: (text) => choices.find((choice) => choice === text),
  }
}

export function textSetting(
  description: Description & { readonly type: string; readonly secret?: boolean },
): Setting<string | undefined> {
  return {
    ...description,
    shownDefault: 'none',
    accepted: 'a text',
    secret: description.secret ?? false,
    fallback: undefined,
    parse: (text) => text,
  }
}

/** A text that is never absent. */
export function requiredTextSetting(
  description: Description & { readonly type: string; readonly fallback: string },
): Setting<string> {
  return {
    ...description,
    shownDefault: description.fallback,
    accepted: 'a text',
    secret: false,
    parse: (text) => text,
  }
}

/** A length of time such as `90s`, `15m`, `1h` or `7d`, in seconds; a bare number is seconds. */
export function durationSetting(
  description: Description & {
    readonly fallbackText: string
    readonly fallback: number
    readonly least: number
    readonly most: number
  },
): Setting<number> {
  const { least, most, fallbackText } = description
  return {
    ...description,
    type: 'duration',
    shownDefault: fallbackText,
    accepted: `a duration such as 90s, 15m, 1h or 7d, from ${least} s to ${most} s`,
    secret: false,
    parse(text) {
      const seconds = parseSeconds(text) ?? Number.NaN
      return seconds >= least && seconds <= most ? seconds : undefined
    },
  }
}

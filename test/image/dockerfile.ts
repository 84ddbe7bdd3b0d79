/** One instruction of a Dockerfile, on one line. */
export type Instruction = {
  /** In capitals, such as `COPY`. */
  readonly keyword: string
  /** By name, such as `from` for `--from=system`. */
  readonly flags: ReadonlyMap<string, string>
  readonly rest: string
}

/** What lies between one FROM and the next. */
export type Stage = {
  /** As `FROM … AS` calls it. */
  readonly name: string
  /** As it is written: an image, another stage, or a variable. */
  readonly base: string
  readonly instructions: readonly Instruction[]
}

export type Dockerfile = {
  /** The defaults of the arguments before the first stage, by name. */
  readonly globalArguments: ReadonlyMap<string, string>
  readonly stages: readonly Stage[]
}

/** Reads a Dockerfile. Throws an Error on a stage without a name. Source: the Dockerfile reference, "Format". */
export function parseDockerfile(text: string): Dockerfile {
  const globalArguments = new Map<string, string>()
  const stages: { name: string; base: string; instructions: Instruction[] }[] = []
  for (const instruction of instructionsIn(text)) {
    const { keyword, rest } = instruction
    if (keyword === 'FROM') {
      const [, base = '', name = ''] = /^(\S+)\s+AS\s+(\S+)$/i.exec(rest) ?? []
      if (name === '') throw new Error(`FROM ${rest} gives the stage no name`)
      stages.push({ name, base, instructions: [] })
    } else if (stages.length > 0) {
      stages.at(-1)?.instructions.push(instruction)
    } else if (keyword === 'ARG') {
      const [name = '', ...value] = rest.split('=')
      globalArguments.set(name, value.join('='))
    } else {
      throw new Error(`${keyword} stands before the first stage`)
    }
  }
  return { globalArguments, stages }
}

function instructionsIn(text: string): readonly Instruction[] {
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '')
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, keyword = '', flagText = '', rest = ''] =
        /^(\w+)\s+((?:--\S+\s+)*)(.*)$/.exec(line.trim()) ?? []
      const flags = flagText
        .trim()
        .split(/\s+/)
        .filter((flag) => flag !== '')
        .map((flag) => flag.replace(/^--/, '').split('='))
      return {
        keyword: keyword.toUpperCase(),
        flags: new Map(flags.map(([name = '', ...value]) => [name, value.join('=')])),
        rest,
      }
    })
}

/** What COPY takes from where, and where to. */
export type Copy = {
  /** The stage or image; undefined for the build's own folder. */
  readonly from: string | undefined
  readonly sources: readonly string[]
  readonly destination: string
}

export function copiesOf(stage: Stage): readonly Copy[] {
  return stage.instructions
    .filter(({ keyword }) => keyword === 'COPY')
    .map(({ flags, rest }) => {
      const paths = rest.split(/\s+/)
      return { from: flags.get('from'), sources: paths.slice(0, -1), destination: paths.at(-1) ?? '' }
    })
}

/** The words of an instruction in its exec form, such as `["node", "main.js"]`; undefined in any other form. */
export function execForm(text: string): readonly string[] | undefined {
  const bracket = text.indexOf('[')
  if (bracket === -1) return undefined
  try {
    const words: unknown = JSON.parse(text.slice(bracket))
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined
  } catch {
    return undefined
  }
}

/** How short names are completed: the `search` and `ndots` of resolv.conf(5). */
export type SearchList = { readonly domains: readonly string[]; readonly ndots: number }

/** Reads resolv.conf; of several `search` lines the last one counts. */
export function parseSearchList(resolvConf: string): SearchList {
  let domains: readonly string[] = []
  let ndots = 1
  for (const line of resolvConf.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/)
    if (keyword === 'search' || keyword === 'domain') domains = words
    if (keyword !== 'options') continue
    for (const word of words) {
      const [, digits] = /^ndots:(\d{1,2})$/.exec(word) ?? []
      if (digits !== undefined) ndots = Number(digits)
    }
  }
  return { domains, ndots }
}

/** The full names that a name may stand for, in the order in which they are tried: a name with few dots is short. */
export function fullNames(name: string, { domains, ndots }: SearchList): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const completed = domains.map((domain) => `${name}.${domain.replace(/\.$/, '')}`)
  const dots = name.split('.').length - 1
  return dots >= ndots ? [name, ...completed] : [...completed, name]
}

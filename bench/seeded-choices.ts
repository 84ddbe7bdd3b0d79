/** Random choices that are the same in every run. */
export function createSeededChoices(seed: number) {
  const random = seededRandom(seed)
  return {
    /** In [0, 1). */
    random,
    oneOf: (choices: readonly string[]) => choices[Math.floor(random() * choices.length)] ?? '',
    hexadecimal: (length: number) =>
      Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join(''),
  }
}

/** Marsaglia's xorshift32: numbers in [0, 1). */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

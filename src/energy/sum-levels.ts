/** Lengths over which stores keep sums of energy, longest first; each is a multiple of the next. They begin at 1970 UTC. */
export const sumLevelsSeconds = [3600, 300] as const

/** The shortest: what is made of samples, and the others of it. */
export const finestSumSeconds = 300

/**
 * The chain of sources, best first. What was configured wins over everything, an annual average stands in where
 * nothing else is known. Live sources take the places from `firstLive` on, in the order they are listed.
 */
export const sourceRank = { override: 0, file: 10, firstLive: 20, annual: 1000 } as const

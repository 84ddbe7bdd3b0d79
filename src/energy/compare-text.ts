/** Ascending, by UTF-16 code units as `<` has it; 0 for the same text. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

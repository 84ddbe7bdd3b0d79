/** The spool cannot be used at all: another process has it, or a newer version wrote it. */
export class SpoolError extends Error {
  override name = 'SpoolError'
}

import { BodyReader, type ExpositionVisitor } from './body-reader.ts'
import type { ExpositionFormat } from './format.ts'
import type { ExpositionOutcome } from './outcome.ts'

/**
 * Reads a whole body in the Prometheus text format 0.0.4 (with the quoted names of 1.0.0) or OpenMetrics 1.0,
 * without making a string of it.
 *
 * A line that is not of the format is skipped, counted and reported; it never stops the reading. After `# EOF`
 * OpenMetrics ends, and what follows is not read. Values equal `Number()` of the written digits.
 * Deliberately lenient: the text format may end its lines with CR LF and begin with a byte order mark.
 * Sources: Prometheus, "Exposition formats"; OpenMetrics 1.0, "ABNF"; Prometheus, `model/textparse`.
 */
export function parseExposition(
  body: Uint8Array,
  format: ExpositionFormat,
  visitor: ExpositionVisitor,
): ExpositionOutcome {
  const reader = new BodyReader(format)
  reader.turnTo(body)
  while (reader.at < body.length) {
    if (reader.readLine(visitor)) visitor.sample(reader.sample)
  }
  return reader.outcome()
}

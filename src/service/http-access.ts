import { readFile } from 'node:fs/promises'
import { createSecureContext, type Server as TlsServer } from 'node:tls'
import type { Refusal } from '../adapters/http/access.ts'
import { type HttpOptions, openToEverybody } from '../adapters/http/http-options.ts'
import { openTokenBook, type TokenBook } from '../adapters/http/token-file.ts'
import type { AccessConfig } from '../config.ts'
import { StartError } from './start-inputs.ts'

/** Who may ask the API, and how: from files that may change while the service runs, as mounted secrets do. */
export type HttpAccess = {
  readonly options: HttpOptions
  /** Reads the files again; the certificate goes to `listener`. What cannot be used is a warning, and what was good before stays. */
  refresh(listener: Pick<TlsServer, 'setSecureContext'> | undefined): Promise<void>
  warnings(): readonly string[]
  /** How many requests were refused, by reason. */
  refusals(): ReadonlyMap<Refusal, number>
}

/** Throws StartError with every file that cannot be used. */
export async function openHttpAccess(config: AccessConfig): Promise<HttpAccess> {
  const refusals = new Map<Refusal, number>()
  const problems: string[] = []
  const book = config.tokensFile === undefined ? undefined : await openTokenBook(config.tokensFile)
  problems.push(...(book?.problems ?? []))
  const certificate = config.tls === undefined ? undefined : await readCertificate(config.tls)
  if (certificate?.kind === 'unusable') problems.push(certificate.problem)
  if (problems.length > 0) throw new StartError(problems)
  let certificateWarning: string | undefined

  return {
    options: {
      ...openToEverybody,
      access: accessOf(book),
      onRefusal: (refusal) => refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1),
      tls: certificate?.kind === 'usable' ? certificate.tls : undefined,
      corsOrigins: config.corsOrigins,
      requestsPerMinute: config.requestsPerMinute,
    },

    async refresh(listener) {
      await book?.refresh()
      if (config.tls === undefined) return
      const reading = await readCertificate(config.tls)
      certificateWarning = reading.kind === 'unusable' ? reading.problem : undefined
      if (reading.kind === 'usable') listener?.setSecureContext(reading.tls)
    },

    warnings: () => [
      ...(book?.problems ?? []),
      ...(certificateWarning === undefined ? [] : [certificateWarning]),
    ],
    refusals: () => refusals,
  }
}

function accessOf(book: TokenBook | undefined): HttpOptions['access'] {
  return book === undefined ? { kind: 'everybody' } : { kind: 'tokens', tokens: () => book.tokens }
}

type CertificateReading =
  | { readonly kind: 'usable'; readonly tls: { readonly cert: string; readonly key: string } }
  | { readonly kind: 'unusable'; readonly problem: string }

async function readCertificate(files: NonNullable<AccessConfig['tls']>): Promise<CertificateReading> {
  const { certificateFile, keyFile } = files
  try {
    const tls = { cert: await readFile(certificateFile, 'utf8'), key: await readFile(keyFile, 'utf8') }
    // Says at once when the two do not belong together, or are no PEM.
    createSecureContext(tls)
    return { kind: 'usable', tls }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const named = `TLS_CERT_FILE ${JSON.stringify(certificateFile)} and TLS_KEY_FILE ${JSON.stringify(keyFile)}`
    return { kind: 'unusable', problem: `${named} cannot be used: ${why}` }
  }
}

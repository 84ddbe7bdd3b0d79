import type { FastifyInstance } from 'fastify'

/** What a page of ours may do: load its own files, and nothing else. No script or style stands in the page itself. */
export const ownFilesOnly =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** An answer that is no page may do nothing at all, should a browser be talked into showing it. */
const nothing = "default-src 'none'; frame-ancestors 'none'"

/** Tells browsers to trust an answer no further than it must be (OWASP Secure Headers Project). */
export function addSecurityHeaders(
  server: FastifyInstance,
  { isEncrypted }: { readonly isEncrypted: boolean },
): void {
  const headers = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    ...(isEncrypted ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (!reply.hasHeader('content-security-policy')) void reply.header('content-security-policy', nothing)
    void reply.headers(headers)
    done()
  })
}

/** What helps when km does not trust the certificate that km serve shows. @module */

/**
 * What to do when asking km serve failed for its certificate; null when something else is the reason. `command` is what to run again.
 * What OpenSSL signs by itself is a certificate authority unless told otherwise, which no trust makes a server's certificate.
 */
export function certificateHint(reason: string, command: string): string | null {
  if (/CaUsedAsEndEntity/.test(reason)) {
    return "the certificate is that of an authority, not of a server: make it anew with " +
      `"openssl req -x509 … -addext basicConstraints=critical,CA:FALSE", start km serve with it, then DENO_CERT=<file> ${command}`;
  }
  return /certificate/i.test(reason)
    ? `tell km which certificate to trust: DENO_CERT=<file> ${command}`
    : null;
}

/** Why a `fetch` failed: what it throws says only that it did, its cause says why. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** Response headers that every answer has, whoever made it: pages, the API, refusals. There are no CORS headers, ever. @module */

/** The page's own files and nothing else: no inline script or style, no frames, no other machine. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
].join("; ");

const ALWAYS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
};

const ONE_YEAR_S = 365 * 24 * 60 * 60;
const SWITCHING_PROTOCOLS = 101;

/** Puts the headers on `response`. `hsts`: the name that was asked for is only ever served over TLS. */
export function withSafeHeaders(response: Response, { hsts }: { readonly hsts: boolean }): Response {
  // The answer to an upgrade is no document, and must go back as the very object that Deno made.
  if (response.status === SWITCHING_PROTOCOLS) return response;
  const safe = mutable(response);
  for (const [name, value] of Object.entries(ALWAYS)) safe.headers.set(name, value);
  if (!safe.headers.has("Cache-Control")) safe.headers.set("Cache-Control", "no-store");
  if (hsts) safe.headers.set("Strict-Transport-Security", `max-age=${ONE_YEAR_S}`);
  return safe;
}

/** Some responses (`Response.redirect()`, those of `fetch()`) refuse to be changed. */
function mutable(response: Response): Response {
  try {
    response.headers.delete("X-Powered-By");
    return response;
  } catch {
    return new Response(response.body, response);
  }
}

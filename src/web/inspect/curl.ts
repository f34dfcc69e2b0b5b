/** The command that gets an event from km's own API. Pure. @module */

/** Of nothing but km's API: what was recorded is never replayed against a server. */
export function curlOf(id: string, { origin }: { readonly origin: string }): string {
  // The id comes from whoever sent the event: nothing of it may mean anything to a shell.
  const safe = /^[\w.-]+$/.test(id) ? id : encodeURIComponent(id).replaceAll("'", "%27");
  return `curl -H "Authorization: Bearer $(cat "\${KM_HOME:-$HOME/.km}/token")" '${origin}/api/events/${safe}'`;
}

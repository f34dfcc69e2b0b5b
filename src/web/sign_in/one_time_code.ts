/** The one-time code of a link that `km open` made: `#token=<code>`. Pure. @module */

/** The code in an address's fragment; null when there is none. */
export function codeOf(hash: string): string | null {
  const code = new URLSearchParams(hash.replace(/^#/, "")).get("token");
  return code === null || code === "" ? null : code;
}

/** The same address without its fragment: what may stay in the address bar and the history. */
export function withoutCode(
  { pathname, search }: { readonly pathname: string; readonly search: string },
): string {
  return pathname + search;
}

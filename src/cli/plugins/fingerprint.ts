/** Keys as people compare them. @module */

/** The whole fingerprint in groups that can be read aloud: `a1b2 c3d4 …`. */
export function fingerprint(keyId: string): string {
  return (keyId.match(/.{1,4}/g) ?? []).join(" ");
}

/** Enough of it to tell keys apart in a table; never to compare with what a publisher says. */
export function shortKey(keyId: string): string {
  return keyId.slice(0, 12);
}

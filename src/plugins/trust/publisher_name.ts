/** When two publishers' names are one: to a person who reads a consent screen, "Acme Corp" and "acme-corp" are the same. @module */

/** Case, spaces and punctuation aside. Manifests have Latin letters alone; the rest is for names that roots and registries give. */
function folded(publisher: string): string {
  const text = publisher.normalize("NFKC").toLowerCase();
  const words = text.replace(/[^\p{L}\p{N}]+/gu, "");
  return words === "" ? text : words;
}

/** True when a key that is believed for one name is believed for the other, and for nobody else under either. */
export function isSamePublisher(a: string, b: string): boolean {
  return a === b || folded(a) === folded(b);
}

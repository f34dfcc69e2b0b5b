/**
 * Versions of the protocol between km and a plugin. 1: handshake, messages, logs, findings and metrics. 2: also state that is kept between runs
 * and annotations of events.
 * @module
 */

/** What this km speaks, oldest first. */
export const PROTOCOL_VERSIONS: readonly number[] = [1, 2];

/** The first version with state and annotations. */
export const STATE_VERSION = 2;

/** The highest version that both speak; null: none. */
export function negotiate(
  theirs: readonly number[],
  ours: readonly number[] = PROTOCOL_VERSIONS,
): number | null {
  const both = ours.filter((version) => theirs.includes(version));
  return both.length === 0 ? null : Math.max(...both);
}

/** Why there is no common version, for people, and what to do about it. */
export function explainMismatch(
  plugin: string,
  theirs: readonly number[],
  ours: readonly number[] = PROTOCOL_VERSIONS,
): { readonly message: string; readonly hint: string } {
  const message = `"${plugin}" speaks ${versionsText(theirs)} of the plugin protocol, this km speaks ${
    versionsText(ours)
  }`;
  const isNewer = theirs.length > 0 && Math.min(...theirs) > Math.max(...ours);
  return { message, hint: isNewer ? "update km: km update" : "install a newer release of the plugin" };
}

function versionsText(versions: readonly number[]): string {
  if (versions.length === 0) return "no version";
  const sorted = [...versions].sort((a, b) => a - b);
  const last = sorted.pop();
  return sorted.length === 0 ? `version ${last}` : `versions ${sorted.join(", ")} and ${last}`;
}

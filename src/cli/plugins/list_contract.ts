/** The flags and fields of `km plugins` and `km plugins list`. @module */

export const LIST_FLAGS = [{ name: "json", type: "boolean", help: "One JSON object per line" }] as const;

export const LIST_JSON = {
  name: "name of the plugin",
  version: "its version",
  publisher: "who signed it, by the name that the package gives",
  keyId: "SHA-256 of the key that signed it",
  enabled: "false when it is not to run",
  disabledBecause: "why km disabled it by itself, or null",
  grants: "what you granted: {net, read, write, env, data}",
  waitingVersion: "version of an update that waits for more grants, or null",
  source: "where it was installed from",
  installedAt: "ISO 8601, UTC",
} as const;

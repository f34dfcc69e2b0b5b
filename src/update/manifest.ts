/**
 * A release manifest: the one signed thing that an installer or an update believes.
 *
 * Beside `stable.json` lie `stable.json.sig` (one line: the key's id, a space, the Ed25519 signature of the manifest's exact bytes in
 * base64) and `stable.json.sshsig` (the same signer's signature in OpenSSH's format, namespace "km", for `ssh-keygen -Y verify`).
 * @module
 */

export const CHANNELS = ["stable", "beta"] as const;
export type Channel = typeof CHANNELS[number];

/** One downloadable file. */
export interface ReleaseFile {
  readonly name: string;
  /** Where it lies: relative to the manifest's address, or absolute. */
  readonly url: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/**
 * What a manifest says. As JSON it has one key a line and one file a line, so that `sed` can read it (scripts/install.sh).
 *
 * `stable.json` and `beta.json` name their channel; `v<version>.json`, for whoever asks for that version, has null: served under a channel's
 * name, the manifest of an old version is not believed.
 */
export interface Manifest<C extends Channel | null = Channel> {
  readonly type: "km release manifest";
  readonly format: 1;
  readonly channel: C;
  readonly version: string;
  readonly commit: string | null;
  /** ISO 8601, UTC, whole seconds: 2026-11-21T00:00:00Z. */
  readonly published: string;
  /** Believed no longer after this. */
  readonly expires: string;
  /** By target triple. */
  readonly files: Readonly<Record<string, ReleaseFile>>;
}

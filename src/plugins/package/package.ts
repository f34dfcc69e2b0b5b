/** `.kmpkg` files: made, signed, opened, and proven file by file. Nothing here touches a disk, and no name in a package becomes a path. @module */
import { createHash } from "node:crypto";
import type { Manifest } from "../manifest.ts";
import { type ArchiveFiles, type EntryName, MAX_ENTRY_BYTES, readArchive, writeArchive } from "./archive.ts";
import { parseManifest } from "./read_manifest.ts";
import { refusePackage } from "./refuse.ts";
import {
  fingerprint,
  isSignedBy,
  type PackageSignature,
  type PublisherKey,
  type SigningKey,
  signManifest,
} from "./signature.ts";
import { readSignatures, writeSignatures } from "./signatures_file.ts";

/** A package whose files are those that its manifest lists. Who signed it is for `verifyPackage`. */
export interface OpenedPackage {
  readonly manifest: Manifest;
  /** Exactly as they came: what is signed. */
  readonly manifestBytes: Uint8Array<ArrayBuffer>;
  /** In hex: names this very release. */
  readonly manifestSha256: string;
  /** plugin.js. */
  readonly code: Uint8Array<ArrayBuffer>;
  readonly readme: Uint8Array<ArrayBuffer> | null;
  readonly license: Uint8Array<ArrayBuffer> | null;
  /** Null: unsigned. */
  readonly signaturesBytes: Uint8Array<ArrayBuffer> | null;
  /** Empty: unsigned. */
  readonly signatures: readonly PackageSignature[];
}

/** What a package is made of. `manifest` says nothing of files: that is added. */
export interface PackageParts {
  readonly manifest: Omit<Manifest, "files">;
  readonly code: Uint8Array<ArrayBuffer>;
  readonly readme: Uint8Array<ArrayBuffer> | null;
  readonly license: Uint8Array<ArrayBuffer> | null;
}

/** Opens a package. @throws {KmError} not_trusted, with its own message for everything that can be wrong */
export function openPackage(bytes: Uint8Array<ArrayBuffer>): OpenedPackage {
  return openFiles(readArchive(bytes));
}

/** As `openPackage`, of files that lie apart: those of an installed plugin. @throws {KmError} not_trusted */
export function openFiles(files: ArchiveFiles): OpenedPackage {
  const manifestBytes = fileOf(files, "manifest.json");
  const manifest = parseManifest(manifestBytes);
  refuseOtherFiles(manifest, files);
  for (const [name, data] of files) refuseNoText(name, data);
  const signaturesBytes = files.get("signatures.json") ?? null;
  return {
    manifest,
    manifestBytes,
    manifestSha256: sha256(manifestBytes),
    code: fileOf(files, "plugin.js"),
    readme: files.get("README.md") ?? null,
    license: files.get("LICENSE") ?? null,
    signaturesBytes,
    signatures: signaturesBytes === null ? [] : readSignatures(signaturesBytes),
  };
}

/** Makes an unsigned package; the same parts make the same bytes. @throws {KmError} not_trusted for what nobody could install */
export function buildPackage({ manifest, code, readme, license }: PackageParts): Uint8Array<ArrayBuffer> {
  const listed: readonly (readonly [EntryName, Uint8Array<ArrayBuffer> | null])[] = [
    ["plugin.js", code],
    ["README.md", readme],
    ["LICENSE", license],
  ];
  const files = new Map<EntryName, Uint8Array<ArrayBuffer>>();
  for (const [name, data] of listed) if (data !== null) files.set(name, data);
  const entries = [...files].map(([name, data]) => [name, { sha256: sha256(data), sizeBytes: data.length }]);
  const text = JSON.stringify({ ...manifest, files: Object.fromEntries(entries) }, null, 2);
  files.set("manifest.json", new TextEncoder().encode(text + "\n"));
  const bytes = writeArchive(files);
  openPackage(bytes);
  return bytes;
}

/** The same package with a signature of `key`, beside those of other keys. @throws {KmError} not_trusted when it is no package */
export async function signPackage(
  bytes: Uint8Array<ArrayBuffer>,
  key: SigningKey,
): Promise<Uint8Array<ArrayBuffer>> {
  const files = readArchive(bytes);
  const { manifestBytes, signatures } = openFiles(files);
  const others = signatures.filter((one) => one.key.id !== key.publicKey.id);
  const signature = await signManifest(manifestBytes, key);
  const all = [...others, { key: key.publicKey, signature }];
  return writeArchive(new Map(files).set("signatures.json", writeSignatures(all)));
}

/**
 * Proves that `key` signed the package.
 * @throws {KmError} not_trusted when nobody signed it, when others did, and when it was changed since
 */
export async function verifyPackage(opened: OpenedPackage, key: PublisherKey): Promise<void> {
  const { signatures, manifestBytes, manifest } = opened;
  if (signatures.length === 0) {
    throw refusePackage(
      "nobody signed it",
      'its publisher signs it with "km plugins sign"; km runs no unsigned package',
    );
  }
  const mine = signatures.find((one) => one.key.id === key.id);
  if (mine === undefined) {
    throw refusePackage(
      `it is not signed by the key of "${manifest.publisher}" that is known here, but by another`,
      `known: ${fingerprint(key)}; its own: ${signatures.map((one) => fingerprint(one.key)).join(", ")}`,
    );
  }
  if (await isSignedBy(manifestBytes, mine.signature, key)) return;
  throw refusePackage(
    'its "manifest.json" was changed after it was signed, or its signature was',
    `the key is the right one (${
      fingerprint(key)
    }), the signature is not one of these bytes: get the package again`,
  );
}

function refuseOtherFiles({ files: listed }: Manifest, files: ArchiveFiles): void {
  for (const name of Object.keys(listed)) {
    if (!files.has(name as EntryName)) throw refusePackage(`its manifest lists "${name}", and it has none`);
  }
  for (const [name, data] of files) {
    if (name === "manifest.json" || name === "signatures.json") continue;
    const entry = listed[name];
    if (entry === undefined) throw refusePackage(`it holds "${name}", which its manifest does not list`);
    if (entry.sizeBytes !== data.length) {
      throw refusePackage(
        `its manifest says that "${name}" has ${entry.sizeBytes} bytes, and it has ${data.length}`,
      );
    }
    const found = sha256(data);
    if (found === entry.sha256) continue;
    throw refusePackage(
      `"${name}" was changed: its SHA-256 is ${found}, and its manifest says ${entry.sha256}`,
    );
  }
}

/** All of it is read by people or by V8, which would each make something else of bytes that are no text. */
function refuseNoText(name: EntryName, data: Uint8Array): void {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch (cause) {
    throw refusePackage(`"${name}" is no text in UTF-8`, undefined, cause);
  }
}

function fileOf(files: ArchiveFiles, name: EntryName): Uint8Array<ArrayBuffer> {
  const data = files.get(name);
  if (data === undefined) throw refusePackage(`it has no "${name}"`);
  if (data.length <= MAX_ENTRY_BYTES) return data;
  throw refusePackage(`"${name}" is larger than ${MAX_ENTRY_BYTES} bytes`);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

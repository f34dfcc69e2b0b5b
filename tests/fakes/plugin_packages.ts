/** Packages of plugins for tests, made and signed by keys that no other process has. `refused_packages.ts` makes the bad ones. @module */
import { createHash } from "node:crypto";
import { DEFAULT_LIMITS, type Manifest } from "../../src/plugins/manifest.ts";
import { buildPackage, signPackage } from "../../src/plugins/package/package.ts";
import { generateKey, type SigningKey, signManifest } from "../../src/plugins/package/signature.ts";
import { writeSignatures } from "../../src/plugins/package/signatures_file.ts";
import { encode } from "./random.ts";
import { rawArchive } from "./raw_archive.ts";

/** What the plugin of a test does: nothing, correctly. */
export const CODE = 'export default { name: "quiet", onMessage() {} };\n';

/** A manifest that nobody minds, but for what `change` says. */
export function testManifest(change: Partial<Manifest> = {}): Omit<Manifest, "files"> {
  const { files: _files, ...manifest }: Manifest = {
    schema: 1,
    name: "quiet",
    version: "1.2.0",
    description: "Does nothing with messages",
    protocol: [1],
    requiredTier: "free",
    publisher: "Acme",
    customerId: null,
    minKm: "0.1.0",
    permissions: {
      net: [],
      read: [],
      write: [],
      env: [],
      data: { servers: ["*"], methods: ["*"], directions: ["client_to_server"], payload: "none" },
    },
    limits: DEFAULT_LIMITS,
    configSchema: null,
    files: {},
    releaseSequence: 12,
    notBefore: null,
    expires: null,
    ...change,
  };
  return manifest;
}

/** A package, not signed. */
export function testPackage(change: Partial<Manifest> = {}, code: string = CODE): Uint8Array<ArrayBuffer> {
  return buildPackage({
    manifest: testManifest(change),
    code: encode(code),
    readme: encode("# quiet\n"),
    license: encode("MIT\n"),
  });
}

/** A package, signed. */
export async function signedPackage(
  key: SigningKey,
  change: Partial<Manifest> = {},
  code: string = CODE,
): Promise<Uint8Array<ArrayBuffer>> {
  return await signPackage(testPackage(change, code), key);
}

let publishers: Promise<readonly [SigningKey, SigningKey]> | undefined;

/** A publisher, the same for all tests of a process. */
export async function testPublisher(): Promise<SigningKey> {
  return (await bothPublishers())[0];
}

/** Somebody else. */
export async function strangePublisher(): Promise<SigningKey> {
  return (await bothPublishers())[1];
}

function bothPublishers(): Promise<readonly [SigningKey, SigningKey]> {
  return publishers ??= Promise.all([generateKey("Ed25519"), generateKey("Ed25519")]);
}

/**
 * A package that is signed and right in every byte, whatever its manifest says. `text` is JSON; its files are put in where it is an object that
 * has none.
 */
export async function packageOfManifest(
  key: SigningKey,
  text: string,
  code: Uint8Array<ArrayBuffer> = encode(CODE),
): Promise<Uint8Array<ArrayBuffer>> {
  const entry = { sha256: createHash("sha256").update(code).digest("hex"), sizeBytes: code.length };
  const whole = text.endsWith("}") && !text.includes('"files"')
    ? `${text.slice(0, -1)},"files":${JSON.stringify({ "plugin.js": entry })}}`
    : text;
  const manifest = encode(whole);
  const signatures = writeSignatures([{ key: key.publicKey, signature: await signManifest(manifest, key) }]);
  return rawArchive([
    { name: "manifest.json", data: manifest },
    { name: "plugin.js", data: code },
    { name: "signatures.json", data: signatures },
  ]);
}

/** Packages of plugins that must be refused, each with the message that it alone gets. @module */
import type { ErrorCode } from "../../src/core/error.ts";
import type { Manifest } from "../../src/plugins/manifest.ts";
import type { SigningKey } from "../../src/plugins/package/signature.ts";
import { CODE, packageOfManifest, signedPackage, testManifest } from "./plugin_packages.ts";
import { encode } from "./random.ts";
import { flipped, joined, rawArchive, rawEntries, type RawEntry } from "./raw_archive.ts";

/** A package that must be refused. */
export interface RefusedPackage {
  /** What is wrong with it; also the name of its file. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The message that it gets, and no other package does. */
  readonly said: RegExp;
  readonly code: ErrorCode;
}

type Made = readonly [string, Uint8Array<ArrayBuffer>, RegExp];

/** All that are refused before anybody asks who signed them: the form of the archive, its files, its manifest. */
export async function malformedPackages(key: SigningKey): Promise<RefusedPackage[]> {
  const good = await signedPackage(key);
  const entries = rawEntries(good);
  const [manifest, , , , signatures] = entries as Entries;
  const made: readonly Made[] = [
    ...tampered(entries),
    ...listed(entries as Entries),
    ...links(manifest, signatures),
    ...paths(manifest, signatures),
    ...await bombs(good, manifest),
    ...sizes(entries),
    ...await forms(good, key),
    ...await asking(key),
  ];
  return made.map(([name, bytes, said]) => ({ name, bytes, said, code: "not_trusted" }));
}

/** manifest.json, plugin.js, README.md, LICENSE, signatures.json. */
type Entries = [RawEntry, RawEntry, RawEntry, RawEntry, RawEntry];

/** Twice, too many, too few, in another order. */
function listed([manifest, code, readme, license, signatures]: Entries): Made[] {
  const script = { name: "install.sh", data: encode("rm -r ~") };
  const unlisted = remade(manifest, (text) => text.replace(/,\s*"LICENSE": \{[^}]*\}/, ""));
  return [
    [
      "duplicate",
      rawArchive([manifest, code, code, readme, license, signatures]),
      /holds "plugin\.js" twice/,
    ],
    [
      "duplicate-manifest",
      rawArchive([manifest, manifest, code, readme, license, signatures]),
      /holds "manifest\.json" twice/,
    ],
    [
      "extra",
      rawArchive([manifest, code, script, signatures]),
      /holds "install\.sh", which belongs into no package/,
    ],
    [
      "unlisted",
      rawArchive([unlisted, code, readme, license]),
      /holds "LICENSE", which its manifest does not list/,
    ],
    [
      "missing",
      rawArchive([manifest, code, readme, signatures]),
      /manifest lists "LICENSE", and it has none/,
    ],
    ["no-code", rawArchive([manifest, readme, license, signatures]), /has no "plugin\.js"/],
    ["no-manifest", rawArchive([code, readme, license, signatures]), /must begin with "manifest\.json"/],
    [
      "order",
      rawArchive([manifest, readme, code, license, signatures]),
      /"plugin\.js" stands after "README\.md"/,
    ],
  ];
}

/** What is no archive, or not only one. */
async function forms(good: Uint8Array<ArrayBuffer>, key: SigningKey): Promise<Made[]> {
  const [manifest, code, ...others] = rawEntries(good) as unknown as Entries;
  const binary = await packageOfManifest(
    key,
    JSON.stringify(testManifest()),
    new Uint8Array([0x2f, 0x2f, 0xff]),
  );
  return [
    [
      "dated",
      rawArchive([manifest, { ...code, mtime: 1 }, ...others]),
      /header of "plugin\.js" holds more than a name and a size/,
    ],
    [
      "gnu",
      rawArchive([{ ...manifest, magic: "ustar  \0" }, code, ...others]),
      /header of "manifest\.json" holds/,
    ],
    ["trailing", joined([good, new Uint8Array(512)]), /something follows after its end/],
    ["hidden", joined([good.subarray(0, -512), encode("x".repeat(512))]), /something follows after its end/],
    ["cut", good.subarray(0, good.length - 1500), /ends before its end|only \d+ follow/],
    ["text", encode("<!doctype html>".padEnd(2000)), /it is no package, or it was cut/],
    ["empty", new Uint8Array(), /it is empty/],
    ["checksum", flipped(good, 0), /checksum of a header is wrong/],
    ["binary", binary, /"plugin\.js" is no text in UTF-8/],
  ];
}

/** Whole and signed, with a manifest that asks for what nobody may have, or that two readers would read in two ways. */
async function asking(key: SigningKey): Promise<Made[]> {
  const { permissions, ...rest } = testManifest();
  const asks = (more: object) =>
    packageOfManifest(key, JSON.stringify({ ...rest, permissions: { ...permissions, ...more } }));
  return [
    [
      "asks-run",
      await asks({ run: ["git"] }),
      /asks for permissions\.run, and running programs can never be asked/,
    ],
    [
      "asks-ffi",
      await asks({ ffi: true }),
      /asks for permissions\.ffi, and foreign functions can never be asked/,
    ],
    ["asks-all-hosts", await asks({ net: ["*"] }), /permissions\.net\[0\] "\*" is a pattern/],
    ["asks-km", await asks({ net: ["127.0.0.1:4242"] }), /"127\.0\.0\.1:4242" is no address of the internet/],
    ["asks-home", await asks({ read: ["~"] }), /permissions\.read\[0\] "~" is the whole home folder/],
    ["asks-keys", await asks({ read: ["~/.ssh"] }), /permissions\.read\[0\] "~\/\.ssh" is where secrets lie/],
    [
      "two-readings",
      await packageOfManifest(key, JSON.stringify(testManifest()).replace("{", '{"name":"loud",')),
      /it names "name" twice in one object/,
    ],
    [
      "deceiving",
      await packageOfManifest(key, JSON.stringify(testManifest({ description: "safe\u202egnp.exe" }))),
      /control, bidirectional and invisible characters are not allowed/,
    ],
  ];
}

/** One letter of each file is another, and every checksum of tar is right. */
function tampered(entries: readonly RawEntry[]): Made[] {
  const change = (name: string, from: string, to: string) =>
    rawArchive(
      entries.map((entry) =>
        entry.name === name
          ? { name, data: encode(new TextDecoder().decode(entry.data).replace(from, to)) }
          : entry
      ),
    );
  return [
    [
      "tampered-plugin.js",
      change("plugin.js", "onMessage", "onMassage"),
      /^.*"plugin\.js" was changed: its SHA-256/,
    ],
    ["tampered-README.md", change("README.md", "quiet", "quiEt"), /^.*"README\.md" was changed: its SHA-256/],
    ["tampered-LICENSE", change("LICENSE", "MIT", "MIX"), /^.*"LICENSE" was changed: its SHA-256/],
    [
      "tampered-signatures.json",
      change("signatures.json", '"signature"', '"Signature"'),
      /its "signatures\.json" was changed/,
    ],
    [
      "tampered-key",
      change("signatures.json", '"keyId": "', '"keyId": "0'),
      /its "signatures\.json" was changed: it gives a key/,
    ],
  ];
}

function links(manifest: RawEntry, signatures: RawEntry): Made[] {
  const entry = (type: string, name = "plugin.js"): Uint8Array<ArrayBuffer> =>
    rawArchive([manifest, { name, type, linkTo: "/etc/passwd" }, signatures]);
  return [
    ["link-hard", entry("1"), /"plugin\.js" is a hard link/],
    ["link-symbolic", entry("2"), /"plugin\.js" is a symbolic link/],
    ["device-character", entry("3"), /"plugin\.js" is a character device/],
    ["device-block", entry("4"), /"plugin\.js" is a block device/],
    ["folder", entry("5", "plugin.js/"), /"plugin\.js\/" is a folder/],
    ["pipe", entry("6"), /"plugin\.js" is a named pipe/],
    ["pax", entry("x"), /"plugin\.js" is a pax header,/],
    ["pax-global", entry("g"), /"plugin\.js" is a pax header for all/],
    ["gnu-long-name", entry("L", "././@LongLink"), /@LongLink" is a long name of GNU tar's/],
    ["gnu-sparse", entry("S"), /"plugin\.js" is a sparse file/],
    ["unknown-kind", entry("Z"), /"plugin\.js" is of a kind that nobody knows/],
  ];
}

function paths(manifest: RawEntry, signatures: RawEntry): Made[] {
  const entry = (name: string, prefix = "") =>
    rawArchive([manifest, { name, prefix, data: encode(CODE) }, signatures]);
  return [
    ["path-absolute", entry("/etc/cron.d/km"), /"\/etc\/cron\.d\/km" has an absolute name/],
    ["path-windows", entry("C:\\km\\plugin.js"), /"C:\\km\\plugin\.js" has an absolute name/],
    ["path-unc", entry("\\\\host\\share"), /"\\\\host\\share" has an absolute name/],
    ["path-out", entry("../../.bashrc"), /"\.\.\/\.\.\/\.bashrc" leads out of its folder/],
    ["path-out-inside", entry("a/../../plugin.js"), /"a\/\.\.\/\.\.\/plugin\.js" leads out/],
    ["path-out-windows", entry("..\\plugin.js"), /"\.\.\\plugin\.js" leads out/],
    ["path-prefix", entry("plugin.js", "../x"), /"\.\.\/x\/plugin\.js" leads out/],
    ["path-folder", entry("./plugin.js"), /holds "\.\/plugin\.js", which belongs into no/],
    ["path-case", entry("PLUGIN.JS"), /holds "PLUGIN\.JS", which belongs into no/],
    ["path-escape", entry("plugin.js\x1b[2K"), /holds "plugin\.js\\e\[2K", which belongs into no/],
  ];
}

async function bombs(good: Uint8Array<ArrayBuffer>, manifest: RawEntry): Promise<Made[]> {
  const gzip = new Blob([good]).stream().pipeThrough(new CompressionStream("gzip"));
  return [
    [
      "bomb-gzip",
      new Uint8Array(await new Response(gzip).arrayBuffer()),
      /is compressed \(gzip\), and packages never are/,
    ],
    ["bomb-zip", encode("PK\x03\x04" + "0".repeat(2000)), /is compressed \(zip\)/],
    [
      "bomb-zstd",
      new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, ...new Uint8Array(2000)]),
      /is compressed \(zstd\)/,
    ],
    [
      "bomb-xz",
      new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, ...new Uint8Array(2000)]),
      /is compressed \(xz\)/,
    ],
    ["bomb-large", new Uint8Array(8 * 1024 * 1024 + 1).fill(32), /is larger than 8\.4 MB, and no package is/],
    [
      "bomb-entry",
      rawArchive([manifest, { name: "plugin.js", data: new Uint8Array(4 * 1024 * 1024 + 1).fill(32) }]),
      /"plugin\.js" is said to be larger than 4\.2 MB/,
    ],
    [
      "bomb-manifest",
      rawArchive([{ name: "manifest.json", data: new Uint8Array(300_000).fill(32) }]),
      /"manifest\.json" is said to be larger than 262 kB/,
    ],
  ];
}

function sizes(entries: readonly RawEntry[]): Made[] {
  const [manifest, code, ...others] = entries as [RawEntry, RawEntry, ...RawEntry[]];
  const length = code.data?.length ?? 0;
  return [
    [
      "size-beyond",
      rawArchive([manifest, { ...code, sizeBytes: 100_000 }, ...others]),
      /"plugin\.js" is said to have 100000 bytes, and only \d+ follow/,
    ],
    [
      "size-short",
      rawArchive([manifest, { ...code, sizeBytes: length - 3 }, ...others]),
      new RegExp(`"plugin\\.js" is said to have ${length - 3} bytes, and goes on after them`),
    ],
    [
      "size-of-another",
      rawArchive([manifest, { ...code, sizeBytes: length + 5 }, ...others]),
      new RegExp(`manifest says that "plugin\\.js" has ${length} bytes, and it has ${length + 5}`),
    ],
    [
      "size-in-manifest",
      rawArchive([
        remade(manifest, (text) => text.replace(/("plugin\.js": \{[^}]*"sizeBytes": )\d+/, "$11")),
        code,
        ...others.slice(0, 2),
      ]),
      new RegExp(`manifest says that "plugin\\.js" has 1 bytes, and it has ${length}`),
    ],
  ];
}

/** A manifest of another text. */
function remade(manifest: RawEntry, change: (text: string) => string): RawEntry {
  return { ...manifest, data: encode(change(new TextDecoder().decode(manifest.data))) };
}

/** Whole and signed by `key`, with code that no sandbox is started with. */
export async function importingPackages(key: SigningKey): Promise<RefusedPackage[]> {
  const code = (text: string) => signedPackage(key, {}, text);
  return [
    {
      name: "imports-node",
      bytes: await code('import net from "node:net";\nexport default { net };\n'),
      said: /line 1 imports "node:net"/,
      code: "plugin_failed",
    },
    {
      name: "imports-secret",
      bytes: await code('export { default } from "file:///etc/passwd" with { type: "text" };\n'),
      said: /line 1 imports "file:\/\/\/etc\/passwd"/,
      code: "plugin_failed",
    },
    {
      name: "no-javascript",
      bytes: await code("export default {\n"),
      said: /it is not JavaScript/,
      code: "plugin_failed",
    },
  ];
}

/** All that are whole packages, and were not signed by `key`, or not like this. What is said holds where `key` is the one that is believed. */
export async function unbelievablePackages(key: SigningKey, stranger: SigningKey): Promise<RefusedPackage[]> {
  const good = await signedPackage(key);
  const entries = rawEntries(good);
  const [manifest] = entries as [RawEntry];
  const wider = (text: string) => text.replace('"payload": "none"', '"payload": "full"');
  const of = (name: string, signed: Uint8Array<ArrayBuffer>) =>
    rawEntries(signed).find((one) => one.name === name);
  const other = of("signatures.json", await signedPackage(key, { version: "1.2.1" }));
  const made: readonly Made[] = [
    ["unsigned", rawArchive(entries.slice(0, -1)), /nobody signed it/],
    [
      "wrong-key",
      await signedPackage(stranger),
      /not signed by the key of "Acme" that is known here, but by another/,
    ],
    [
      "tampered-manifest.json",
      rawArchive([remade(manifest, wider), ...entries.slice(1)]),
      /its "manifest\.json" was changed after it was signed/,
    ],
    [
      "signature-of-another",
      rawArchive([...entries.slice(0, -1), other ?? manifest]),
      /its "manifest\.json" was changed after it was signed/,
    ],
  ];
  return made.map(([name, bytes, said]) => ({ name, bytes, said, code: "not_trusted" }));
}

/** All that are signed by `key` and may not run: on 2026-11-21 and later, in any km before 9.0.0 with no licence, where release 12 is installed. */
export async function unusablePackages(key: SigningKey): Promise<RefusedPackage[]> {
  const made: readonly (readonly [string, Partial<Manifest>, RegExp, ErrorCode])[] = [
    [
      "expired",
      { expires: "2026-01-31T00:00:00Z" },
      /quiet 1\.2\.0: it expired on 2026-01-31T00:00:00Z, and the clock here says 20/,
      "not_trusted",
    ],
    [
      "early",
      { notBefore: "2199-01-01T00:00:00Z" },
      /it is not valid before 2199-01-01T00:00:00Z/,
      "not_trusted",
    ],
    ["other-customer", { customerId: "globex-7" }, /it was made for another customer/, "not_granted"],
    [
      "higher-tier",
      { requiredTier: "enterprise" },
      /it needs the tier "enterprise", and your licence is "free"/,
      "not_granted",
    ],
    [
      "newer-protocol",
      { protocol: [98, 99] },
      /it speaks protocol 98 and 99, and km \S+ speaks /,
      "unsupported",
    ],
    ["newer-km", { minKm: "9.0.0" }, /it needs km 9\.0\.0 or newer, and this is km /, "unsupported"],
    [
      "downgraded",
      { releaseSequence: 11, version: "1.3.0" },
      /quiet 1\.3\.0: it is a downgrade: release 11, and release 12 was installed here/,
      "not_trusted",
    ],
  ];
  return await Promise.all(
    made.map(async ([name, change, said, code]) => ({
      name,
      bytes: await signedPackage(key, change),
      said,
      code,
    })),
  );
}

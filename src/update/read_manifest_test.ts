/** What is believed, and above all what is not. @module */
import assert from "node:assert/strict";
import { testKey, testSignature } from "../../tests/fakes/test_release_key.ts";
import { verifies } from "../../tests/verifies.ts";
import { KmError } from "../core/error.ts";
import type { Channel } from "./manifest.ts";
import { readManifest } from "./read_manifest.ts";

const [IN_USE, NEXT, STRANGER] = [testKey(1), testKey(2), testKey(3)];
const KEYS = [IN_USE.key, NEXT.key];
const NOW = new Date("2026-11-21T12:00:00Z");
const FILE = { name: "km-0.2.0-x", url: "km-0.2.0-x", bytes: 40_000_000, sha256: "a".repeat(64) };
const GOOD = {
  type: "km release manifest",
  format: 1,
  channel: "stable",
  version: "0.2.0",
  commit: "1234567890abcdef1234567890abcdef12345678",
  published: "2026-11-20T00:00:00Z",
  expires: "2027-05-19T00:00:00Z",
  files: { "x86_64-unknown-linux-gnu": FILE },
};

async function read(
  text: string | Uint8Array,
  options: {
    readonly sig?: string;
    readonly pem?: string;
    readonly now?: Date;
    readonly keys?: typeof KEYS;
    readonly channel?: Channel | null;
  } = {},
) {
  const bytes = new Uint8Array(typeof text === "string" ? new TextEncoder().encode(text) : text);
  const sig = options.sig ?? testSignature(bytes, options.pem ?? IN_USE.privateKeyPem);
  return await readManifest(bytes, sig, {
    keys: options.keys ?? KEYS,
    channel: options.channel === undefined ? "stable" : options.channel,
    now: options.now ?? NOW,
  });
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof KmError, String(error));
    assert.equal(error.code, "not_trusted");
    return `${error.message} | ${error.hint ?? ""}`;
  }
  assert.fail("it was believed");
}

Deno.test("readManifest() believes either release key, and fields that it does not know", async () => {
  verifies("update-signed");
  assert.deepEqual(await read(JSON.stringify(GOOD)), GOOD);
  assert.deepEqual(await read(JSON.stringify({ ...GOOD, later: 1 }), { pem: NEXT.privateKeyPem }), GOOD);
  assert.equal((await read(JSON.stringify({ ...GOOD, commit: null }))).commit, null);
});

Deno.test("readManifest() believes no other key, no other bytes, no other form of signature", async () => {
  verifies("update-signed");
  const text = JSON.stringify(GOOD);
  const sig = testSignature(new TextEncoder().encode(text), IN_USE.privateKeyPem);
  assert.match(
    await refusal(read(text, { pem: STRANGER.privateKeyPem })),
    new RegExp(`key "${STRANGER.key.id}" is unknown`),
  );
  assert.match(await refusal(read(text, { keys: [] })), /this km believes no key/);
  assert.match(await refusal(read(text + " ", { sig })), /it is not one of these bytes by key/);
  // A stranger's signature under the name of a known key.
  const forged = testSignature(new TextEncoder().encode(text), STRANGER.privateKeyPem).replace(
    /^\S+/,
    IN_USE.key.id,
  );
  assert.match(await refusal(read(text, { sig: forged })), /it is not one of these bytes by key/);
  for (
    const wrong of [
      "",
      "\n",
      sig.slice(17),
      sig.trim().slice(0, -4),
      `${sig}${sig}`,
      `${sig}x`,
      ` ${sig}`,
      "<html>",
    ]
  ) {
    assert.match(await refusal(read(text, { sig: wrong })), /not one line of a key id and 64 bytes/, wrong);
  }
});

/** [fields that are changed, what is said] */
const REFUSED: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
  [{ type: "km session manifest" }, /its type is "km session manifest"/],
  [{ type: undefined }, /its type is missing/],
  [{ format: 2 }, /its format is 2.*install km anew/],
  [{ channel: "beta" }, /it is of channel "beta", not of channel "stable"/],
  [
    { channel: null },
    /it is of one version, not of channel "stable" \| the address serves one manifest in the place/,
  ],
  [{ channel: undefined }, /its channel is missing/],
  [{ channel: "nightly" }, /its channel is "nightly"/],
  [{ version: "v0.2.0" }, /its version is "v0.2.0"/],
  [{ version: "../0.2.0" }, /its version is/],
  [{ version: "0.2.0-beta.1" }, /is no stable version/],
  [{ commit: "; rm" }, /its commit is/],
  [{ published: "yesterday" }, /its time of publication is "yesterday"/],
  [{ published: "2026-02-31T00:00:00Z" }, /its time of publication/],
  [
    { published: "2026-11-23T00:00:00Z" },
    /it is of 2026-11-23T00:00:00Z, and the clock here says 2026-11-21T12:00:00Z \| set the clock/,
  ],
  [
    { expires: "2026-11-21T12:00:00Z" },
    /it expired on .* and the clock here says 2026-11-21T12:00:00Z \| set the clock if it is wrong/,
  ],
  [{ expires: 1 }, /its time of expiry is 1/],
  [{ published: "2026-11-22T01:00:00Z", expires: "2026-11-22T00:00:00Z" }, /before it is published/],
  [{ files: [] }, /it lists no files/],
  [{ files: { "../x": FILE } }, /it names a target/],
  [{ files: { x: null } }, /the entry of its file for "x" is null/],
  [{ files: { x: { ...FILE, name: "../km" } } }, /the name of its file for "x" is "..\/km"/],
  [{ files: { x: { ...FILE, name: "a\\km" } } }, /the name of its file/],
  [{ files: { x: { ...FILE, name: ".km" } } }, /the name of its file/],
  [{ files: { x: { ...FILE, url: "" } } }, /the address of its file/],
  [{ files: { x: { ...FILE, bytes: 0 } } }, /the size of its file for "x" is 0/],
  [{ files: { x: { ...FILE, bytes: 1e12 } } }, /the size of its file/],
  [{ files: { x: { ...FILE, bytes: 1.5 } } }, /the size of its file/],
  [{ files: { x: { ...FILE, bytes: "1" } } }, /the size of its file/],
  [{ files: { x: { ...FILE, sha256: "A".repeat(64) } } }, /the SHA-256 of its file/],
  [{ files: { x: { ...FILE, sha256: "a".repeat(63) } } }, /the SHA-256 of its file/],
];

Deno.test("readManifest() refuses what is signed and still wrong", async () => {
  verifies("update-signed");
  for (const [change, said] of REFUSED) {
    assert.match(await refusal(read(JSON.stringify({ ...GOOD, ...change }))), said, JSON.stringify(change));
  }
  for (const text of ["", "null", "[]", "{", '"x"']) assert.match(await refusal(read(text)), /it is no JSON/);
  assert.match(await refusal(read(new Uint8Array([0x22, 0xff, 0x22]))), /it is no JSON/);
});

Deno.test("readManifest() is believed a little before its time, for clocks that are behind", async () => {
  assert.equal(
    (await read(JSON.stringify(GOOD), { now: new Date("2026-11-19T01:00:00Z") })).version,
    "0.2.0",
  );
});

Deno.test("readManifest() believes the manifest of one version where one is asked for, and no channel's then", async () => {
  verifies("update-signed", "update-refuses-older");
  const old = { ...GOOD, channel: null, version: "0.1.0-beta.1" };
  assert.deepEqual(await read(JSON.stringify(old), { channel: null }), old);
  assert.match(
    await refusal(read(JSON.stringify(GOOD), { channel: null })),
    /it is of channel "stable", not of one version/,
  );
});

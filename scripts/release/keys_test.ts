import assert from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { missingProgram, testUnless } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import {
  generateKey,
  keyBytes,
  publicKeyOf,
  publicKeyPem,
  readKeys,
  refuseSignatures,
  signBytes,
  signFile,
} from "./keys.ts";
import { allowedSigner } from "./sshsig.ts";

const TEXT = new TextEncoder().encode("what is signed\n");

Deno.test("signBytes() makes the same signatures twice, which only the same bytes and key pass", async () => {
  const { key, privateKeyPem } = await generateKey();
  const other = await generateKey();
  assert.deepEqual(publicKeyOf(privateKeyPem), key);
  assert.notEqual(other.key.id, key.id);
  const signatures = signBytes(TEXT, privateKeyPem);
  assert.deepEqual(signBytes(TEXT, privateKeyPem), signatures);
  assert.match(signatures.sig, new RegExp(`^${key.id} [A-Za-z0-9+/]{86}==\\n$`));

  assert.equal(refuseSignatures(TEXT, signatures, [other.key, key]), null);
  assert.match(refuseSignatures(TEXT, signatures, [other.key]) ?? "", /is not one of the release keys/);
  const changed = TEXT.with(0, 0);
  assert.equal(refuseSignatures(changed, signatures, [key]), "its .sig is of other bytes");
  const mixed = { ...signatures, sshsig: signBytes(changed, privateKeyPem).sshsig };
  assert.equal(refuseSignatures(TEXT, mixed, [key]), "its .sshsig is of other bytes");
  const foreign = { ...signatures, sshsig: signBytes(TEXT, other.privateKeyPem).sshsig };
  assert.match(refuseSignatures(TEXT, foreign, [key]) ?? "", /its \.sshsig is not a signature of key/);
  const claimed = {
    ...signatures,
    sig: signBytes(TEXT, other.privateKeyPem).sig.replace(other.key.id, key.id),
  };
  assert.equal(refuseSignatures(TEXT, claimed, [key]), "its .sig is of other bytes");
  assert.equal(refuseSignatures(TEXT, { ...signatures, sig: "" }, [key]), "its .sig is not a signature");
});

testUnless(
  missingProgram("openssl"),
  "signFile(): openssl verifies .sig, and refuses other bytes",
  async () => {
    verifies("release-files");
    using folder = new TempFolder();
    const { key, privateKeyPem } = await generateKey();
    const file = `${folder.path}/file`;
    await Deno.writeFile(file, TEXT);
    await signFile(file, privateKeyPem);
    const [, base64 = ""] = (await Deno.readTextFile(`${file}.sig`)).trim().split(" ");
    await Deno.writeFile(`${folder.path}/raw`, keyBytes(base64));
    await Deno.writeTextFile(`${folder.path}/key.pem`, publicKeyPem(key));
    const words = ["pkeyutl", "-verify", "-pubin", "-inkey", `${folder.path}/key.pem`, "-rawin", "-in", file];
    const check = () => run("openssl", [...words, "-sigfile", `${folder.path}/raw`]);
    assert.deepEqual(await check(), { code: 0, text: "Signature Verified Successfully\n" });
    await Deno.writeFile(file, TEXT.with(0, 0));
    assert.notEqual((await check()).code, 0);
  },
);

testUnless(
  missingProgram("ssh-keygen"),
  "signFile(): ssh-keygen verifies .sshsig, and refuses other bytes",
  async () => {
    verifies("release-files");
    using folder = new TempFolder();
    const { key, privateKeyPem } = await generateKey();
    const [file, signers] = [`${folder.path}/file`, `${folder.path}/allowed_signers`];
    await Deno.writeFile(file, TEXT);
    await signFile(file, privateKeyPem);
    await Deno.writeTextFile(signers, `${allowedSigner(keyBytes(key.publicKey))}\n`);
    const check = (namespace: string, bytes: Uint8Array<ArrayBuffer>) =>
      run(
        "ssh-keygen",
        ["-Y", "verify", "-f", signers, "-I", "km", "-n", namespace, "-s", `${file}.sshsig`],
        bytes,
      );
    const good = await check("km", TEXT);
    assert.match(good.text, /^Good "km" signature for km with ED25519 key/);
    assert.equal(good.code, 0);
    assert.notEqual((await check("km", TEXT.with(0, 0))).code, 0);
    assert.notEqual((await check("file", TEXT)).code, 0);
  },
);

Deno.test("readKeys() refuses what is no list of keys, and an id that is not its key's", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/keys.json`;
  const { key } = await generateKey();
  await Deno.writeTextFile(path, JSON.stringify([key]));
  assert.deepEqual(await readKeys(path), [key]);
  for (
    const [text, message] of [
      ["{}", /it is no list/],
      ["[", /Cannot use the keys in/],
      ["[null]", /32 bytes in base64/],
      [JSON.stringify([{ ...key, id: "0123456789abcdef" }]), /the id of .* is .*, not 0123456789abcdef/],
    ] as const
  ) {
    await Deno.writeTextFile(path, text);
    await assert.rejects(readKeys(path), message);
  }
});

Deno.test("the keys of the repository are readable", async () => {
  assert.ok(Array.isArray(await readKeys()));
});

Deno.test("publicKeyOf() refuses what is no Ed25519 key, without showing it", () => {
  assert.throws(
    () => publicKeyOf("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"),
    (error: Error) => {
      assert.match(error.message, /it is no Ed25519 private key in PKCS#8 PEM/);
      assert.doesNotMatch(error.message, /c2VjcmV0/);
      return true;
    },
  );
});

async function run(
  program: string,
  args: string[],
  input?: Uint8Array<ArrayBuffer>,
): Promise<{ code: number; text: string }> {
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(input ?? new Uint8Array()).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await output;
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

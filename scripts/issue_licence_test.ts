import assert from "node:assert/strict";
import { verifies } from "../tests/verifies.ts";
import { runKm, TempFolder } from "../tests/e2e/harness.ts";

const decoder = new TextDecoder();

async function issue(
  ...args: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const script = new URL("issue_licence.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, ...args],
  })
    .output();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("issue_licence.ts makes a key and signs a licence that km plugins login takes", async () => {
  verifies("tiers");
  using folder = new TempFolder();
  const [key, keys, token] = ["key.jwk", "keys.json", "token"].map((name) => `${folder.path}/${name}`) as [
    string,
    string,
    string,
  ]; // as: three in, three out
  const made = await issue("keygen", "--issuer", "acme", "--key", key);
  assert.equal(made.code, 0, made.err);
  Deno.writeTextFileSync(keys, made.out);
  assert.equal("d" in JSON.parse(made.out).keys[0], false, "the secret part stays in its file");
  if (Deno.build.os !== "windows") assert.equal((Deno.statSync(key).mode ?? 0) & 0o777, 0o600);
  const signed = await issue(
    "sign",
    "--key",
    key,
    "--customer",
    "c-42",
    "--tier",
    "pro",
    "--plugin",
    "tool-guard",
  );
  assert.equal(signed.code, 0, signed.err);
  Deno.writeTextFileSync(token, signed.out);
  const home = { home: `${folder.path}/home`, env: { KM_PLUGINS_LICENCE_KEYS: keys } };
  const { code, out, err } = await runKm(["plugins", "login", "--token-file", token, "--json"], home);
  assert.equal(code, 0, err);
  const { state, tier, customerId, plugins } = JSON.parse(out);
  assert.deepEqual([state, tier, customerId, plugins], ["valid", "pro", "c-42", ["tool-guard"]]);
  // A key is never overwritten, and an order that is not whole is not signed.
  assert.notEqual((await issue("keygen", "--issuer", "acme", "--key", key)).code, 0);
  for (
    const words of [["sign"], ["sign", "--key", key], [
      "sign",
      "--key",
      key,
      "--customer",
      "c",
      "--tier",
      "gold",
    ]]
  ) {
    const { code, err } = await issue(...words);
    assert.deepEqual([code, /^issue_licence: --/.test(err)], [2, true]);
  }
});

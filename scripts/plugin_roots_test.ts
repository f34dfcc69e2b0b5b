import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { TempPluginHome } from "../tests/fakes/plugin_home.ts";
import { testPublisher } from "../tests/fakes/plugin_packages.ts";
import { verifies } from "../tests/verifies.ts";
import { KmError } from "../src/core/error.ts";
import { generateKey, publicKeyPem } from "../src/plugins/package/signature.ts";
import { Shape } from "../src/plugins/shape.ts";
import { followRegistry } from "../src/plugins/trust/registry.ts";
import { readTrust } from "../src/plugins/trust/revocations.ts";
import { readRootKeys } from "../src/plugins/trust/roots.ts";
import { run } from "./plugin_roots.ts";

Deno.test("plugin_roots.ts makes keys, statements and indexes that a km follows", async () => {
  verifies("trust-roots", "plugins-registry");
  using home = new TempPluginHome();
  home.nowMs = Date.now();
  const top = home.userHome;
  const roots = `${top}/roots.json`;
  await Deno.writeTextFile(roots, '{ "threshold": 1, "keys": [] }');
  match(
    (await run(["keygen", "--out", `${top}/keys`, "--roots", roots])).join("\n"),
    /2 of these 3 sign a statement/,
  );
  await rejects(run(["keygen", "--out", `${top}/keys`, "--roots", roots]), /has some already/);
  const keys = [...Deno.readDirSync(`${top}/keys`)].map(({ name }) => `${top}/keys/${name}`);
  home.roots = readRootKeys(Shape.parse(await Deno.readTextFile(roots)));
  equal(home.roots.keys.length, 3);

  const registry = await generateKey("Ed25519");
  await Deno.writeTextFile(`${top}/registry.pem`, registry.privateKeyPem, { mode: 0o600 });
  await Deno.writeTextFile(`${top}/registry.pub`, publicKeyPem(registry.publicKey));
  const acme = await testPublisher();
  await Deno.writeTextFile(`${top}/acme.pub`, publicKeyPem(acme.publicKey));
  const statement = `${top}/statement.json`;
  const published = `${home.packages}/roots.json`;
  const stolen = "ab".repeat(32);
  await run([
    "draft",
    statement,
    "--roots",
    roots,
    "--registry",
    `${top}/registry.pub`,
    "--publisher",
    `Acme=${top}/acme.pub`,
  ]);
  await run(["sign", statement, "--key", keys[0] ?? ""]);
  await rejects(
    run(["publish", statement, "--to", published, "--roots", roots]),
    (error) =>
      error instanceof KmError && /no statement is signed by 2 of the 3 root keys/.test(error.message),
  );
  await run(["sign", statement, "--key", keys[2] ?? ""]);
  await run(["publish", statement, "--to", published, "--roots", roots]);
  // The next one goes on where this one ended.
  await run([
    "draft",
    statement,
    "--roots",
    roots,
    "--from",
    published,
    "--revoke-key",
    `${stolen}=it was stolen`,
  ]);
  for (const key of keys.slice(1)) await run(["sign", statement, "--key", key]);
  await run(["publish", statement, "--to", published, "--roots", roots]);

  await home.packageOf(acme);
  const said = await run([
    "index",
    home.packages,
    "--key",
    `${top}/registry.pem`,
    "--roots",
    roots,
    "--name",
    "ours",
  ]);
  match(said.join("\n"), /^quiet {2}1\.2\.0\nindex 1 of "ours"/);
  const { registry: known, isFirst } = await followRegistry(home.home, home.packages);
  deepEqual([known.by, isFirst, known.index.rootsSequence], ["roots", false, 2]);
  const trust = await readTrust(home.paths, home.roots);
  equal(trust.whyRevoked(stolen, null), "it was stolen");
  deepEqual(trust.rootKeysOf("Acme").map(({ id }) => id), [acme.publicKey.id]);
  equal((await home.plan("quiet", { registry: home.packages })).publisher.standing, "roots");
});

Deno.test("plugin_roots.ts keeps private keys out of repositories, and says what a command line lacks", async () => {
  verifies("trust-roots");
  await rejects(
    run(["keygen", "--out", new URL("keys", import.meta.url).pathname]),
    /it lies in the repository/,
  );
  await rejects(run(["keygen"]), /No --out was given/);
  await rejects(run(["nothing"]), /Unknown verb "nothing"/);
  await rejects(run(["draft"]), /it takes 1 file or folder/);
  match((await run(["--help"])).join(), /hand-over/);
});

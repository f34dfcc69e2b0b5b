/** What a user agrees to when a plugin is installed, at a terminal and without one. @module */
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import type { Manifest, Permissions } from "../../src/plugins/manifest.ts";
import { generateKey } from "../../src/plugins/package/signature.ts";
import { packageOfManifest, signedPackage, testManifest } from "../fakes/plugin_packages.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { decode, type Ended, runKm, TempFolder } from "./harness.ts";
import { answer, atTerminal } from "./terminal.ts";

const KEY = await generateKey("Ed25519");
const OTHER_KEY = await generateKey("Ed25519");
const NO_TERMINAL = unlessOs("linux") ?? missingProgram("script");

const WANTED: Permissions = {
  net: ["api.example.com:443"],
  read: [],
  write: [],
  env: [],
  data: { servers: ["*"], methods: ["*"], directions: ["client_to_server"], payload: "redacted" },
};
const ALL = [
  "net=api.example.com:443",
  "servers=*",
  "methods=*",
  "directions=client_to_server",
  "payload=redacted",
];
const GRANTS = ALL.flatMap((token) => ["--grant", token]);
/** The next release, which wants a variable too. */
const NEXT: Partial<Manifest> = {
  version: "1.3.0",
  releaseSequence: 13,
  permissions: { ...WANTED, env: ["ACME_TOKEN"] },
};

class Home implements Disposable {
  readonly #folder = new TempFolder();
  readonly path = `${this.#folder.path}/home`;

  async package(change: Partial<Manifest> = {}, key = KEY): Promise<string> {
    const path = `${this.#folder.path}/${crypto.randomUUID()}.kmpkg`;
    await Deno.writeFile(path, await signedPackage(key, { permissions: WANTED, ...change }));
    return path;
  }

  km(...args: string[]): Promise<Ended> {
    return runKm(["plugins", ...args], { home: this.path });
  }

  async list(): Promise<Record<string, unknown>[]> {
    const { out } = await this.km("list", "--json");
    return out.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  }

  async versions(): Promise<unknown[]> {
    return (await this.list()).map(({ version, waitingVersion }) => [version, waitingVersion]);
  }

  [Symbol.dispose](): void {
    open(`${this.path}/plugins`);
    this.#folder[Symbol.dispose]();
  }
}

/** Installed files lie in folders that are closed for writing. */
function open(folder: string): void {
  try {
    for (const entry of Deno.readDirSync(folder)) {
      if (!entry.isDirectory) continue;
      Deno.chmodSync(`${folder}/${entry.name}`, 0o700);
      open(`${folder}/${entry.name}`);
    }
  } catch {
    // There is none.
  }
}

Deno.test("without a terminal nothing is installed that was not spelled, and the exact command is printed", async () => {
  verifies("consent", "plugins-commands");
  using home = new Home();
  const file = await home.package();
  const { code, out, err } = await home.km("install", file);
  deepStrictEqual([code, out], [26, ""]);
  match(err, /It would be allowed to:\n {2}HIGH {4}Connect to api\.example\.com/);
  const hint = /^km: hint: if it may do all that: (km plugins install .*)$/m.exec(err)?.[1] ?? "";
  equal(
    hint,
    `km plugins install ${file} ${
      ALL.map((token) => `--grant ${token.includes("*") ? `'${token}'` : token}`).join(" ")
    }`,
  );
  deepStrictEqual(await home.list(), []);
  // The command does it, as a shell reads it.
  const words = hint.split(" ").slice(2).map((word) => word.replaceAll("'", ""));
  const done = await home.km(...words);
  deepStrictEqual([done.code, done.out], [0, ""], done.err);
  match(done.err, /installed quiet 1\.2\.0; it runs while km monitor does\n/);
  deepStrictEqual(await home.versions(), [["1.2.0", null]]);
});

Deno.test("part of what a plugin wants is not enough, unless --fewer says so; what it does not want cannot be granted", async () => {
  verifies("consent");
  using home = new Home();
  const file = await home.package();
  const some = ["--grant", "servers=*", "--grant", "methods=*", "--grant", "directions=client_to_server"];
  const part = await home.km("install", file, ...some);
  equal(part.code, 26);
  match(part.err, /it was not granted net=api\.example\.com:443, payload=redacted, and there is no terminal/);
  const unasked = await home.km("install", file, "--grant", "env=HOME");
  deepStrictEqual([unasked.code, (await home.list()).length], [2, 0]);
  match(unasked.err, /Cannot grant env=HOME: "quiet" does not ask for it/);
  const yes = await home.km("install", file, "--yes");
  equal(yes.code, 2);
  match(yes.err, /Unknown flag "--yes"/);
  const fewer = await home.km("install", file, ...some, "--fewer", "--json");
  const { outcome, grants, missing } = JSON.parse(fewer.out);
  deepStrictEqual([fewer.code, outcome, grants], [0, "installed", some.filter((word) => word !== "--grant")]);
  deepStrictEqual(missing, ["net=api.example.com:443", "payload=redacted"]);
  const again = await home.km("install", file, ...some, "--fewer");
  match(
    again.err,
    /was not granted net=api\.example\.com:443, payload=redacted: "km plugins grant quiet"\n$/,
  );
});

Deno.test("an update that wants more waits without a terminal, and takes over once the difference is granted", async () => {
  verifies("consent", "consent-update");
  using home = new Home();
  equal((await home.km("install", await home.package(), ...GRANTS)).code, 0);
  const update = await home.km("install", await home.package(NEXT));
  equal(update.code, 26);
  match(update.err, /quiet 1\.3\.0 waits: it was not granted env=ACME_TOKEN; 1\.2\.0 goes on\n/);
  match(update.err, /hint: if it may do all that: km plugins grant quiet --grant env=ACME_TOKEN\n/);
  deepStrictEqual(await home.versions(), [["1.2.0", "1.3.0"]]);
  const asked = await home.km("grant", "quiet");
  equal(asked.code, 26);
  match(asked.err, /HIGH {4}Read the environment variable ACME_TOKEN/);
  const granted = await home.km("grant", "quiet", "--grant", "env=ACME_TOKEN", "--json");
  deepStrictEqual([granted.code, JSON.parse(granted.out).outcome], [0, "updated"]);
  deepStrictEqual(await home.versions(), [["1.3.0", null]]);
});

testUnless(NO_TERMINAL, "at a terminal Enter alone is no, and yes installs what was shown", async () => {
  verifies("consent");
  using home = new Home();
  const file = await home.package();
  for (const [typed, code, count] of [["", 26, 0], ["n", 26, 0], ["y", 0, 1]] as const) {
    await using terminal = atTerminal(["plugins", "install", file], { home: home.path });
    await answer(terminal, "Allow all of this, and install quiet 1.2.0? [y/N] ", typed);
    const ended = await terminal.ended();
    deepStrictEqual([ended.code, (await home.list()).length], [code, count], ended.out);
    match(ended.out, /seen here for the first time: compare it/);
    for (const token of ALL) ok(ended.out.includes(token), token);
  }
});

testUnless(
  NO_TERMINAL,
  "at a terminal an update shows what is new; no leaves the version before, yes takes it",
  async () => {
    verifies("consent", "consent-update");
    using home = new Home();
    equal((await home.km("install", await home.package(), ...GRANTS)).code, 0);
    const next = await home.package(NEXT);
    for (const [typed, versions] of [["", [["1.2.0", "1.3.0"]]], ["y", [["1.3.0", null]]]] as const) {
      await using terminal = atTerminal(["plugins", "install", next], { home: home.path });
      await answer(terminal, "? [y/N] ", typed);
      const { out } = await terminal.ended();
      match(out, /Beyond what you granted to 1\.2\.0, it would be allowed to:/);
      ok(!out.includes("Connect to api.example.com on"), "what was granted is not asked again");
      deepStrictEqual(await home.versions(), versions);
    }
  },
);

testUnless(
  NO_TERMINAL,
  "a hostile package name, description or permission cannot steer the terminal",
  async () => {
    verifies("consent");
    using home = new Home();
    const hostile = "\u202etxt.exe\u2066\x1b[2J\x9b31m \u200bApproved by km";
    const changes: readonly Partial<Manifest>[] = [
      { name: hostile },
      { description: hostile },
      { publisher: hostile },
      { permissions: { ...WANTED, data: { ...WANTED.data, servers: [hostile] } } },
    ];
    for (const change of changes) {
      const manifest = { ...testManifest({ permissions: WANTED }), ...change };
      const file = `${home.path}.kmpkg`;
      await Deno.writeFile(file, await packageOfManifest(KEY, JSON.stringify(manifest)));
      await using terminal = atTerminal(["plugins", "install", file], { home: home.path });
      const { code, out } = await terminal.ended();
      equal(code, 23, out);
      ok(/km: error: Cannot accept the /.test(out), out);
      // deno-lint-ignore no-control-regex -- they are what must not be there
      ok(!/[\u202a-\u202e\u2066-\u2069\u200b\x1b\x9b]/.test(out), JSON.stringify(out));
    }
  },
);

Deno.test("a key that changed is refused loudly, and taken only when its fingerprint is named", async () => {
  verifies("consent", "trust-pins");
  using home = new Home();
  equal((await home.km("install", await home.package(), ...GRANTS)).code, 0);
  const forged = await home.package({ version: "1.4.0", releaseSequence: 14 }, OTHER_KEY);
  const refused = await home.km("install", forged, ...GRANTS);
  equal(refused.code, 23);
  match(refused.err, /THE KEY OF "Acme" IS ANOTHER ONE\. Known here: [0-9a-f]{4} /);
  deepStrictEqual(await home.versions(), [["1.2.0", null]]);
  const { id } = OTHER_KEY.publicKey;
  const taken = await home.km("install", forged, "--accept-new-key", id, "--json", ...GRANTS);
  const { outcome, keyStanding, warnings } = JSON.parse(taken.out);
  deepStrictEqual([taken.code, outcome, keyStanding, warnings.length], [0, "updated", "accepted", 1]);
});

Deno.test("an older release is refused, and --allow-downgrade says what it risks", async () => {
  verifies("consent", "trust-rollback");
  using home = new Home();
  const old = await home.package();
  equal(
    (await home.km("install", await home.package({ version: "1.3.0", releaseSequence: 13 }), ...GRANTS)).code,
    0,
  );
  const refused = await home.km("install", old, ...GRANTS);
  equal(refused.code, 23);
  match(refused.err, /it is a downgrade: release 12, and release 13 was installed here/);
  const taken = await home.km("install", old, "--allow-downgrade", ...GRANTS);
  equal(taken.code, 0);
  match(decode(taken.stderr), /^! This is a step back, from 1\.3\.0/m);
});

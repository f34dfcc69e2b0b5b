import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { DAY_MS, NOON_MS, TempPluginHome } from "../../../tests/fakes/plugin_home.ts";
import { strangePublisher, testPublisher } from "../../../tests/fakes/plugin_packages.ts";
import { rootKeys, rootStatement, TestRegistry, timeText } from "../../../tests/fakes/plugin_registry.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import { generateKey, type SigningKey } from "../package/signature.ts";
import { readPluginsLock } from "./lock_file.ts";
import { loadInstalled } from "./installed.ts";
import { setEnabled } from "./manage.ts";
import { refresh } from "./refresh.ts";
import { followRegistry } from "./registry.ts";
import { readTrust } from "./revocations.ts";
import { BUILT_IN_ROOTS } from "./roots.ts";

async function refused(work: Promise<unknown>, reason: RegExp): Promise<void> {
  await rejects(
    work,
    (error) => error instanceof KmError && error.code === "not_trusted" && reason.test(error.message),
    String(reason),
  );
}

interface Place extends Disposable {
  readonly home: TempPluginHome;
  readonly registry: TestRegistry;
  /** Two are built in, and both have to sign. */
  readonly roots: readonly [SigningKey, SigningKey];
}

async function place(): Promise<Place> {
  const home = new TempPluginHome();
  const roots = [await generateKey("Ed25519"), await generateKey("Ed25519")] as const;
  home.roots = rootKeys(2, ...roots);
  const registry = new TestRegistry(home.packages, await generateKey("Ed25519"));
  return { home, registry, roots, [Symbol.dispose]: () => home[Symbol.dispose]() };
}

async function newest(home: TempPluginHome): Promise<number | null> {
  return (await readTrust(home.paths, home.roots, home.nowMs)).chain.newest?.sequence ?? null;
}

Deno.test("no root keys are built in until the project has made some: then no statement is believed", async () => {
  verifies("trust-roots");
  deepEqual(BUILT_IN_ROOTS.keys.filter(({ id }) => !/^[0-9a-f]{64}$/.test(id)), []);
  using one = await place();
  const { home, registry, roots } = one;
  await registry.say(rootStatement(home.roots), roots);
  await registry.publish({ rootsSequence: 1 });
  home.roots = rootKeys(1);
  await followRegistry(home.home, registry.folder);
  equal(await newest(home), null);
});

Deno.test("a statement needs the signatures of as many roots as were agreed on", async () => {
  verifies("trust-roots");
  using one = await place();
  const { home, registry, roots: [first, second] } = one;
  await registry.publish({ rootsSequence: 1 });
  await refused(
    followRegistry(home.home, registry.folder).catch((error) => {
      // It announces a statement and has none.
      equal(error.code, "not_found");
      throw new KmError("not_trusted", "no statement");
    }),
    /no statement/,
  );
  await registry.say(rootStatement(home.roots), [first]);
  await refused(followRegistry(home.home, registry.folder), /no statement is signed by 2 of the 2 root keys/);
  await registry.say(rootStatement(home.roots), [first, first]);
  await refused(followRegistry(home.home, registry.folder), /no statement is signed by 2/);
  await registry.say(rootStatement(home.roots), [first, await strangePublisher()]);
  await refused(followRegistry(home.home, registry.folder), /no statement is signed by 2/);
  equal(await newest(home), null, "nothing was taken over");
  await registry.say(rootStatement(home.roots), [first, second]);
  await followRegistry(home.home, registry.folder);
  equal(await newest(home), 1);
});

Deno.test("a revoked key turns its plugins off, with the reason, and nothing of it is installed any more", async () => {
  verifies("trust-roots");
  using one = await place();
  const { home, registry, roots } = one;
  const key = await testPublisher();
  const file = await home.packageOf(key);
  await registry.publish();
  const options = home.options({ registry: registry.folder });
  const { plugin } = await home.install("quiet", options);
  await loadInstalled(home.paths, plugin, home.roots);
  const reason = "the key was stolen";
  await registry.say(rootStatement(home.roots, { revokedKeys: [{ id: key.publicKey.id, reason }] }), roots);
  await registry.publish({ rootsSequence: 1 });
  const { plugins } = await refresh(home.home, options);
  deepEqual(plugins.map(({ outcome, detail }) => [outcome, detail]), [["revoked", reason]]);
  const [off] = readPluginsLock(home.paths).plugins;
  deepEqual([off?.enabled, off?.disabledBecause], [false, `revoked: ${reason}`]);
  await refused(loadInstalled(home.paths, plugin, home.roots), /it was revoked: the key was stolen/);
  await refused(setEnabled(home.home, "quiet", true), /it was revoked/);
  await refused(home.plan(file), /it was revoked/);
  await refused(home.plan(file, { acceptNewKey: key.publicKey.id }), /it was revoked/);
});

Deno.test("roots rotate a publisher's key: the new one is believed without a question, the old one no more", async () => {
  verifies("trust-roots");
  using one = await place();
  const { home, registry, roots } = one;
  const [old, fresh] = [await testPublisher(), await strangePublisher()];
  await home.install(await home.packageOf(old));
  const update = { version: "1.3.0", releaseSequence: 13 };
  const byNew = await home.packageOf(fresh, update);
  await refused(home.plan(byNew), /THE KEY OF "Acme" IS ANOTHER ONE/);
  const publishers = [{ publisher: "Acme", keys: [fresh.publicKey] }];
  await registry.say(rootStatement(home.roots, { publishers }), roots);
  await registry.publish({ rootsSequence: 1 });
  await followRegistry(home.home, registry.folder);
  const plan = await home.plan(byNew);
  deepEqual([plan.publisher.standing, plan.publisher.before?.id], ["roots", old.publicKey.id]);
  await home.install(byNew);
  const byOld = await home.packageOf(old, { version: "1.4.0", releaseSequence: 14 });
  await refused(home.plan(byOld), /km's root keys says? that the key of "Acme" is/);
  await refused(home.plan(byOld, { acceptNewKey: old.publicKey.id }), /root keys/);
  // What they said does not hold for ever.
  home.nowMs = NOON_MS + 91 * DAY_MS;
  const report = await refresh(home.home, home.options());
  match(report.warnings.join(), /The root statements expired on 2027-02-19/);
  equal((await home.plan(byNew)).publisher.standing, "same");
});

Deno.test("an expired statement vouches for nobody, and what it revoked stays revoked", async () => {
  verifies("trust-roots", "trust-rollback");
  using one = await place();
  const { home, registry, roots } = one;
  const [vouched, revoked] = [await testPublisher(), await strangePublisher()];
  await registry.say(
    rootStatement(home.roots, {
      publishers: [{ publisher: "Acme", keys: [vouched.publicKey] }],
      revokedKeys: [{ id: revoked.publicKey.id, reason: "stolen" }],
    }),
    roots,
  );
  await registry.publish({ rootsSequence: 1 });
  await followRegistry(home.home, registry.folder);
  home.nowMs = NOON_MS + 91 * DAY_MS;
  await refused(home.plan(await home.packageOf(vouched)), /what km's root keys say of "Acme" expired/);
  await refused(home.plan(await home.packageOf(revoked, { publisher: "Globex" })), /it was revoked: stolen/);
});

Deno.test("roots hand over to other roots, and a km that has only the old ones built in follows", async () => {
  verifies("trust-roots");
  using one = await place();
  const { home, registry, roots } = one;
  const next = [await generateKey("Ed25519"), await generateKey("Ed25519")] as const;
  const nextRoots = rootKeys(1, ...next);
  await registry.say(rootStatement(home.roots), roots);
  // The new ones have to agree as well: nobody is locked out by a typing error.
  await registry.say(rootStatement(nextRoots, { sequence: 2 }), roots);
  await registry.publish({ rootsSequence: 2 });
  await refused(
    followRegistry(home.home, registry.folder),
    /statement 2 is not signed by 1 of the 2 root keys of its own/,
  );
  const handed = new TestRegistry(registry.folder, registry.key);
  await handed.say(rootStatement(home.roots), roots);
  await handed.say(rootStatement(nextRoots, { sequence: 2 }), [...roots, next[1]]);
  await handed.say(rootStatement(nextRoots, { sequence: 3, registries: [registry.key.publicKey] }), [
    next[0],
  ]);
  await handed.say(rootStatement(nextRoots, { sequence: 4, registries: [registry.key.publicKey] }), [
    next[1],
  ]);
  await registry.publish({ rootsSequence: 4 });
  const { registry: known } = await followRegistry(home.home, registry.folder);
  deepEqual([await newest(home), known.by], [4, "roots"]);
  const kept = JSON.parse(await Deno.readTextFile(`${home.paths.trust}/roots.json`)) as {
    statements: unknown[];
  };
  equal(kept.statements.length, 2, "only what changed the roots, and the newest");
  // The old roots have no say any more.
  await handed.say(rootStatement(home.roots, { sequence: 5 }), roots);
  await registry.publish({ rootsSequence: 5 });
  await refused(
    followRegistry(home.home, registry.folder),
    /statement 5 is not signed by 1 of the 2 root keys/,
  );
  // A newer km has the new ones built in.
  home.roots = nextRoots;
  equal(await newest(home), 4);
});

Deno.test("statements are never taken back by older ones", async () => {
  verifies("trust-roots", "trust-rollback");
  using one = await place();
  const { home, registry, roots } = one;
  await registry.say(rootStatement(home.roots, { sequence: 7 }), roots);
  await registry.publish({ rootsSequence: 7 });
  await followRegistry(home.home, registry.folder);
  const older = new TestRegistry(registry.folder, registry.key);
  await older.say(rootStatement(home.roots, { sequence: 6 }), roots);
  await registry.publish({ rootsSequence: 6 });
  await followRegistry(home.home, registry.folder);
  equal(await newest(home), 7);
  await registry.publish({ rootsSequence: 8 });
  await refused(followRegistry(home.home, registry.folder), /it announces root statement 8, and has 6/);
  await registry.say(rootStatement(home.roots, { sequence: 7 }), roots);
  await refused(followRegistry(home.home, registry.folder), /statement 7 follows statement 7/);
});

Deno.test("a statement without end, of another form, or with more is refused", async () => {
  verifies("trust-roots");
  using one = await place();
  const { home, registry, roots } = one;
  const cases = [
    [rootStatement(home.roots, { expires: timeText(NOON_MS + 1000 * DAY_MS) }), /not within 400 days/],
    [rootStatement({ threshold: 3, keys: home.roots.keys }), /asks for more keys than there are/],
    [rootStatement({ threshold: 1, keys: [] }), /names no keys/],
    [{ ...rootStatement(home.roots), more: 1 }, /more is unknown/],
  ] as const;
  await registry.publish({ rootsSequence: 1 });
  for (const [statement, reason] of cases) {
    await new TestRegistry(registry.folder, registry.key).say(statement, roots);
    await refused(followRegistry(home.home, registry.folder), reason);
  }
});

Deno.test("what was revoked is not forgotten by a broken file: nothing runs until it is put right", async () => {
  verifies("trust-roots");
  using one = await place();
  const { home, registry, roots } = one;
  await home.packageOf(await testPublisher());
  await registry.say(rootStatement(home.roots), roots);
  await registry.publish({ rootsSequence: 1 });
  const { plugin } = await home.install("quiet", { registry: registry.folder });
  for (const name of ["roots.json", "registries.json"]) {
    const path = `${home.paths.trust}/${name}`;
    const good = await Deno.readTextFile(path);
    for (const broken of ["{", good.replace("km plugin", "km plug-in"), good.replace('"keyId"', '"keyid"')]) {
      await Deno.writeTextFile(path, broken);
      await rejects(
        loadInstalled(home.paths, plugin, home.roots),
        (error) =>
          error instanceof KmError && error.code === "not_trusted" &&
          error.hint?.includes("km plugins refresh"),
        `${name} ${broken.slice(0, 20)}`,
      );
    }
    await Deno.writeTextFile(path, good);
  }
  await loadInstalled(home.paths, plugin, home.roots);
});

import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { denoPackage, DenoRegistry } from "../../../tests/fakes/deno_registry.ts";
import { verifies } from "../../../tests/verifies.ts";
import { DENO_VERSION } from "../../proc/deno_pins.ts";
import type { DenoPlaces } from "../../proc/deno_runtime.ts";
import type { Check } from "./check.ts";
import { fixAll, onlyNeeded } from "./fix.ts";
import { runtimeChecks } from "./runtime_check.ts";

const NAME = Deno.build.os === "windows" ? "package/deno.exe" : "package/deno";
const PACKED = denoPackage(crypto.getRandomValues(new Uint8Array(5000)), NAME);

/** A compiled km's places, with nothing in them. */
function compiledPlaces(home: string): DenoPlaces {
  return {
    chosen: null,
    own: null,
    folder: `${home}/runtime`,
    target: Deno.build.target,
    pin: PACKED.pin,
    embedded: null,
    onPath: [],
    env: {},
  };
}

async function firstCheck(
  places: DenoPlaces,
  registry: string | null,
  isNeeded = false,
): Promise<Check> {
  const [check] = await runtimeChecks(places, registry, isNeeded);
  ok(check);
  return check;
}

Deno.test("the doctor says why there is no Deno for plugins, which is no fault, and downloads Deno only when that is asked for", async () => {
  verifies("doctor-fix", "runtime-download");
  using home = new TempFolder();
  await using registry = new DenoRegistry(PACKED.tarball, DENO_VERSION);
  const places = compiledPlaces(home.path);
  const off = await firstCheck(places, registry.url);
  deepStrictEqual([off.check, off.status], ["plugins.runtime", "ok"]);
  match(
    off.detail,
    /^none for plugins, and none is on; all else works: km's own: .*; copy: there is no .*; embedded: .*; PATH: /,
  );
  match(
    off.repair?.does ?? "",
    /^download Deno [\d.]+ for plugins, about 42\.0 MB, from 127\.0\.0\.1:\d+ into /,
  );

  equal(onlyNeeded(off).repair, null, "nobody is asked who did not name it");
  const needed = await firstCheck(places, registry.url, true);
  equal(needed.status, "warn");
  match(needed.detail, /^plugins are off, all else works: km's own: /);
  equal(onlyNeeded(needed).repair?.onlyAsked, true, "who has plugins is asked");

  const [left] = await fixAll([off], { kind: "yes", named: [] }, () => {});
  deepStrictEqual([left?.kind, registry.server.requests], ["left", []]);
  const [done] = await fixAll([off], { kind: "yes", named: ["plugins.runtime"] }, () => {});
  equal(done?.kind, "done", done?.text);
  const ready = await firstCheck(places, registry.url);
  deepStrictEqual([ready.status, ready.repair], ["ok", null]);
  match(ready.detail, /^Deno [\d.]+, km's own copy: /);
});

Deno.test("the doctor says why Deno could not be downloaded, and nothing is installed", async () => {
  verifies("doctor-fix", "runtime-download");
  using home = new TempFolder();
  await using registry = new DenoRegistry(PACKED.tarball, DENO_VERSION);
  registry.server.misbehave(registry.path, { kind: "missing" });
  const places = compiledPlaces(home.path);
  for (
    const [url, text] of [[registry.url, /there is no such file \(404\)$/], [
      null,
      /no npm registry is known$/,
    ]] as const
  ) {
    const off = await firstCheck(places, url);
    const [outcome] = await fixAll([off], { kind: "ask", ask: () => true }, () => {});
    equal(outcome?.kind, "failed");
    match(outcome?.text ?? "", text);
    ok(outcome?.hint);
    ok((await firstCheck(places, url)).repair);
  }
});

Deno.test("the doctor removes what a download that was killed has left, and nothing while another downloads", async () => {
  verifies("doctor-fix");
  using home = new TempFolder();
  const places = compiledPlaces(home.path);
  const folder = `${places.folder}/deno-${DENO_VERSION}-${places.target}`;
  const left = `${folder}/.deno.${crypto.randomUUID()}`;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(left, "half of it");
  const names = async () => (await runtimeChecks(places, null, false)).map(({ check }) => check);
  {
    using lock = await Deno.open(`${places.folder}/lock`, { write: true, create: true });
    await lock.lock(true);
    deepStrictEqual(await names(), ["plugins.runtime"]);
  }
  deepStrictEqual(await names(), ["plugins.runtime", "plugins.runtime.leftovers"]);
  const checks = await runtimeChecks(places, null, false);
  await fixAll(checks.slice(1), { kind: "yes", named: [] }, () => {});
  deepStrictEqual([...Deno.readDirSync(folder)], []);
  deepStrictEqual(await names(), ["plugins.runtime"]);
});

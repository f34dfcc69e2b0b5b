/** What `deno info` finds is what a bundle holds, and every address in it leads to a file of it. @module */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ROOT, TempFolder } from "../../tests/e2e/harness.ts";
import { TEST_BUILD, TestBundle } from "../../tests/bundle.ts";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { ASSETS, BUILD_MODULE, type Entry, INSTEAD, workerFiles, WORKERS } from "./bundle.ts";
import { dashboardPackages, LICENSES_FILE, packagesOf } from "./licenses.ts";
import { filesIn, payloadHash } from "./payload_hash.ts";
import { runDeno } from "./run_deno.ts";

/** Loaded by `import()` with a variable: the modules that stand in for these name them literally. */
const LOADED_LATE = ["src/daemon/daemon.ts", "src/client/client.ts"];

Deno.test("bundleApp() takes in every module and package that deno info finds", async () => {
  verifies("build-graph-complete");
  for (const entry of ["main.ts", "src/cli/portable_main.ts"] as const) {
    using bundle = await TestBundle.make(entry);
    const { modules, packages } = await graphOf(entry);
    const sources = new Set(bundle.sources);
    const absent = modules.filter((path) => !sources.has(path) && !vanishes(path));
    assert.deepEqual(absent.map((path) => path.slice(ROOT.length)), [], entry);
    const bundled = packagesOf(bundle.sources).map(({ name, version }) => `${name}@${version}`);
    assert.deepEqual(packages.filter((name) => !bundled.includes(name)), [], entry);
    const foreign = bundle.sources.filter((path) => path.startsWith(ROOT) && !modules.includes(path));
    assert.deepEqual(foreign, [], "nothing that deno info does not find");
  }
});

Deno.test("a bundle has no import of a variable, no address outside of it, no native addon", async () => {
  verifies("build-graph-complete");
  using bundle = await TestBundle.make();
  const files = new Set(await filesIn(bundle.folder));
  for (const worker of workerFiles()) assert.ok(files.has(worker), worker);
  for (const name of files) assert.doesNotMatch(name, /\.node$/);
  for (const name of [...files].filter((name) => name.endsWith(".js") && !name.includes("/"))) {
    const code = await Deno.readTextFile(`${bundle.folder}/${name}`);
    for (const [, address = ""] of code.matchAll(/\b(?:from|import|import\()"([^"\s$]+)"/g)) {
      if (!address.startsWith("node:")) assert.ok(files.has(address.slice(2)), `${name} imports ${address}`);
    }
    for (const [, address = ""] of code.matchAll(/(?:new URL|import\.meta\.resolve)\(["`](\.[^"`]*)["`]/g)) {
      assert.ok(leadsInside(address, files), `${name} has the address ${address}`);
    }
    // Texts of plugins that try to import are no imports; neither are comments.
    const own = /^(run_doctor|hostile_suite)-/.test(name) ? "" : code.replaceAll(/^\s*(?:\/\/|\*).*$/gm, "");
    assert.doesNotMatch(own, /[^.\w`]import\((?!")/, `${name} imports what only a variable names`);
    assert.doesNotMatch(own, /process\.dlopen|node-gyp-build|prebuilds|\.node"/, name);
  }
});

Deno.test("a bundle's assets are those of the checkout, byte for byte", async () => {
  verifies("build-graph-complete");
  using bundle = await TestBundle.make();
  for (const [from, to] of Object.entries(ASSETS)) {
    for (const name of await filesIn(`${ROOT}${from}`)) {
      const [wanted, got] = [`${ROOT}${from}/${name}`, `${bundle.folder}/${to}/${name}`];
      assert.deepEqual(await Deno.readFile(got), await Deno.readFile(wanted), got);
    }
  }
});

testUnless(
  unlessOs("linux", "darwin"),
  "bundleApp() makes the same of the same, from another checkout with another cache too",
  async () => {
    verifies("build-reproducible");
    using here = await TestBundle.make();
    using elsewhere = new TempFolder();
    const { npmCache } = JSON.parse(await runDeno(["info", "--json"], ROOT)) as { npmCache: string };
    const copies = ["src", "proto", "plugins", "scripts", "main.ts", "deno.json", "deno.lock"];
    const places = [elsewhere.path, `${elsewhere.path}/cache`, `${elsewhere.path}/checkout/deeper`];
    for (const place of places) await Deno.mkdir(place, { recursive: true });
    const checkout = places[2] ?? "";
    await run("cp", "-r", ...copies.map((name) => `${ROOT}${name}`), checkout);
    await run("cp", "-r", npmCache, `${places[1]}/npm`);
    const code = `import { bundleApp } from ${JSON.stringify(`file://${checkout}/scripts/build/bundle.ts`)};
    const build = JSON.parse(Deno.args[1]); await bundleApp(Deno.args[0], "main.ts", build);`;
    await Deno.writeTextFile(`${checkout}/build_it.ts`, code);
    const made = `${elsewhere.path}/app`;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "build_it.ts", made, JSON.stringify(TEST_BUILD)],
      cwd: checkout,
      env: { DENO_DIR: `${places[1]}` },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.deepEqual((await filesIn(made)).sort(), (await filesIn(here.folder)).sort());
    assert.equal(await payloadHash(made), await payloadHash(here.folder));
  },
);

Deno.test("a bundle carries the notices of every package in it, and Deno's", async () => {
  using bundle = await TestBundle.make();
  const text = await Deno.readTextFile(`${bundle.folder}/${LICENSES_FILE}`);
  const packages = [...packagesOf(bundle.sources), ...await dashboardPackages()];
  assert.ok(packages.some(({ name }) => name === "preact"));
  for (const { name, version } of packages) assert.ok(text.includes(`\n${name} ${version}\n`), name);
  assert.match(text, /Copyright 2018-\d+ the Deno authors/);
  for (const section of text.split(/\n={80}\n.*\n={80}\n/).slice(1)) assert.match(section, /copyright/i);
});

/** Modules that run, by paths, and npm packages that they name, from everything that can be a start. */
async function graphOf(entry: Entry): Promise<{ modules: string[]; packages: string[] }> {
  using folder = new TempFolder();
  const roots = [entry, ...WORKERS, ...LOADED_LATE, ...Object.values(INSTEAD)];
  const root = `${folder.path}/roots.ts`;
  await Deno.writeTextFile(root, roots.map((path) => `import ${JSON.stringify(urlOf(path))};`).join("\n"));
  const info = JSON.parse(
    await runDeno(["info", "--json", "--config", `${ROOT}deno.json`, root], ROOT),
  ) as Info;
  const modules = new Map(info.modules.map((module) => [module.specifier, module]));
  const waiting = roots.map(urlOf);
  const found = new Set<string>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const specifier = info.redirects[next] ?? next;
    if (found.has(specifier)) continue;
    found.add(specifier);
    // An edge that only types need has no code.
    for (const { code } of modules.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined) waiting.push(code.specifier);
    }
  }
  const reached = [...found].flatMap((specifier) => modules.get(specifier) ?? []);
  return {
    modules: reached.filter(({ specifier }) => specifier.startsWith("file:")).map(({ specifier }) =>
      fileURLToPath(specifier)
    ),
    packages: [...new Set(reached.flatMap(({ npmPackage }) => npmPackage?.split("_")[0] ?? []))],
  };
}

function urlOf(path: string): string {
  return new URL(path, pathToFileURL(ROOT)).href;
}

interface Info {
  readonly redirects: Readonly<Record<string, string>>;
  readonly modules: readonly {
    readonly specifier: string;
    readonly npmPackage?: string;
    readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
  }[];
}

/** A bundle has something else for it, or it is nothing but constants, which the bundler writes where they are used. */
function vanishes(path: string): boolean {
  const inside = path.slice(ROOT.length).replaceAll("\\", "/");
  if (inside === BUILD_MODULE || Object.hasOwn(INSTEAD, inside)) return true;
  const code = Deno.readTextFileSync(path).replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "").trim();
  return code.split("\n").every((line) =>
    line === "" || /^export const \w+(: number)? = [\d_* ]+;$/.test(line)
  );
}

/** The runtime is only where it was asked for, and looked for before it is used. */
function leadsInside(address: string, files: ReadonlySet<string>): boolean {
  if (address === "./${EMBEDDED_RUNTIME}") return true;
  const path = address.slice(2).replace(/\$\{.*$/, "");
  return files.has(path) ||
    [...files].some((name) => name.startsWith(path) && path.endsWith("/"));
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, `${basename(program)}: ${new TextDecoder().decode(stderr)}`);
}

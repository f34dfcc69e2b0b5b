import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { verifies } from "../tests/verifies.ts";
import plugin from "./lint_rooms.ts";
import { ROOMS } from "./rooms.ts";

const ROOT = new URL("../", import.meta.url);

/** Messages that the plugin has for `source` as the content of `path`. */
function lint(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, fileURLToPath(new URL(path, ROOT)), source).map((found) =>
    found.message
  );
}

function assertRefused(path: string, source: string, message: RegExp): void {
  const found = lint(path, source);
  assert.equal(found.length, 1, `${path}: ${source}\n${found.join("\n") || "was not refused"}`);
  assert.match(found[0] ?? "", message);
}

const CORE = "src/core/a.ts";
const UPWARDS = /core \(floor 0\) may not import store \(floor 1\)/;

Deno.test("lint refuses a static import of a higher floor", () => {
  verifies("repo-rooms-static-import");
  assertRefused(CORE, `import { open } from "../store/database.ts";`, UPWARDS);
  assertRefused(CORE, `import "../store/database.ts";`, UPWARDS);
});

Deno.test("lint refuses a dynamic import of a higher floor", () => {
  verifies("repo-rooms-dynamic-import");
  assertRefused(CORE, `await import("../store/database.ts");`, UPWARDS);
  assertRefused(CORE, "await import(`../store/database.ts`);", UPWARDS);
});

Deno.test("lint refuses a dynamic import whose path it cannot read", () => {
  verifies("repo-rooms-dynamic-import");
  assertRefused(CORE, `await import("../" + name);`, /literal path/);
});

Deno.test("lint refuses a type-only import of a higher floor", () => {
  verifies("repo-rooms-type-only-import");
  assertRefused(CORE, `import type { Database } from "../store/database.ts";`, UPWARDS);
  assertRefused(CORE, `import { type Database } from "../store/database.ts";`, UPWARDS);
  assertRefused(CORE, `type A = import("../store/database.ts").Database;`, UPWARDS);
});

Deno.test("lint refuses a re-export of a higher floor", () => {
  verifies("repo-rooms-re-export");
  assertRefused(CORE, `export { open } from "../store/database.ts";`, UPWARDS);
  assertRefused(CORE, `export type { Database } from "../store/database.ts";`, UPWARDS);
  assertRefused(CORE, `export * from "../store/database.ts";`, UPWARDS);
});

Deno.test("lint refuses a worker or a resolved URL of a higher floor", () => {
  verifies("repo-rooms-worker");
  assertRefused(CORE, `new Worker(new URL("../store/w.ts", import.meta.url), { type: "module" });`, UPWARDS);
  assertRefused(CORE, `new Worker(import.meta.resolve("../store/w.ts"));`, UPWARDS);
});

Deno.test("lint refuses a room on the same floor", () => {
  verifies("repo-rooms-static-import");
  assertRefused(
    "src/recorder/a.ts",
    `import "../cost/b.ts";`,
    /recorder \(floor 2\) may not import cost \(floor 2\)/,
  );
});

Deno.test("lint refuses what a narrower room does not list", () => {
  verifies("repo-rooms-static-import");
  assertRefused("src/monitor/a.ts", `import "../store/b.ts";`, /monitor imports only core, proc/);
  assertRefused("src/web/a.ts", `import "../store/b.ts";`, /web imports only core, client/);
  assertRefused("src/client/a.ts", `import { app } from "../api/app.ts";`, /only types of api/);
  assert.deepEqual(lint("src/client/a.ts", `import type { App } from "../api/app.ts";`), []);
});

Deno.test("lint allows the own room and lower floors", () => {
  verifies("repo-rooms-static-import");
  assert.deepEqual(
    lint("src/recorder/a.ts", `import "./b.ts"; import "../mcp/c.ts"; import "../store/d.ts";`),
    [],
  );
  assert.deepEqual(
    lint("src/cli/commands/a.ts", `await import("../../recorder/b.ts"); import "npm-package";`),
    [],
  );
  assert.deepEqual(lint("main.ts", `import { run } from "./src/cli/run.ts";`), []);
  assert.deepEqual(lint("tests/e2e/a_test.ts", `import "../../src/proc/a.ts";`), []);
});

Deno.test("lint keeps src away from tests and scripts, but not its tests", () => {
  verifies("repo-rooms-static-import");
  assertRefused("src/core/a.ts", `import "../../tests/verifies.ts";`, /may not import tests/);
  assertRefused("src/cli/a.ts", `import "../../scripts/rooms.ts";`, /may not import scripts/);
  assertRefused("src/core/a_test.ts", `import "../store/b.ts";`, UPWARDS);
  const version = `import project from "../../deno.json" with { type: "json" };`;
  assertRefused("src/core/a.ts", version, /may not import deno.json/);
  assert.deepEqual(lint("src/cli/a.ts", version), []);
  assert.deepEqual(lint("src/core/a_test.ts", `import "../../tests/verifies.ts";`), []);
});

Deno.test("lint keeps proto and plugins apart from src", () => {
  verifies("repo-rooms-static-import");
  assertRefused("proto/a.ts", `import "../src/core/a.ts";`, /proto\/ imports nothing/);
  assertRefused("plugins/sdk/a.ts", `import "../../src/core/a.ts";`, /imports only proto/);
  assertRefused("plugins/x/a.ts", `import "../y/a.ts";`, /imports only proto and plugins\/sdk/);
  assert.deepEqual(lint("plugins/x/a.ts", `import "../sdk/mod.ts";`), []);
  assert.deepEqual(lint("src/core/a.ts", `import "../../proto/a.ts";`), []);
});

Deno.test("lint refuses an unknown room and a name that says nothing", () => {
  assertRefused("src/misc/a.ts", "export {};", /"misc" is no room/);
  assertRefused("src/a.ts", "export {};", /belongs into a room/);
  assertRefused("src/core/utils.ts", "export {};", /utils\.ts says nothing/);
});

Deno.test("lint lets only the owner touch what it owns", () => {
  verifies("repo-rooms-owners");
  const uses: [owner: string, source: string][] = [
    ["config", `Deno.env.get("HOME");`],
    ["config", `const { env } = Deno;`],
    ["config", `Deno["env"].get("HOME");`],
    ["proc", `new Deno.Command("ls");`],
    ["proc", `Deno.dlopen("libc.so.6", {});`],
    ["proc", `import { spawn } from "node:child_process";`],
    ["store", `import { DatabaseSync } from "node:sqlite";`],
    ["store", `import type { DatabaseSync } from "node:sqlite";`],
    ["store", `await import("node:sqlite");`],
    ["cli", `console.log("hello");`],
    ["cli", `Deno.exit(1);`],
    ["api", `Deno.serve(() => new Response());`],
  ];
  for (const [owner, source] of uses) {
    assertRefused("src/hub/a.ts", source, new RegExp(`: ${owner} owns`));
    assert.deepEqual(lint(`src/${owner}/a.ts`, source), []);
    assert.deepEqual(lint("src/hub/a_test.ts", source), []);
    assert.deepEqual(lint("scripts/a.ts", source), []);
  }
});

Deno.test("every folder of src is a room with a why", () => {
  for (const entry of Deno.readDirSync(new URL("src/", ROOT))) {
    assert.ok(ROOMS[entry.name]?.why, `src/${entry.name} is not in scripts/rooms.ts`);
  }
});

Deno.test("deno lint itself refuses, with the plugin loaded from deno.json", async () => {
  verifies("repo-rooms-static-import", "repo-rooms-dynamic-import", "repo-rooms-type-only-import");
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/scripts`);
    await Deno.mkdir(`${root}/src/core`, { recursive: true });
    for (const name of ["rooms.ts", "lint_rooms.ts"]) {
      await Deno.copyFile(new URL(name, import.meta.url), `${root}/scripts/${name}`);
    }
    await Deno.writeTextFile(`${root}/deno.json`, `{"lint":{"plugins":["./scripts/lint_rooms.ts"]}}`);
    await Deno.writeTextFile(
      `${root}/src/core/a.ts`,
      `import { b } from "../store/b.ts";\nimport type { B } from "../store/b.ts";\n` +
        `export const c = (): Promise<B> => import("../store/b.ts").then(() => b);\n`,
    );
    const command = new Deno.Command(Deno.execPath(), { args: ["lint", "--json", "src"], cwd: root });
    const { success, stdout } = await command.output();
    const found = JSON.parse(new TextDecoder().decode(stdout)).diagnostics as { code: string }[];
    assert.equal(success, false);
    assert.deepEqual(found.map(({ code }) => code), Array(3).fill("rooms/direction"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

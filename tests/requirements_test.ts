/** The list of requirements and the tests that prove them agree. @module */
import assert from "node:assert/strict";
import type { Requirement } from "./requirement.ts";
import { REQUIREMENTS } from "./requirements.ts";

const ROOT = new URL("../", import.meta.url);
const LIST: Record<string, Requirement> = REQUIREMENTS;

Deno.test("every requirement is proven by a test that says so", async () => {
  const proven = await readProofs();
  const unproven = Object.keys(LIST).filter((id) => !LIST[id]?.later && !proven.has(id));
  assert.deepEqual(
    unproven,
    [],
    `requirements that no test verifies: ${unproven.join(", ")}`,
  );
});

Deno.test("every id in verifies() is a requirement", async () => {
  const unknown = [...await readProofs()].filter(([id]) => !(id in LIST)).map(([id, file]) =>
    `${id} in ${file}`
  );
  assert.deepEqual(unknown, []);
});

Deno.test("a requirement that waits for later work is not claimed as proven", async () => {
  const proven = await readProofs();
  assert.deepEqual(Object.keys(LIST).filter((id) => LIST[id]?.later && proven.has(id)), []);
});

Deno.test("every one of the 32 failure modes is listed", () => {
  const rows = Object.keys(LIST).filter((id) => id.startsWith("fm-")).map((id) => Number(id.slice(3, 5)));
  assert.deepEqual(rows, Array.from({ length: 32 }, (_, index) => index + 1));
});

/** Ids named in `verifies(…)` calls of test files, each with one file that names it. */
async function readProofs(): Promise<Map<string, string>> {
  const proofs = new Map<string, string>();
  for (const folder of ["src/", "tests/", "scripts/", "plugins/", "proto/"]) {
    for await (const file of walkTests(new URL(folder, ROOT))) {
      const source = withoutComments(await Deno.readTextFile(file));
      for (const call of source.matchAll(/\bverifies\(([^)]*)\)/g)) {
        for (const id of (call[1] ?? "").matchAll(/"([^"]+)"/g)) {
          proofs.set(id[1] ?? "", file.pathname.slice(ROOT.pathname.length));
        }
      }
    }
  }
  return proofs;
}

/** Whole-line comments only: enough that a call that was commented out does not count. */
function withoutComments(source: string): string {
  return source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
}

async function* walkTests(folder: URL): AsyncGenerator<URL> {
  for await (const entry of readFolder(folder)) {
    const url = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory && entry.name !== "node_modules") yield* walkTests(url);
    if (entry.isFile && entry.name.endsWith("_test.ts")) yield url;
  }
}

/** Entries of a folder; none when it does not exist yet. */
async function* readFolder(folder: URL): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

import assert from "node:assert/strict";
import { HookFiles } from "./hook_files.ts";

/** Longest that a test waits for a line, in ms. */
const PATIENCE_MS = 10_000;

/** A file, and what is heard of it. */
class Heard implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "km-hooks-" });
  readonly path = `${this.folder}/one.jsonl`;
  readonly lines: string[] = [];
  readonly troubles: string[] = [];
  readonly #wakers = new Set<() => void>();
  readonly hooks = new HookFiles(
    (_number, line) => {
      this.lines.push(line);
      for (const wake of this.#wakers) wake();
    },
    (trouble) => this.troubles.push(trouble),
  );

  write(text: string | Uint8Array): void {
    const data = typeof text === "string" ? new TextEncoder().encode(text) : text;
    Deno.writeFileSync(this.path, data, { append: true });
  }

  async until(count: number): Promise<readonly string[]> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => void (this.lines.length >= count && resolve());
    this.#wakers.add(look);
    const timer = setTimeout(() => reject(new Error(`only ${this.lines.length} lines came`)), PATIENCE_MS);
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#wakers.delete(look);
    }
    return this.lines;
  }

  [Symbol.dispose](): void {
    this.hooks[Symbol.dispose]();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

Deno.test("HookFiles.add() of a file that is gone says so, and fails nobody", () => {
  using heard = new Heard();
  heard.hooks.add(7, heard.path);
  assert.equal(heard.troubles.length, 1);
  assert.match(heard.troubles[0] ?? "", /hooks of session 7 are not heard/);
  heard.hooks.remove(heard.path);
});

Deno.test("HookFiles.add() of what cannot be read says so, and fails nobody", () => {
  using heard = new Heard();
  heard.hooks.add(7, heard.folder);
  assert.equal(heard.troubles.length, 1);
});

Deno.test("HookFiles.add() hears what was there before, and each line that is appended, once", async () => {
  using heard = new Heard();
  heard.write("one\n\n");
  heard.hooks.add(1, heard.path);
  assert.deepEqual(heard.lines, ["one"]);
  heard.write("tw");
  heard.write("o\nthree\n");
  assert.deepEqual(await heard.until(3), ["one", "two", "three"]);
});

Deno.test("HookFiles.add() hears only what is new when the file was heard before", async () => {
  using heard = new Heard();
  heard.write("old\n");
  heard.hooks.add(1, heard.path, { onlyNew: true });
  heard.write("new\n");
  assert.deepEqual(await heard.until(1), ["new"]);
});

Deno.test("HookFiles joins a character that came in two parts", async () => {
  using heard = new Heard();
  const bytes = new TextEncoder().encode("before ✽ after\n");
  heard.write(bytes.subarray(0, 8));
  heard.hooks.add(1, heard.path);
  heard.write(bytes.subarray(8));
  assert.deepEqual(await heard.until(1), ["before ✽ after"]);
});

Deno.test("HookFiles leaves out a line that is longer than any that counts, and hears the next", () => {
  using heard = new Heard();
  heard.write(`${"x".repeat(200 * 1024)}\nnext\n`);
  heard.hooks.add(1, heard.path);
  assert.deepEqual(heard.lines, ["next"]);
});

Deno.test("HookFiles takes nothing but a file for one: no device, no folder, no link", () => {
  for (const target of ["/dev/zero", "/"]) {
    using heard = new Heard();
    Deno.symlinkSync(target, heard.path);
    heard.hooks.add(7, heard.path);
    assert.match(heard.troubles[0] ?? "", /not heard: there is no file of km any more/);
  }
});

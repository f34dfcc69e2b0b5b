/**
 * The switch under failures: every operation of the file system fails once, on a file system as POSIX has it and on one that refuses what
 * Windows refuses.
 * @module
 */
import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { kmFiles } from "./km_files.ts";
import { type Swap, type SwapFiles, switchTo } from "./swap.ts";

/** Names to contents: two names of one content are one file. */
class FakeDisk implements SwapFiles {
  readonly names = new Map<string, { readonly text: string; runs: boolean }>();
  readonly windows: boolean;
  /** Which change fails, counted from 1; 0: none. */
  failsAt = 0;
  changes = 0;
  /** Called after each change that was made. */
  onChange: () => void = () => {};

  constructor(windows: boolean, texts: Readonly<Record<string, string>>) {
    this.windows = windows;
    for (const [name, text] of Object.entries(texts)) this.names.set(`/bin/${name}`, { text, runs: false });
  }

  /** Without what lies in the private folder, which is removed after the switch. */
  texts(): Record<string, string> {
    const entries = [...this.names].map(([path, { text }]) => [path.slice(5), text] as const);
    return Object.fromEntries(entries.filter(([name]) => !name.startsWith(".")).sort());
  }

  runs(name: string): void {
    this.#at(`/bin/${name}`).runs = true;
  }

  exists(path: string): Promise<boolean> {
    return Promise.resolve(this.names.has(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(() => {
      const file = this.#at(from);
      const there = this.names.get(to);
      if (this.windows && there?.runs) throw new Deno.errors.PermissionDenied(`Access is denied: ${to}`);
      // POSIX: two names of one file stay as they are.
      if (!this.windows && there === file && from !== to) return;
      this.names.delete(from);
      this.names.set(to, file);
    });
  }

  link(from: string, to: string): Promise<void> {
    return this.#change(() => {
      if (this.names.has(to)) throw new Deno.errors.AlreadyExists(to);
      this.names.set(to, this.#at(from));
    });
  }

  remove(path: string): Promise<void> {
    return this.#change(() => {
      if (this.#at(path).runs && this.windows) {
        throw new Deno.errors.PermissionDenied(`Access is denied: ${path}`);
      }
      this.names.delete(path);
    });
  }

  #at(path: string) {
    const file = this.names.get(path);
    if (!file) throw new Deno.errors.NotFound(path);
    return file;
  }

  async #change(work: () => void): Promise<void> {
    await Promise.resolve();
    this.changes += 1;
    if (this.changes === this.failsAt) throw new Error("this one fails");
    work();
    this.onChange();
  }
}

const OLD = { km: "old", ".km-new-00000000/km": "new" };
const OLD_WITH_FORMER = { ...OLD, "km.previous": "former" };
const EXE = { "km.exe": "old", ".km-new-00000000/km.exe": "new" };
const EXE_WITH_FORMER = { ...EXE, "km.previous.exe": "former" };

function swapOn(disk: FakeDisk): { readonly swap: Swap; readonly fresh: string } {
  const end = disk.windows ? ".exe" : "";
  const names = kmFiles(`/bin/km${end}`, disk.windows);
  const work = "/bin/.km-new-00000000";
  return { swap: { names, work, files: disk, windows: disk.windows }, fresh: `${work}/km${end}` };
}

const works = () => Promise.resolve();
const doesNotWork = () => Promise.reject(new Error("does not run"));

Deno.test("switchTo() puts the new file in place and keeps the old one as the previous", async () => {
  verifies("update-swap", "update-windows-swap");
  for (
    const [windows, before] of [[false, OLD], [false, OLD_WITH_FORMER], [true, EXE], [
      true,
      EXE_WITH_FORMER,
    ]] as const
  ) {
    const disk = new FakeDisk(windows, before);
    const { swap, fresh } = swapOn(disk);
    await switchTo(fresh, swap, works);
    const end = windows ? ".exe" : "";
    assert.deepEqual(disk.texts(), { [`km${end}`]: "new", [`km.previous${end}`]: "old" });
  }
});

Deno.test("switchTo() on POSIX: a whole km is at its path after every step, and whatever fails, it is the old one", async () => {
  verifies("update-swap", "update-proves-new");
  for (const before of [OLD, OLD_WITH_FORMER]) {
    const { ".km-new-00000000/km": _new, ...asBefore } = before;
    for (const prove of [works, doesNotWork]) {
      for (let failsAt = 0, done = false; !done; failsAt++) {
        const disk = new FakeDisk(false, before);
        const { swap, fresh } = swapOn(disk);
        disk.failsAt = failsAt;
        disk.onChange = () => assert.match(disk.texts()["km"] ?? "nothing", /^(old|new)$/);
        const failed = await switchTo(fresh, swap, prove).then(() => false, () => true);
        if (failed && disk.texts()["km"] === "new") {
          // It was the way back that failed: the old one is where the error says.
          assert.equal(disk.texts()["km.previous"], "old");
        } else if (failed) {
          assert.equal(disk.texts()["km"], "old");
          const wayBackFailed = prove === doesNotWork && failsAt > 0;
          if (!wayBackFailed) assert.deepEqual(disk.texts(), asBefore, `change ${failsAt}`);
        } else {
          assert.deepEqual([disk.texts()["km"], disk.texts()["km.previous"]], ["new", "old"]);
        }
        done = failsAt > disk.changes;
      }
    }
  }
});

Deno.test("switchTo() after an update that was killed between its steps", async () => {
  verifies("update-swap");
  const disk = new FakeDisk(false, OLD);
  // Killed after the old one was kept: both names are one file.
  const file = disk.names.get("/bin/km");
  if (file) disk.names.set("/bin/km.previous", file);
  const { swap, fresh } = swapOn(disk);
  await switchTo(fresh, swap, works);
  assert.deepEqual(disk.texts(), { km: "new", "km.previous": "old" });
});

Deno.test("switchTo() on Windows: km and the previous one run, and are renamed only", async () => {
  verifies("update-windows-swap");
  const disk = new FakeDisk(true, EXE_WITH_FORMER);
  disk.runs("km.exe");
  disk.runs("km.previous.exe");
  const { swap, fresh } = swapOn(disk);
  await switchTo(fresh, swap, works);
  assert.deepEqual(disk.texts(), { "km.exe": "new", "km.previous.exe": "old" });
  const former = disk.names.get("/bin/.km-new-00000000/former");
  assert.equal(former?.text, "former", "still runs: it goes with its folder, when it has ended");
});

Deno.test("switchTo() on Windows: whatever fails, km is moved back", async () => {
  verifies("update-windows-swap", "update-proves-new");
  for (const before of [EXE, EXE_WITH_FORMER]) {
    const { ".km-new-00000000/km.exe": _new, ...asBefore } = before;
    for (let failsAt = 1; failsAt <= 3; failsAt++) {
      const disk = new FakeDisk(true, before);
      disk.runs("km.exe");
      const { swap, fresh } = swapOn(disk);
      disk.failsAt = failsAt;
      const failed = await switchTo(fresh, swap, works).then(() => false, () => true);
      if (failed) assert.deepEqual(disk.texts(), asBefore, `change ${failsAt}`);
      else assert.equal(disk.texts()["km.exe"], "new");
    }
    const disk = new FakeDisk(true, before);
    disk.runs("km.exe");
    const { swap, fresh } = swapOn(disk);
    await assert.rejects(switchTo(fresh, swap, doesNotWork), /does not run/);
    assert.deepEqual(disk.texts(), asBefore);
  }
});

Deno.test("switchTo() says where the old km is when it cannot be put back", async () => {
  verifies("update-windows-swap");
  const disk = new FakeDisk(true, EXE);
  const { swap, fresh } = swapOn(disk);
  const prove = () => {
    disk.failsAt = disk.changes + 2;
    return doesNotWork();
  };
  await assert.rejects(switchTo(fresh, swap, prove), (error: Error & { hint?: string }) => {
    assert.match(error.message, /Cannot put the old km back: this one fails \(after: does not run\)/);
    assert.equal(error.hint, 'the old one is "/bin/km.previous.exe": move it to "/bin/km.exe"');
    return true;
  });
});

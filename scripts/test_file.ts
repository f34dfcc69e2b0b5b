/** The portable file that `deno task test` runs the end-to-end tests against. @module */
import { UNPACKED_CACHE } from "../tests/e2e/harness.ts";

/** What it unpacks takes 96 MB for each state of the sources: so many are kept, the last used. */
const KEPT = 4;
/** Another run of the tests in this checkout may be using what was used this lately, in ms. */
const IN_USE_MS = 3_600_000;

/** Its path: built, and started once, so that no test waits for its unpacking. @throws {Error} when it cannot be built or does not start */
export async function fileToTest(): Promise<string> {
  // Loaded here, so that a run of a few tests does not wait for the build's packages.
  const { builtKm } = await import("../tests/built.ts");
  const file = await builtKm();
  await dropUnpacked(`${UNPACKED_CACHE}/km`);
  await Deno.mkdir(UNPACKED_CACHE, { recursive: true });
  const { success, stderr } = await new Deno.Command(file, {
    args: ["--version"],
    env: { XDG_CACHE_HOME: UNPACKED_CACHE },
    stdin: "null",
  }).output();
  if (!success) throw new Error(`"${file}" does not start: ${new TextDecoder().decode(stderr)}`);
  return file;
}

/** Removes all but the last used of what files unpacked into `folder`. */
async function dropUnpacked(folder: string): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
  const unpacked = await Promise.all(names.map(async (name) => {
    const path = `${folder}/${name}`;
    // Each start touches a file within; what has none was not started yet.
    const { mtime } = await Deno.stat(`${path}/used`).catch(() => Deno.lstat(path));
    return { path, usedMs: mtime?.getTime() ?? Date.now() };
  }));
  const old = unpacked.sort((a, b) => b.usedMs - a.usedMs).slice(KEPT - 1);
  for (const { path, usedMs } of old) {
    if (Date.now() - usedMs > IN_USE_MS) await Deno.remove(path, { recursive: true });
  }
}

/** Which versions of Deno plugins may run on, and how an executable is asked for its own. @module */
import { DENO_VERSION } from "./deno_pins.ts";
import { runLimited } from "./run_limited.ts";

/** How long an executable may take to tell its version, in ms. From a cold disk it took 0.6 s (2 cores, 2026-11-21). */
const PATIENCE_MS = 10_000;

/** What every message calls the versions that do. */
export const TESTED_DENO = `Deno ${DENO_VERSION} or a later ${minorOf(DENO_VERSION)}`;

/**
 * True for stable versions with the pinned major and minor number and at least the pinned patch. A sandbox is only as good as the version it
 * was tried on: patches mend holes, so an older one may have them; another minor version may change what a permission covers.
 */
export function isTestedDeno(version: string, pinned: string = DENO_VERSION): boolean {
  const [asked, tested] = [parse(version), parse(pinned)];
  return asked !== null && tested !== null && asked.minor === tested.minor && asked.patch >= tested.patch;
}

/** The version that `file` says it is, or why it cannot be told. Runs it with `env`, its whole environment. */
export async function askDenoVersion(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<{ version: string } | { reason: string }> {
  if (await isScript(file)) {
    return { reason: "it is a script and not Deno itself, which km must start and stop" };
  }
  try {
    const { code, out, timedOut } = await runLimited([file, "--version"], {
      env: { ...env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      timeoutMs: PATIENCE_MS,
    });
    if (timedOut) return { reason: `it did not tell its version within ${PATIENCE_MS / 1000} s` };
    const [, version] = /^deno (\S+)/.exec(out) ?? [];
    if (code === 0 && version !== undefined) return { version };
    return { reason: `"deno --version" is not what it answers to` };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return { reason: "there is no such program" };
    if (code === "EACCES") return { reason: "it may not be executed" };
    return { reason: `it does not start: ${(error as Error).message}` };
  }
}

/** A script that starts Deno, with "#!" or without, would be what is killed in its place. What cannot be read, starting it says more about. */
async function isScript(file: string): Promise<boolean> {
  try {
    // A FIFO would keep who opens it.
    const { isFile, mode } = await Deno.stat(file);
    if (!isFile || ((mode ?? 0o111) & 0o111) === 0) return false;
    using opened = await Deno.open(file);
    const start = new Uint8Array(4);
    await opened.read(start);
    return !MAGIC.some((bytes) => bytes.every((byte, i) => start[i] === byte));
  } catch {
    return false;
  }
}

/** How executables begin: ELF, Mach-O of 64 bits and for several processors, PE. */
const MAGIC: readonly (readonly number[])[] = [
  [0x7f, 0x45, 0x4c, 0x46],
  [0xcf, 0xfa, 0xed, 0xfe],
  [0xca, 0xfe, 0xba, 0xbe],
  [0x4d, 0x5a],
];

function parse(version: string): { minor: string; patch: number } | null {
  const [, minor, patch] = /^(\d+\.\d+)\.(\d+)$/.exec(version) ?? [];
  return minor === undefined ? null : { minor, patch: Number(patch) };
}

function minorOf(version: string): string {
  return version.replace(/\.\d+$/, "");
}

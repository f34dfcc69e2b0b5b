/** What an author's plugin needs a whole Deno for: types are checked, and several files are made one. @module */
import { join } from "node:path";
import { KmError } from "../../core/error.ts";
import { runLimited } from "../../proc/run_limited.ts";
import { PLUGIN_FILE } from "./project.ts";

/** The Deno there is, or why there is none. */
export type DenoTool =
  | { readonly path: string; readonly env: Readonly<Record<string, string>> }
  | { readonly path: null; readonly reason: string; readonly hint: string };

/** `deno check` of one file took 1 s on 2 loaded cores, a first one of a large project 20 s. */
const TIMEOUT_MS = 120_000;
/** Of what Deno says, to keep an answer readable. */
const MAX_SAID_CHARS = 16_000;

/** Checks the types of a plugin; false where nothing could. @throws {KmError} plugin_failed with what is wrong */
export async function checkTypes(folder: string, deno: DenoTool, signal?: AbortSignal): Promise<boolean> {
  if (deno.path === null) return false;
  const { code, err, timedOut } = await run(deno, ["check", "--quiet", join(folder, PLUGIN_FILE)], signal);
  if (code === 0) return true;
  const hint = "mend them, or leave the check out: --no-check";
  if (timedOut) throw new KmError("plugin_failed", `Checking ${PLUGIN_FILE} took too long`, { hint });
  throw new KmError("plugin_failed", `The types of ${PLUGIN_FILE} do not fit`, { said: saidBy(err), hint });
}

/** The plugin and all that it imports as one module. @throws {KmError} plugin_failed, unsupported without a Deno that can */
export async function bundlePlugin(folder: string, deno: DenoTool, signal?: AbortSignal): Promise<string> {
  if (deno.path === null) {
    throw new KmError("unsupported", `Cannot make one file of several: it takes Deno, and ${deno.reason}`, {
      hint: `put everything into ${PLUGIN_FILE}; or ${deno.hint}`,
    });
  }
  const work = await Deno.makeTempDir({ prefix: "km-plugin-" });
  try {
    const out = join(work, "plugin.js");
    const args = ["bundle", "--quiet", "--platform=deno", `--output=${out}`, join(folder, PLUGIN_FILE)];
    const { code, err, timedOut } = await run(deno, args, signal);
    if (code === 0) return withoutPaths(await Deno.readTextFile(out));
    throw new KmError(
      "plugin_failed",
      `Cannot make one file of ${PLUGIN_FILE} and what it imports${timedOut ? ": it took too long" : ""}`,
      {
        ...(timedOut ? {} : { said: saidBy(err) }),
        hint:
          `"deno bundle" fetches its bundler from npm once; without a network put everything into ${PLUGIN_FILE}`,
      },
    );
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** What Deno says is wrong, without its own last words. */
function saidBy(err: string): string {
  return err.replace(/\n(?:error: Type checking failed\.|Stack backtrace:)[^]*$/, "").trim().slice(
    0,
    MAX_SAID_CHARS,
  );
}

/** Where each module lay on this machine: no two machines would build the same. */
function withoutPaths(code: string): string {
  return code.replaceAll(/^\/\/ .*\.(?:[cm]?[jt]sx?|json)\n/gm, "");
}

async function run(
  deno: { readonly path: string; readonly env: Readonly<Record<string, string>> },
  args: readonly string[],
  signal?: AbortSignal,
): ReturnType<typeof runLimited> {
  const env = { ...deno.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1" };
  return await runLimited([deno.path, ...args], {
    env,
    timeoutMs: TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
}

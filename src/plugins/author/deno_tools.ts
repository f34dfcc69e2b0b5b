/** What an author's plugin needs a whole Deno for: types are checked, and several files are made one. @module */
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
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

/** A plugin and what it imports, as one module. */
export interface Bundled {
  readonly code: string;
  /** `npm:ms@2.1.3`, in order of their names. */
  readonly packages: readonly string[];
}

/** The plugin and all that it imports as one module. @throws {KmError} plugin_failed, unsupported without a Deno that can */
export async function bundlePlugin(folder: string, deno: DenoTool, signal?: AbortSignal): Promise<Bundled> {
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
    if (code === 0) return bundled(await Deno.readTextFile(out));
    throw new KmError(
      "plugin_failed",
      `Cannot make one file of ${PLUGIN_FILE} and what it imports${timedOut ? ": it took too long" : ""}`,
      {
        ...(timedOut ? {} : { said: saidBy(err) }),
        hint: bundleHint(timedOut ? "" : err),
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

/** What to do about a bundle that failed. Only where nothing of the plugin is named can it be the bundler that is missing. */
export function bundleHint(err: string): string {
  const said = stripVTControlCharacters(err);
  if (/Module not found|Cannot find module|not a dependency|Could not resolve/.test(said)) {
    return "mend that import: a file by its whole path (./words.ts), a package as npm:<name>@<version>";
  }
  if (/Do not know how to load path|JSR package|jsr:|https?:/.test(said.replaceAll(/file:\S+/g, ""))) {
    return "put a copy of it beside plugin.ts: what a plugin is made of is files of its own, and packages of npm";
  }
  if (/^\s+at file:/m.test(said)) return "mend it, then build again";
  return `"deno bundle" fetches its bundler from npm once; without a network put everything into ${PLUGIN_FILE}`;
}

/** `…/npm/<registry>/<name>/<version>/<path>`, as Deno keeps packages. */
const PACKAGE_PATH = String.raw`[^"\n]*/npm/[^/"\n]+/((?:@[^/"\n]+/)?[^/"\n]+)/([^/"\n]+)/([^"\n]*)`;
const PACKAGE_COMMENT = new RegExp(`^// ${PACKAGE_PATH}$`, "gm");
const PACKAGE_MODULE = new RegExp(`^( +)"${PACKAGE_PATH}"\\(`, "gm");

/** A bundle without where each module lay on this machine: no two machines would build the same, and it names the user's folders. */
export function bundled(code: string): Bundled {
  const found = [...code.matchAll(PACKAGE_COMMENT)].map(([, name, version]) => `npm:${name}@${version}`);
  return {
    code: code.replaceAll(PACKAGE_MODULE, '$1"npm:$2@$3/$4"(')
      .replaceAll(/^\/\/ .*\.(?:[cm]?[jt]sx?|json)\n/gm, ""),
    packages: [...new Set(found)].sort(),
  };
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

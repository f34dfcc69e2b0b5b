/**
 * `deno task compile`: builds km as one file, for this machine, for named targets, or for all.
 *
 * It ends with 0 when everything that was asked for was built, `--all` too: whoever publishes must not miss that a target is missing.
 * @module
 */
import { parseArgs } from "node:util";
import { EXIT_CODES, KmError } from "../../src/core/error.ts";
import { reportError } from "../../src/cli/report_error.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { isVersion } from "../../src/core/version.ts";
import { readKeys } from "../release/keys.ts";
import { type BuiltFile, compileEach, type CompileOptions } from "./compile.ts";
import { measureStartUp, type StartUp } from "./start_up.ts";
import { hostTarget, type Target, TARGET_NAMES } from "./targets.ts";

const HELP = `Builds km as one file, into dist: km-<version>-<target>[.exe].

Usage: deno task compile [flags]

With denort (DENORT_BIN=<file>, or from Deno's own server) it is a compiled file, made by "deno compile". Without, it is the
portable file: a shell script with Deno and km behind it, for Linux and macOS.

  --target <triple>       build for this system; may be given more than once (default: this machine)
  --all                   build for every target that can be built, and say why the others cannot (then the exit code is 1)
  --out <folder>          where the files go (default: dist)
  --portable              build the portable file, even where denort can be had
  --with-runtime          put Deno into the compiled file, for plugins (about 36 MB more)
  --base-url <address>    where "km update" looks for releases (default: nowhere)
  --release-keys <file>   JSON list of the keys whose releases it believes, as scripts/release/keys.json
  --npm-registry <url>    where "km" may get Deno from when plugins need it
  --version-stamp <text>  the version to build, instead of deno.json's
  -h, --help              show this

Targets: ${TARGET_NAMES.join("\n         ")}
`;

const FLAGS = {
  target: { type: "string", multiple: true },
  all: { type: "boolean" },
  out: { type: "string", default: "dist" },
  portable: { type: "boolean" },
  "with-runtime": { type: "boolean" },
  "base-url": { type: "string" },
  "release-keys": { type: "string" },
  "npm-registry": { type: "string" },
  "version-stamp": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const USAGE = { hint: "see: deno task compile --help" };

/** Runs the command; returns its exit code. */
export async function runCompile(argv: readonly string[]): Promise<number> {
  try {
    const options = await readCommandLine(argv);
    if (options === null) return print(HELP.trimEnd());
    let startUp: StartUp | null = null;
    const { files, failures } = await compileEach({
      ...options,
      note: (text) => complain("note", text),
      prove: async (path, version) => void (startUp = await measureStartUp(path, version)),
    });
    for (const file of files) printFile(file, file.target === Deno.build.target ? startUp : null);
    if (options.all !== true && failures[0] !== undefined) return reportError(failures[0].error);
    for (const { target, error } of failures) complain("error", `${target}: ${oneLine(error)}`);
    return failures.length === 0 ? 0 : EXIT_CODES.internal;
  } catch (error) {
    return reportError(error);
  }
}

type Asked = CompileOptions & { readonly all: boolean };

/** Null: help was asked for. @throws {KmError} usage, not_found */
async function readCommandLine(argv: readonly string[]): Promise<Asked | null> {
  const { values, positionals } = parse(argv);
  if (values.help) return null;
  const version = values["version-stamp"];
  if (version !== undefined && !isVersion(version)) {
    throw new KmError("usage", `"${version}" is no version`, { hint: "as in 0.3.0 or 0.3.0-beta.1" });
  }
  const keys = values["release-keys"];
  const baseUrl = addressOf("--base-url", values["base-url"]);
  const npmRegistry = addressOf("--npm-registry", values["npm-registry"]);
  return {
    all: values.all === true,
    targets: targetsOf([...values.target ?? [], ...positionals], values.all === true),
    out: values.out,
    withRuntime: values["with-runtime"] === true,
    ...(values.portable ? { force: "portable" as const } : {}),
    stamp: {
      ...(version === undefined ? {} : { version }),
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(npmRegistry === undefined ? {} : { npmRegistry }),
      ...(keys === undefined ? {} : { releaseKeys: await readReleaseKeys(keys) }),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
  } catch (error) {
    // node's message goes on to explain itself: the first sentence says what is wrong.
    throw new KmError("usage", (error as Error).message.split(". ")[0] ?? "", { ...USAGE, cause: error });
  }
}

/** `--target a b` and `--target a --target b` are the same. */
function targetsOf(words: readonly string[], all: boolean): readonly Target[] {
  if (all) {
    if (words.length > 0) {
      throw new KmError("usage", `--all is every target: it cannot stand beside "${words[0]}"`, USAGE);
    }
    return TARGET_NAMES;
  }
  const wrong = words.find((word) => !TARGET_NAMES.some((name) => name === word));
  if (wrong !== undefined) {
    throw new KmError("usage", `Unknown target "${wrong}"`, { hint: `one of: ${TARGET_NAMES.join(", ")}` });
  }
  return words.length === 0 ? [hostTarget()] : words as Target[]; // Checked above.
}

/** A folder's address, without a slash at its end. */
function addressOf(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new KmError("usage", `${flag} "${text}" is no http or https address`, USAGE);
  }
  return text.replace(/\/+$/, "");
}

async function readReleaseKeys(path: string): Promise<ReleaseKey[]> {
  return await readKeys(path).catch((cause: Error) => {
    throw new KmError("usage", cause.message, {
      hint: "scripts/release/keys.json is such a file; deno run -A scripts/release.ts keygen makes it",
      cause,
    });
  });
}

/** Says what was built. */
function printFile(file: BuiltFile, startUp: StartUp | null): void {
  print(`${file.path}
  kind     ${file.kind}
  size     ${file.bytes} bytes
  sha256   ${file.sha256}
  payload  ${file.payloadSha256}`);
  if (startUp === null) return;
  print(`  start    first ${Math.round(startUp.firstMs)} ms, then ${Math.round(startUp.secondMs)} ms`);
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").join(" ");
}

function print(text: string): 0 {
  // deno-lint-ignore no-console -- a script
  console.log(text);
  return 0;
}

function complain(label: "error" | "note", text: string): void {
  // deno-lint-ignore no-console -- a script
  console.error(`km: ${label}: ${text}`);
}

if (import.meta.main) Deno.exit(await runCompile(Deno.args));

/** Every km on PATH: which one a bare `km` starts, and which ones it hides. @module */
import { basename, dirname, join } from "node:path";
import { environment, readEnv } from "../../config/environment.ts";
import { userHome } from "../../config/paths.ts";
import { allOnPath } from "../../proc/command.ts";
import { runLimited } from "../../proc/run_limited.ts";
import { type Installation, installation } from "../installation.ts";
import { type Check, ok, warn } from "./check.ts";
import { writableByOthers } from "./file_modes.ts";

const WINDOWS = Deno.build.os === "windows";
const NAMES = WINDOWS ? ["km.exe", "km.cmd", "km.bat"] : ["km"];
/** How long a km may take to tell its version, in ms: one that was never started unpacks itself first. */
const PATIENCE_MS = 5000;
/** What a script says of itself stands at its start, in bytes. */
const SCRIPT_START_BYTES = 4096;

/** One of them. */
export interface KmCopy {
  /** As PATH leads to it. */
  readonly path: string;
  /** The file itself, no link. */
  readonly real: string;
}

/** All of them, in the order of PATH, each file once. */
export function copiesOnPath(path: string = readEnv("PATH") ?? ""): KmCopy[] {
  const copies = allOnPath(NAMES, path).map((path) => ({ path, real: Deno.realPathSync(path) }));
  return copies.filter(({ real }, at) => copies.findIndex((other) => other.real === real) === at);
}

/** Runs the check of this file. */
export async function copiesCheck(): Promise<Check> {
  const name = "path.copies";
  const km = installation();
  const [first, ...others] = copiesOnPath();
  if (first === undefined) return noCopy(name, km);
  if (!isThis(first, km)) {
    const detail = `"km" starts ${await describe(first)}, not this ${
      km.kind === "source" ? "checkout" : km.file
    }`;
    if (km.kind === "source") return ok(name, detail);
    const own = others.some((other) => isThis(other, km)) ? ", which comes later on PATH" : "";
    return warn(name, detail + own, `remove ${first.path}, or put the folder of this one before it on PATH`);
  }
  if (others.length === 0) return ok(name, `"km" starts this one: ${first.path}`);
  const hidden = (await Promise.all(others.map(describe))).join(", ");
  return warn(
    name,
    `"km" starts this one, ${first.path}; it hides ${hidden}`,
    "remove what you do not need: a program with another PATH starts another km",
  );
}

function noCopy(name: string, { kind, file }: Installation): Check {
  if (kind === "source") return ok(name, 'no "km" on PATH; deno task install puts one there');
  return warn(name, `no "km" on PATH; this one was started by its path`, howToFind(file));
}

/** A release is downloaded as km-<version>-<target>: on no PATH is that a "km". A copy is, where the installer would put it. */
function howToFind(file: string): string {
  if (NAMES.includes(basename(file))) return onPath(dirname(file));
  const folder = join(userHome(), ".km", "bin");
  if (WINDOWS) return `copy it: copy "${file}" "${join(folder, "km.exe")}"; then ${onPath(folder)}`;
  return `mkdir -p "${folder}" && cp "${file}" "${folder}/km" && ${onPath(folder)}`;
}

function onPath(folder: string): string {
  return WINDOWS ? `add ${folder} to Path in your environment variables` : `export PATH="${folder}:$PATH"`;
}

/** The file that runs, or the command that runs this checkout. */
function isThis({ real }: KmCopy, { kind, file }: Installation): boolean {
  if (kind === "source") return startOf(real).includes(file);
  try {
    return Deno.realPathSync(file) === real;
  } catch {
    return false;
  }
}

/** Its path, and its version where that is cheap and safe to learn. */
async function describe({ path, real }: KmCopy): Promise<string> {
  const start = startOf(real);
  const [, packed] = /^# km (\S+) for \S+: /m.exec(start) ?? [];
  if (packed !== undefined) return `${path} (km ${packed})`;
  if (start.startsWith("#!") || start.startsWith("@echo")) {
    return /[\\/]main\.ts['"]/.test(start) ? `${path} (runs a checkout)` : `${path} (a script)`;
  }
  const version = isOthersToChange(real) ? null : await askVersion(real);
  return version === null ? path : `${path} (km ${version})`;
}

/** A program that others could have put there is not started from here. */
function isOthersToChange(path: string): boolean {
  if (WINDOWS) return false;
  const { uid, mode } = Deno.statSync(path);
  return (uid !== 0 && uid !== Deno.uid()) || writableByOthers(mode);
}

async function askVersion(path: string): Promise<string | null> {
  try {
    const { out } = await runLimited([path, "--version"], { env: environment(), timeoutMs: PATIENCE_MS });
    return /^km (\S+)$/m.exec(out)?.[1] ?? null;
  } catch {
    return null; // It does not start here.
  }
}

function startOf(path: string): string {
  try {
    using file = Deno.openSync(path);
    const start = new Uint8Array(SCRIPT_START_BYTES);
    const length = file.readSync(start) ?? 0;
    return new TextDecoder().decode(start.subarray(0, length));
  } catch {
    return "";
  }
}

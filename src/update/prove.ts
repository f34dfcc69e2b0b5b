/** Does this file run, and is it the km that it should be? Asked before a switch and after it. @module */
import { join } from "node:path";
import { environment } from "../config/environment.ts";
import { KmError } from "../core/error.ts";
import { type LimitedResult, runLimited } from "../proc/run_limited.ts";

/** The first start unpacks about 100 MB: seconds on a fast disk; a slow one gets a minute. */
const LIMIT_MS = 60_000;

/** Which km a file is to be, and where it may leave traces. */
export interface Expected {
  readonly version: string;
  /** All that it writes goes into this private folder: what it unpacks, its home, its temporary files. The user's own where it is not given. */
  readonly work?: string;
  readonly signal?: AbortSignal;
}

/** Proves that the file says its version. @throws {KmError} update_failed */
export async function proveVersion(file: string, expected: Expected): Promise<void> {
  const { out } = await runKm(file, ["--version"], expected);
  if (out === `km ${expected.version}\n`) return;
  const said = out.trim().slice(0, 100);
  throw new KmError("update_failed", `"${file}" is not km ${expected.version}: it says "${said}"`);
}

/**
 * Proves that the file does km's work: `km demo` relays a conversation with a server, records it and reads the record, in a home of its own.
 * @throws {KmError} update_failed
 */
export async function proveWorks(
  file: string,
  expected: Expected & { readonly work: string },
): Promise<void> {
  for (const folder of Object.values(foldersIn(expected.work))) {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  }
  await proveVersion(file, expected);
  await runKm(file, ["demo", "--home", foldersIn(expected.work).KM_HOME], expected);
}

/** The portable file unpacks into XDG_CACHE_HOME, else into TMPDIR; Windows calls that TEMP or TMP. */
function foldersIn(work: string) {
  return {
    KM_HOME: join(work, "home"),
    XDG_CACHE_HOME: join(work, "cache"),
    TMPDIR: join(work, "tmp"),
    TEMP: join(work, "tmp"),
    TMP: join(work, "tmp"),
  };
}

/** Says why the km at `file` cannot open the database of the home; null when it can. */
export async function refusedDatabase(file: string, home: string): Promise<string | null> {
  const env = { ...environment(), KM_HOME: home, KM_NO_UPDATE_CHECK: "1" };
  const { out } = await runLimited([file, "doctor", "--json"], { env, timeoutMs: LIMIT_MS });
  for (const line of out.split("\n")) {
    const { check, status, detail } = parseCheck(line);
    if (check === "database" && status === "fail") return String(detail);
  }
  return null;
}

function parseCheck(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}

async function runKm(
  file: string,
  args: readonly string[],
  { work, signal }: Expected,
): Promise<LimitedResult> {
  const command = `"${file} ${args[0]}"`;
  let ended: LimitedResult;
  try {
    ended = await runLimited([file, ...args], {
      env: { ...environment(), ...(work !== undefined && foldersIn(work)), KM_NO_UPDATE_CHECK: "1" },
      timeoutMs: LIMIT_MS,
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw cannotStart(command, error);
  }
  if (ended.code === 0) return ended;
  const how = ended.timedOut
    ? `takes longer than ${LIMIT_MS / 1000} s`
    : ended.code === null
    ? "was killed"
    : `ends with ${ended.code}`;
  const said = ended.err.trim().split("\n").find((line) => line.startsWith("km: error: ")) ??
    ended.err.trim().split("\n").at(-1) ?? "";
  throw new KmError("update_failed", `${command} ${how}${said === "" ? "" : `: ${said.slice(0, 300)}`}`);
}

function cannotStart(command: string, error: unknown): KmError {
  const reason = error instanceof Error ? error.message : String(error);
  const isForbidden = error instanceof Error && "code" in error && error.code === "EACCES";
  return new KmError("update_failed", `${command} cannot be started: ${reason}`, {
    ...(isForbidden && {
      hint: "nothing was changed; is the disk mounted with noexec? Then install km on another one",
    }),
    cause: error,
  });
}

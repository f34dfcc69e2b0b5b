/** Does this file run, and is it the km that it should be? Asked before a switch and after it. @module */
import { environment } from "../config/environment.ts";
import { KmError } from "../core/error.ts";
import { type LimitedResult, runLimited } from "../proc/run_limited.ts";

/** The first start unpacks about 100 MB: seconds on a fast disk; a slow one gets a minute. */
const LIMIT_MS = 60_000;

/** Which km a file is to be. */
export interface Expected {
  readonly version: string;
  readonly signal?: AbortSignal;
}

/** Proves that the file says its version. @throws {KmError} update_failed */
export async function proveVersion(file: string, { version, signal }: Expected): Promise<void> {
  const { out } = await runKm(file, ["--version"], { KM_NO_UPDATE_CHECK: "1" }, signal);
  if (out === `km ${version}\n`) return;
  throw new KmError("update_failed", `"${file}" is not km ${version}: it says "${out.trim().slice(0, 100)}"`);
}

/**
 * Proves that the file does km's work: `km demo` relays a conversation with a server, records it and reads the record, in a home of its own.
 * @throws {KmError} update_failed
 */
export async function proveWorks(file: string, expected: Expected): Promise<void> {
  await proveVersion(file, expected);
  const home = await Deno.makeTempDir({ prefix: "km-update-" });
  try {
    await runKm(file, ["demo", "--home", home], { KM_HOME: home, KM_NO_UPDATE_CHECK: "1" }, expected.signal);
  } finally {
    await Deno.remove(home, { recursive: true }).catch(() => {});
  }
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
  env: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<LimitedResult> {
  const command = `"${file} ${args[0]}"`;
  let ended: LimitedResult;
  try {
    ended = await runLimited([file, ...args], {
      env: { ...environment(), ...env },
      timeoutMs: LIMIT_MS,
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new KmError("update_failed", `${command} cannot be started: ${reason}`, { cause: error });
  }
  if (ended.code === 0) return ended;
  const how = ended.timedOut
    ? `takes longer than ${LIMIT_MS / 1000} s`
    : ended.code === null
    ? "was killed"
    : `ends with ${ended.code}`;
  const said = ended.err.trim().split("\n").at(-1) ?? "";
  throw new KmError("update_failed", `${command} ${how}${said === "" ? "" : `: ${said.slice(0, 300)}`}`);
}

/** Runs the hostile suite on the Deno that plugins run on, and says what came of it. @module */
import { kmPaths } from "../../config/paths.ts";
import { EXIT_CODES, KmError } from "../../core/error.ts";
import type { DenoReady } from "../../proc/deno_runtime.ts";
import { findDeno } from "../../proc/deno_runtime.ts";
import type { HostileReport } from "../../plugins/hostile/hostile_suite.ts";
import { type PlainRun, plainRunLeaks } from "../../plugins/hostile/plain_leak.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { denoPlaces } from "../deno_for_plugins.ts";
import { jsonText } from "../json_text.ts";
import { loadHostileSuite } from "../packages.ts";
import { ProgressLine } from "../progress_line.ts";
import { stdoutTerminal, write, writeLines } from "../terminal.ts";
import { stoppable } from "../update/stoppable.ts";
import { doctorLines } from "./doctor_report.ts";

/** Does it; returns the exit code. @throws {KmError} plugin_failed without a Deno to try */
export async function runDoctor(
  { verbose, json }: { readonly verbose: boolean; readonly json: boolean },
): Promise<number> {
  const deno = await readyDeno();
  let code = 0;
  const stopped = await stoppable(async (signal) => {
    const plain = await plainRunLeaks(deno.path);
    const report = await tryAll(deno.path, signal);
    if (json) write(`${jsonText(fields(report, plain, deno))}\n`);
    else writeLines(doctorLines({ report, plain, path: deno.path }, { terminal: stdoutTerminal(), verbose }));
    if (report.escaped > 0 || !plain.leaks) code = EXIT_CODES.doctor_failed;
  });
  return stopped || code;
}

async function tryAll(deno: string, signal: AbortSignal): Promise<HostileReport> {
  const { runHostileSuite } = await loadHostileSuite();
  using line = new ProgressLine();
  const { runtime } = pluginPaths(kmPaths().home);
  return await runHostileSuite({
    deno,
    runtime,
    signal,
    onAttempt: ({ group }, done, of) => line.show(`${done} of ${of}  ${group}`),
  });
}

async function readyDeno(): Promise<DenoReady> {
  const found = await findDeno(denoPlaces());
  if (found.status === "ready") return found;
  const why = found.status === "refused"
    ? `KM_DENO is ${found.path}, and ${found.reason}`
    : "there is none here";
  throw new KmError(
    "plugin_failed",
    `Cannot try the sandbox: it needs a Deno to run plugins on, and ${why}`,
    {
      hint: found.status === "refused" ? found.hint : '"km doctor --fix plugins.runtime" downloads one',
    },
  );
}

function fields(report: HostileReport, plain: PlainRun, { path }: DenoReady): Record<string, unknown> {
  const { deno, walls, attempts, blocked, info, escaped, durationMs } = report;
  return { deno: { path, version: deno }, walls, blocked, info, escaped, durationMs, attempts, plain };
}

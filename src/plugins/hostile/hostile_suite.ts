/**
 * The hostile suite: everything that we could think of that a plugin might try, each through the launch that every plugin goes through. It is what
 * `km plugins doctor` runs, and what each version of Deno has to pass before km runs plugins on it.
 * @module
 */
import { askDenoVersion } from "../../proc/deno_version.ts";
import { type Altered, type Walls, wallsHere } from "../sandbox/launch.ts";
import type { Attempt, AttemptGroup } from "./attempt.ts";
import { ATTEMPTS } from "./attempts/all.ts";
import { Canaries } from "./canaries.ts";
import { type Ground, type Outcome, runTogether } from "./hostile_process.ts";

/** `blocked`: it got nothing. `info`: it got an answer that harms nobody. `escaped`: a canary says that it got through. */
export type Verdict = "blocked" | "info" | "escaped";

/** What came of one attempt. */
export interface AttemptResult {
  readonly id: string;
  readonly group: AttemptGroup;
  /** One sentence. */
  readonly what: string;
  readonly verdict: Verdict;
  /** What shows it: the canary, the error, the answer. As the plugin wrote it: escape control characters before it is shown. */
  readonly evidence: string;
}

/** What came of all. */
export interface HostileReport {
  /** Version of Deno; null when it did not tell. */
  readonly deno: string | null;
  readonly walls: Walls;
  readonly attempts: readonly AttemptResult[];
  readonly blocked: number;
  readonly info: number;
  readonly escaped: number;
  readonly durationMs: number;
}

export interface HostileOptions {
  /** The Deno to try, from `findDeno`. */
  readonly deno: string;
  /** `PluginPaths.runtime`. */
  readonly runtime: string;
  readonly onAttempt?: (result: AttemptResult, done: number, of: number) => void;
  readonly signal?: AbortSignal;
  /** Processes at a time; by default as many as there are processors, at most 4. */
  readonly concurrency?: number;
  /** Which attempts; all by default. */
  readonly only?: (attempt: Attempt) => boolean;
  /** A hole in the sandbox, for the proof that the suite finds it. */
  readonly altered?: Altered;
}

/** Attempts that share a process, at most: fewer than its log may have lines. */
const TOGETHER = 30;

/**
 * Tries everything. @throws the signal's reason; {KmError} what `launchSandbox` throws, but for the refusals that are wanted
 */
export async function runHostileSuite(options: HostileOptions): Promise<HostileReport> {
  const startMs = performance.now();
  const wanted = ATTEMPTS.filter(options.only ?? (() => true)).filter(possibleHere);
  const aborting = new AbortController();
  const stop = () => aborting.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", stop);
  options.signal?.throwIfAborted();
  const { deno, runtime, altered = {} } = options;
  const ground: Ground = { deno, runtime, altered, signal: aborting.signal };
  const results = new Map<string, AttemptResult>();
  const onOutcome = (outcome: Outcome) => {
    const result = judge(outcome);
    results.set(result.id, result);
    options.onAttempt?.(result, results.size, wanted.length);
  };
  try {
    const batches = batchesOf(wanted);
    const lanes = Math.min(options.concurrency ?? Math.min(navigator.hardwareConcurrency, 4), batches.length);
    const running = Array.from({ length: lanes }, () => runLane(batches, ground, onOutcome));
    for (const lane of running) lane.catch((error) => aborting.abort(error));
    // All of them, so that nothing is left behind; then the error that ended them.
    await Promise.allSettled(running);
    await Promise.all(running);
    aborting.signal.throwIfAborted();
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
  return await report(deno, wanted.flatMap(({ id }) => results.get(id) ?? []), performance.now() - startMs);
}

/** One process after the other, with canaries of its own: whose fault it was is never in doubt. */
async function runLane(
  batches: Attempt[][],
  ground: Ground,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  if (batches.length === 0) return;
  let canaries = await Canaries.open(ground.deno);
  try {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      ground.signal.throwIfAborted();
      const outcomes = await runTogether(batch, canaries, ground);
      for (const outcome of outcomes) onOutcome(outcome);
      const tried = new Set(outcomes.map(({ attempt }) => attempt.id));
      const rest = batch.filter(({ id }) => !tried.has(id));
      // Its process ended on the way: the others are tried in the next.
      if (rest.length > 0) batches.unshift(rest);
      if (outcomes.every(({ escaped }) => escaped === null)) continue;
      // A canary that was caught once would accuse everyone who comes later.
      await canaries[Symbol.asyncDispose]();
      canaries = await Canaries.open(ground.deno);
    }
  } finally {
    await canaries[Symbol.asyncDispose]();
  }
}

function batchesOf(attempts: readonly Attempt[]): Attempt[][] {
  const shared = Map.groupBy(
    attempts.filter(({ place }) => place === "shared"),
    ({ grants, without }) => grants ?? without ?? "none",
  );
  const batches = attempts.filter(({ place }) => place !== "shared").map((attempt) => [attempt]);
  for (const alike of shared.values()) {
    for (let at = 0; at < alike.length; at += TOGETHER) batches.push(alike.slice(at, at + TOGETHER));
  }
  return batches;
}

/** Windows has no /proc, no links for everybody and no sockets in files. */
function possibleHere({ group }: Attempt): boolean {
  return Deno.build.os !== "windows" || (group !== "proc" && group !== "links");
}

function judge(
  { attempt: { id, group, what, expectation }, escaped, answer, answered }: Outcome,
): AttemptResult {
  if (escaped !== null) return { id, group, what, verdict: "escaped", evidence: escaped };
  const verdict = answered && expectation === "info" ? "info" : "blocked";
  return { id, group, what, verdict, evidence: answer === "" ? "it got nothing" : answer };
}

async function report(
  deno: string,
  attempts: readonly AttemptResult[],
  durationMs: number,
): Promise<HostileReport> {
  const answer = await askDenoVersion(deno, {});
  const count = (verdict: Verdict) => attempts.filter((attempt) => attempt.verdict === verdict).length;
  return {
    deno: "version" in answer ? answer.version : null,
    walls: wallsHere(),
    attempts,
    blocked: count("blocked"),
    info: count("info"),
    escaped: count("escaped"),
    durationMs: Math.round(durationMs),
  };
}

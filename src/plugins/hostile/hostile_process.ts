/** Launches one hostile plugin exactly as any other is launched, and tells what came of its attempts. @module */
import { KmError } from "../../core/error.ts";
import { type Altered, launchSandbox } from "../sandbox/launch.ts";
import { NO_PERMISSIONS } from "../sandbox/permissions_in_force.ts";
import type { Sandbox, SandboxEnd, SandboxLimits } from "../sandbox/sandbox.ts";
import { decodePluginFrame } from "../wire/decode.ts";
import { encodeHostFrame } from "../wire/encode.ts";
import type { Attempt } from "./attempt.ts";
import type { Canaries } from "./canaries.ts";
import { moduleCode, pluginCode, readReport } from "./plugin_code.ts";

/** What came of one attempt. */
export interface Outcome {
  readonly attempt: Attempt;
  /** What shows that it got through; null when nothing does. */
  readonly escaped: string | null;
  /** What it was told instead: its error, its answer, the end of its process. */
  readonly answer: string;
  /** It got an answer, and not an error. */
  readonly answered: boolean;
}

/** What all processes of a suite have in common. */
export interface Ground {
  readonly deno: string;
  readonly runtime: string;
  readonly signal: AbortSignal;
  /** A hole, for the proof that the suite sees it. */
  readonly altered: Altered;
}

const LIMITS: SandboxLimits = { heapMiB: 96, residentMiB: 256, cpuPercent: 100, frameBytes: 1024 * 1024 };
/** What must end by itself is given little: one second of a processor within ten. */
const BOUND_LIMITS: SandboxLimits = { ...LIMITS, heapMiB: 64, cpuPercent: 10 };
/** How long a process may be silent, in ms. An attempt takes at most 2 s; the machine may be busy. */
const SILENCE_MS = 20_000;
const LOAD_ID = 1, PING_ID = 2;

/** Runs `attempts` in one process, until all are done or it ends. Those it did not come to are not in the result. */
export async function runTogether(
  attempts: readonly Attempt[],
  canaries: Canaries,
  ground: Ground,
): Promise<Outcome[]> {
  return await new HostileProcess(attempts, canaries, ground).run();
}

class HostileProcess {
  readonly #attempts: readonly Attempt[];
  readonly #canaries: Canaries;
  readonly #ground: Ground;
  readonly #mark = crypto.randomUUID();
  readonly #outcomes = new Map<string, Outcome>();
  readonly #finished = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<SandboxEnd>();
  #current: Attempt;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sandbox: Sandbox | null = null;

  constructor(attempts: readonly Attempt[], canaries: Canaries, ground: Ground) {
    const [first] = attempts;
    if (first === undefined) throw new TypeError("there is nothing to try");
    this.#attempts = attempts;
    this.#current = first;
    this.#canaries = canaries;
    this.#ground = ground;
  }

  async run(): Promise<Outcome[]> {
    const { place } = this.#current;
    this.#canaries.onTouched(() => this.#look(this.#current));
    const code = new TextEncoder().encode(
      place === "module"
        ? moduleCode(this.#current, this.#canaries.lure)
        : pluginCode(this.#attempts, this.#canaries.lure, this.#mark),
    );
    const sandbox = await this.#launch(code);
    if (sandbox === null) return [...this.#outcomes.values()];
    const stop = () => sandbox.kill("asked", "the suite was stopped");
    this.#ground.signal.addEventListener("abort", stop);
    this.#listen();
    this.#send(sandbox, LOAD_ID, code);
    await Promise.race([this.#finished.promise, this.#end.promise]);
    sandbox.kill("asked", "all was tried");
    const end = await this.#end.promise;
    // Only now: what it still said until its end has set it again.
    clearTimeout(this.#timer);
    this.#ground.signal.removeEventListener("abort", stop);
    this.#ground.signal.throwIfAborted();
    this.#conclude(end);
    return [...this.#outcomes.values()];
  }

  /** Null when km refused to launch it, which is an outcome of its only attempt. */
  async #launch(code: Uint8Array<ArrayBuffer>): Promise<Sandbox | null> {
    const { place, without, grants } = this.#current;
    const { deno, runtime, altered } = this.#ground;
    const { lure, env } = this.#canaries;
    try {
      return this.#sandbox = await launchSandbox({
        deno,
        runtime,
        code,
        env,
        permissions: { ...NO_PERMISSIONS, ...grants?.(lure) },
        limits: place === "bound" ? BOUND_LIMITS : LIMITS,
        niceness: 0,
        on: {
          onFrame: (header, payload) => this.#take(header, payload),
          onRefused: () => {},
          onStderr: (text) => this.#search(text),
          onEnd: (end) => this.#end.resolve(end),
        },
      }, {
        ...altered,
        ...(without === "lexer" ? { unlexed: true } : {}),
        ...(without === "system" ? { bare: true } : {}),
      });
    } catch (error) {
      const isWanted = error instanceof KmError &&
        (error.code === "not_granted" || place === "module" && error.code === "plugin_failed");
      if (!isWanted) throw error;
      for (const attempt of this.#attempts) {
        this.#settle(attempt, { escaped: null, answer: error.message, answered: false });
      }
      return null;
    }
  }

  #send(sandbox: Sandbox, id: number, code: Uint8Array<ArrayBuffer> | null): void {
    const body = code === null ? { kind: "ping" as const } : { kind: "load" as const, code };
    const { header, payload } = encodeHostFrame(id, body, 1);
    void sandbox.send(header, payload);
  }

  #take(header: Uint8Array, payload: Uint8Array): void {
    this.#listen();
    const { body } = decodePluginFrame(header, payload, 1);
    switch (body.kind) {
      case "log":
        return this.#readLine(body.text);
      case "loaded":
      case "failed":
        if (body.kind === "failed") this.#search(body.message);
        // Whatever it did to the world around the bootstrap: it must still answer, or end.
        return this.#sandbox === null ? undefined : this.#send(this.#sandbox, PING_ID, null);
      case "pong":
        return this.#finished.resolve();
      case "refused":
        return;
      default:
        this.#settle(
          this.#current,
          escape(`it said "${body.kind}", which the bootstrap would not have said`),
        );
    }
  }

  #readLine(line: string): void {
    const report = readReport(line, this.#mark);
    if (report === null) return this.#search(line);
    if (report.kind === "done") return;
    const attempt = this.#attempts.find(({ id }) => id === report.id);
    if (attempt === undefined) return;
    this.#current = attempt;
    if (report.kind === "start") return;
    this.#search(report.text);
    this.#settle(attempt, {
      escaped: null,
      answer: report.text,
      answered: !report.threw && !NOTHING.has(report.text),
    });
  }

  /** A secret may come by any way: in a report, a log line, on stderr. */
  #search(text: string): void {
    const secret = this.#canaries.secretIn(text);
    if (secret !== null) this.#settle(this.#current, escape(secret));
    else if (text.includes(this.#canaries.lure.claim)) {
      this.#settle(this.#current, escape("it did what it set out to do"));
    } else this.#look(this.#current);
  }

  #look(suspect: Attempt): void {
    for (const { evidence, name } of this.#canaries.touched()) {
      const author = name === null ? undefined : this.#attempts.find(({ code }) => code.includes(name));
      this.#settle(author ?? suspect, escape(evidence));
    }
  }

  /** An escape is never taken back. */
  #settle(attempt: Attempt, outcome: Omit<Outcome, "attempt">): void {
    if (typeof this.#outcomes.get(attempt.id)?.escaped === "string") return;
    this.#outcomes.set(attempt.id, { attempt, ...outcome });
  }

  /** The process has ended: what stands for those that it did not answer for. */
  #conclude(end: SandboxEnd): void {
    this.#look(this.#current);
    const { place } = this.#current;
    if (end.why === "protocol") this.#settle(this.#current, escape(`it broke the frames: ${end.detail}`));
    if (end.why === "limit" && end.detail === SILENT && place === "bound") {
      this.#settle(this.#current, escape("nothing brought it to an end"));
    }
    if (!this.#outcomes.has(this.#current.id)) {
      const answer = end.detail === "all was tried" ? "nothing" : `its process ended: ${end.detail}`;
      this.#settle(this.#current, { escaped: null, answer, answered: false });
    }
  }

  /** Silence ends a process, as the host ends one that does not answer in time. */
  #listen(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#sandbox?.kill("limit", SILENT), SILENCE_MS);
  }
}

const SILENT = "it did not answer";
/** What an attempt returns that found nothing. */
const NOTHING = new Set(["", "undefined", "null", "{}"]);

function escape(evidence: string): Omit<Outcome, "attempt"> {
  return { escaped: evidence, answer: "", answered: true };
}

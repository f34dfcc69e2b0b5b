/** What a task is made of, and everything that can be wrong with it: found out before it is stored. @module */
import { isAbsolute } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { KmError } from "../../core/error.ts";
import { NO_METRICS, type Task } from "../../core/task.ts";
import { refuseSecret } from "../refuse_secret.ts";
import { asksFullAccess } from "../providers/launch.ts";
import type { Provider } from "../providers/provider.ts";
import { missingProvider } from "../providers/providers.ts";
import type { Caller } from "../start_options.ts";

export interface TaskOptions {
  readonly provider: string;
  readonly prompt: string;
  /** Absolute. */
  readonly cwd: string;
  readonly model?: string;
  /** Without the provider's own safeguards. Off unless asked for. */
  readonly fullAccess?: boolean;
  /** Behind the provider's own arguments. */
  readonly args?: readonly string[];
  /** Variables beside those that the provider is allowed; in memory alone, so that a task that outlives km runs without them. */
  readonly env?: Readonly<Record<string, string>>;
  /** Chosen by the caller: sent again, it is still one task. */
  readonly key?: string;
  /** It fails when it runs longer. */
  readonly timeoutMs?: number;
  /** For a provider without structured mode: leave its session as it is. */
  readonly keepsSession?: boolean;
}

/** Longest prompt, in characters. */
export const MAX_PROMPT_CHARS = 256 * 1024;
/** Longest prompt that goes to a program as an argument, in bytes. @see execve(2), MAX_ARG_STRLEN */
const MAX_ARGUMENT_BYTES = 120 * 1024;
/** Longest time limit, in ms. */
export const MAX_TIMEOUT_MS = 7 * 24 * 3600 * 1000;

/** Returns a task that can be stored. @throws {KmError} usage, not_found */
export function makeTask(
  options: TaskOptions,
  deps: {
    readonly caller: Caller;
    readonly id: string;
    readonly providers: ReadonlyMap<string, Provider>;
    /** What is wrong with those of the user. */
    readonly problems?: readonly string[];
  },
): Task {
  const provider = providerOf(options.provider, deps.providers, deps.problems);
  if (options.key !== undefined) refuseSecret("take a task with this key", options.key);
  checkPrompt(options.prompt, provider);
  checkFolder(options.cwd);
  checkSwitches(options, provider);
  const { timeoutMs } = options;
  if (timeoutMs !== undefined && !(timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new KmError("usage", `Cannot run a task for at most ${timeoutMs} ms: 1 ms to 7 days`);
  }
  return {
    id: deps.id,
    number: 0,
    key: options.key ?? null,
    provider: provider.name,
    prompt: options.prompt,
    cwd: options.cwd,
    // What it is, whether it was called so or not.
    fullAccess: (options.fullAccess ?? false) || asksFullAccess(provider, options.args ?? [], options.env),
    model: options.model ?? null,
    args: options.args ?? [],
    timeoutMs: timeoutMs ?? null,
    keepsSession: options.keepsSession ?? false,
    state: "queued",
    reason: "waits for its turn",
    createdUs: systemClock.nowUs(),
    startedUs: null,
    endedUs: null,
    attempts: 0,
    createdBy: deps.caller.name,
    sessionId: null,
    conversationId: null,
    result: null,
    exitCode: null,
    metrics: NO_METRICS,
  };
}

/** @throws {KmError} not_found */
export function providerOf(
  name: string,
  providers: ReadonlyMap<string, Provider>,
  problems: readonly string[] = [],
): Provider {
  const provider = providers.get(name);
  if (provider) return provider;
  throw missingProvider("run a task with", name, { providers, problems });
}

function checkPrompt(prompt: string, { structured }: Provider): void {
  if (prompt.trim() === "") throw new KmError("usage", "Cannot run a task: its prompt is empty");
  if (prompt.includes("\0")) throw new KmError("usage", "Cannot run a task: its prompt has a NUL character");
  if (prompt.length > MAX_PROMPT_CHARS) {
    throw new KmError(
      "usage",
      `Cannot run a task: its prompt has ${prompt.length} characters, at most ${MAX_PROMPT_CHARS} are taken`,
      { hint: "write it to a file, and tell the agent to read that" },
    );
  }
  if (structured?.promptBy !== "argument") return;
  if (new TextEncoder().encode(prompt).length > MAX_ARGUMENT_BYTES) {
    throw new KmError(
      "usage",
      "Cannot run a task: this provider takes its prompt as an argument, and it is too long",
      {
        hint: 'set "promptBy": "stdin" where the provider can read its prompt from there',
      },
    );
  }
}

/** Whoever asks for more or less than is possible is told so, and never gets something else. */
function checkSwitches({ fullAccess, model }: TaskOptions, provider: Provider): void {
  const { structured } = provider;
  const hasAccess = structured === null ? provider.fullAccess !== null : structured.fullAccessArgs.length > 0;
  if (fullAccess && !hasAccess) {
    throw new KmError(
      "usage",
      `Cannot run a task with full access: km knows no such switch of "${provider.name}"`,
      {
        hint: structured === null
          ? 'leave it away; a provider of your own says with "fullAccess" how its safeguards are switched off'
          : 'leave it away; a provider of your own says with "fullAccessArgs" in "structured" how its safeguards are switched off',
      },
    );
  }
  if (model !== undefined && !structured?.modelArgs) {
    throw new KmError(
      "usage",
      `Cannot choose the model of a task: km does not know how with "${provider.name}"`,
      {
        hint: 'give the provider\'s own flag in "args"',
      },
    );
  }
}

function checkFolder(path: string): void {
  if (!isAbsolute(path)) {
    throw new KmError("usage", `Cannot run a task in "${path}": the path must be absolute`);
  }
  try {
    if (Deno.statSync(path).isDirectory) return;
  } catch {
    // Said below.
  }
  throw new KmError("not_found", `Cannot run a task in "${path}": there is no such folder`);
}

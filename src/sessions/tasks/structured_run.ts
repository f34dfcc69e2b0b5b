/** A task in a provider's structured mode: one process, one prompt, events as lines of JSON. @module */
import { type PipedExit, PipedSession } from "../../proc/piped_session.ts";
import type { SessionWatcher } from "../../proc/session_watcher.ts";
import type { Task } from "../../core/task.ts";
import { probeAuth } from "../providers/auth_probe.ts";
import { asksFullAccess, childEnvironment } from "../providers/launch.ts";
import type { Provider, Structured } from "../providers/provider.ts";
import { type AgentParser, type AgentReport, parserOf, saysSignedOut } from "./agent_parser.ts";
import { GEMINI_SIGNED_OUT } from "./gemini_stream.ts";
import { parseObject } from "./json_value.ts";
import { type Line, LineSplitter } from "./line_splitter.ts";
import { StopRun, type TaskOutcome, type TaskRun } from "./task_run.ts";

/** Lines of stderr that are remembered for the reason of a failure. */
const TAIL_LINES = 20;
/** How long programs have between the signals when km itself ends, in ms. */
const HASTY_MS = 1000;

export interface StructuredDeps {
  readonly watcher: Pick<SessionWatcher, "add" | "remove" | "listFile">;
  readonly environment: () => Readonly<Record<string, string>>;
}

/** @throws {KmError} command_not_found, command_not_executable, not_found */
export async function runStructured(
  run: TaskRun,
  structured: Structured,
  deps: StructuredDeps,
): Promise<TaskOutcome> {
  const { task, provider, stop } = run;
  const access = mustSwitch(provider, task) ? provider.fullAccess?.env : undefined;
  const env = childEnvironment(deps.environment(), provider, { ...run.env, NO_COLOR: "1", ...access });
  const reader = new OutputReader(run, parserOf(structured.format), env);
  stop.throwIfAborted();
  const process = new PipedSession({
    command: structuredCommand(provider, structured, task),
    cwd: task.cwd,
    env,
    searchPath: env["PATH"] ?? "",
    listFile: deps.watcher.listFile,
    input: structured.promptBy === "stdin" ? task.prompt : "",
    onOutput: (stream, bytes) => reader.take(stream, bytes),
  });
  deps.watcher.add(process.pid);
  const end = (): void => {
    const isHasty = stop.reason instanceof StopRun && stop.reason.isHasty;
    (isHasty ? process.end("SIGTERM", HASTY_MS) : process.end()).catch(() => {}); // `ended` says the same.
  };
  stop.addEventListener("abort", end, { once: true });
  reader.onHopeless = () => void process.end("SIGTERM").catch(() => {}); // As above.
  try {
    const exit = await process.ended;
    reader.end();
    return outcomeOf(reader, exit, structured, provider);
  } finally {
    stop.removeEventListener("abort", end);
    deps.watcher.remove(process.pid);
  }
}

/** Program first. */
export function structuredCommand(
  provider: Provider,
  structured: Structured,
  task: Pick<Task, "prompt" | "model" | "fullAccess" | "args">,
): string[] {
  const { command, fullAccess } = provider;
  const { args, fullAccessArgs, modelArgs } = structured;
  return [
    ...command,
    ...args.map((arg) =>
      structured.promptBy === "argument" ? arg.replaceAll("{prompt}", () => task.prompt) : arg
    ),
    ...mustSwitch(provider, task)
      ? (fullAccessArgs.length > 0 ? fullAccessArgs : fullAccess?.args ?? [])
      : [],
    ...task.model === null
      ? []
      : (modelArgs ?? []).map((arg) => arg.replaceAll("{model}", () => task.model ?? "")),
    ...task.args,
  ];
}

/** Its safeguards are to be switched off, and its arguments do not do that already. */
function mustSwitch(provider: Provider, { fullAccess, args }: Pick<Task, "fullAccess" | "args">): boolean {
  return fullAccess && !asksFullAccess(provider, args);
}

/** What a program prints, made into events of its task. */
class OutputReader {
  readonly #run: TaskRun;
  readonly #parser: AgentParser;
  readonly #env: Readonly<Record<string, string>>;
  readonly #out = new LineSplitter();
  readonly #err = new LineSplitter();
  readonly #tail: string[] = [];
  #told: Pick<AgentReport, "conversationId" | "doing"> = { conversationId: null, doing: null };
  #probe: Promise<void> | null = null;
  #isProbedOut = false;
  /** Called when it would try for ever what cannot succeed. */
  onHopeless: () => void = () => {};

  constructor(run: TaskRun, parser: AgentParser, env: Readonly<Record<string, string>>) {
    this.#run = run;
    this.#parser = parser;
    this.#env = env;
  }

  get report(): AgentReport {
    return this.#parser.report;
  }

  get isSignedOut(): boolean {
    return this.#isProbedOut || this.report.isSignedOut;
  }

  /** The last words on stderr that are not part of a list of calls; null: there are none. */
  get lastWords(): string | null {
    return this.#tail.findLast((line) =>
      /^\S/.test(line) && !/^(?:at |[{}[\]]|\d{4}-\d\d-\d\dT)/.test(line)
    ) ?? null;
  }

  get tail(): string {
    return this.#tail.join("\n");
  }

  async take(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void> {
    if (stream === "stdout") { for (const line of this.#out.push(bytes)) this.#event(line); }
    else for (const line of this.#err.push(bytes)) this.#word(line);
    this.#tell();
    await this.#run.log.room();
  }

  end(): void {
    for (const line of this.#out.end()) this.#event(line);
    for (const line of this.#err.end()) this.#word(line);
    for (const said of this.#parser.end()) this.#run.log.add(said);
    this.#tell();
  }

  #event(line: Line): void {
    const event = line.leftOut === 0 ? parseObject(line.text) : null;
    if (event === null) return this.#output(line);
    for (const said of this.#parser.read(event)) this.#run.log.add(said);
  }

  #word(line: Line): void {
    if (line.text.trim() !== "") this.#tail.push(line.text.slice(0, 1000));
    if (this.#tail.length > TAIL_LINES) this.#tail.shift();
    this.#output(line);
  }

  #output({ text, leftOut }: Line): void {
    if (text.trim() === "") return;
    this.#run.log.add({
      kind: "output",
      text: leftOut === 0 ? text : `${text}… (${leftOut} bytes more were left out)`,
    });
  }

  /** What others should know while it runs. */
  #tell(): void {
    const { conversationId, doing } = this.report;
    if (conversationId !== this.#told.conversationId) this.#run.change({ conversationId });
    if (doing !== this.#told.doing) this.#run.change({ reason: doing ?? "runs" });
    this.#told = { conversationId, doing };
    if (doing === null) return;
    this.#probe ??= this.#askSignIn();
    if (this.#isProbedOut && /waiting for network/.test(doing)) this.onHopeless();
  }

  /** It has trouble: because nobody is signed in? */
  async #askSignIn(): Promise<void> {
    const { provider, task, stop } = this.#run;
    const options = { env: this.#env, cwd: task.cwd, signal: stop };
    const answer = await probeAuth(provider, options).catch(() => null); // The run was stopped.
    if (answer?.state !== "signed_out") return;
    this.#isProbedOut = true;
    this.#tell();
  }
}

function outcomeOf(
  reader: OutputReader,
  exit: PipedExit,
  { format }: Structured,
  provider: Provider,
): TaskOutcome {
  const { end, error, result, metrics, conversationId } = reader.report;
  const known = { result, metrics, conversationId, exitCode: exit.code };
  if (end?.isGood && exit.code === 0) {
    return { ...known, state: "done", reason: end.text === "" ? "done" : `done, but ${end.text}` };
  }
  const isSignedOut = reader.isSignedOut || (end === null && saysSignedOut(reader.tail)) ||
    (format === "gemini-stream-json" && exit.code === GEMINI_SIGNED_OUT);
  const ended = exit.signal === null
    ? `it ended with exit code ${exit.code}`
    : `it was ended by ${exit.signal}`;
  const words = (end?.isGood ? null : end?.text) ?? error ?? reader.lastWords;
  if (isSignedOut) {
    return {
      ...known,
      state: "failed",
      reason: `not signed in (${words ?? ended}): sign in with "km run ${provider.name}"`,
    };
  }
  if (end === null && words === null) {
    return { ...known, state: "failed", reason: `${ended} without a result` };
  }
  return { ...known, state: "failed", reason: words === null ? ended : `${ended}: ${words}` };
}

/** What `km tasks show` does. @module */
import type { TaskBody, taskEventBody } from "../../api/sessions/task_schemas.ts";
import { type Paint, painter, type Style } from "../../core/paint.ts";
import { printable, printableLines } from "../../core/printable.ts";
import { formatClock, formatCount, formatDuration } from "../../core/quantity.ts";
import { isTaskOver } from "../../core/task.ts";
import { jsonText } from "../json_text.ts";
import { answerOf } from "../sessions/api_answer.ts";
import { connectSessions, type DaemonClient } from "../sessions/daemon_client.ts";
import { stdoutTerminal, writeLines } from "../terminal.ts";
import { costOf } from "./task_cost.ts";
import { tellFailure } from "./task_result.ts";

type TaskEventBody = ReturnType<typeof taskEventBody>;

export interface ShowFlags {
  readonly events: boolean;
  readonly follow: boolean;
  readonly json: boolean;
}

const PAGE = 1000;
/** How often it is asked what has happened, in s: the daemon answers at once when the task is over. */
const LOOK_S = 1;

/** Prints it; returns the exit code. @throws {KmError} */
export async function showTask(ref: string, { events, follow, json }: ShowFlags): Promise<number> {
  const daemon = await connectSessions();
  const task = await answerOf<TaskBody>(daemon.client.api.tasks[":id"].$get({ param: { id: ref } }));
  const paint = painter(stdoutTerminal().color);
  if (!events && !follow) {
    writeLines(json ? [jsonText(task)] : factLines(task, paint));
    return 0;
  }
  const print = (some: readonly TaskEventBody[]) =>
    writeLines(
      json ? some.map((event) => jsonText(event)) : some.flatMap((event) => eventLines(event, paint)),
    );
  if (!follow) {
    if (!json) writeLines([...factLines(task, paint), ""]);
    await printEvents(daemon, task.id, 0, print);
    return 0;
  }
  return tellFailure(await followTask(daemon, task, print));
}

async function followTask(
  daemon: DaemonClient,
  first: TaskBody,
  print: (events: readonly TaskEventBody[]) => void,
): Promise<TaskBody> {
  let task = first;
  for (let after = 0;;) {
    const isOver = isTaskOver(task.state);
    after = await printEvents(daemon, task.id, after, print);
    if (isOver) return task;
    const request = { param: { id: task.id }, query: { timeout: String(LOOK_S) } };
    const response = await daemon.client.api.tasks[":id"].wait.$get(request);
    await response.body?.cancel();
    task = await answerOf<TaskBody>(daemon.client.api.tasks[":id"].$get({ param: { id: task.id } }));
  }
}

/** Returns the number of the last one. */
async function printEvents(
  { client }: DaemonClient,
  id: string,
  from: number,
  print: (events: readonly TaskEventBody[]) => void,
): Promise<number> {
  let after = from;
  for (;;) {
    const query = { after: String(after), limit: String(PAGE) };
    const { events } = await answerOf<{ events: TaskEventBody[] }>(
      client.api.tasks[":id"].events.$get({ param: { id }, query }),
    );
    print(events);
    after = events.at(-1)?.seq ?? after;
    if (events.length < PAGE) return after;
  }
}

function factLines(task: TaskBody, paint: Paint): string[] {
  const { metrics } = task;
  const tokens = metrics.inputTokens === null && metrics.outputTokens === null
    ? null
    : `${formatCount(metrics.inputTokens ?? 0)} in, ${formatCount(metrics.outputTokens ?? 0)} out`;
  const facts: readonly (readonly [name: string, text: string | null | undefined])[] = [
    ["task", `${task.number} (${task.id})`],
    ["state", task.reason === "" ? task.state : `${task.state}: ${task.reason}`],
    ["provider", task.model === null ? task.provider : `${task.provider}, ${task.model}`],
    ["access", task.fullAccess ? "full: it asks nobody before it acts" : null],
    ["folder", task.cwd],
    ["made", `${task.createdAt} by ${task.createdBy}`],
    ["took", took(task)],
    ["tokens", tokens],
    ["cost", costOf(metrics)],
    ["session", task.sessionId],
    ["conversation", task.conversationId],
  ];
  const lines = facts.filter(([, text]) => text !== null && text !== undefined)
    .map(([name, text]) => `${paint("dim", name.padEnd(12))}  ${printable(text ?? "")}`);
  const parts = [["prompt", task.prompt], ["result", task.result]] as const;
  for (const [name, text] of parts) {
    if (text !== null && text !== "") lines.push("", paint("dim", name), ...printableLines(text).split("\n"));
  }
  return lines;
}

function took({ startedAt, endedAt }: TaskBody): string | null {
  if (startedAt === null || endedAt === null) return null;
  return formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
}

const STYLES: Readonly<Record<TaskEventBody["kind"], Style | null>> = {
  state: "cyan",
  message: null,
  tool: "magenta",
  error: "red",
  output: "dim",
};

function eventLines({ time, kind, text }: TaskEventBody, paint: Paint): string[] {
  const [first = "", ...rest] = printableLines(text).replace(/\n$/, "").split("\n");
  const style = STYLES[kind];
  const word = kind.padEnd(7);
  const head = `${paint("dim", formatClock(time, new Date()))}  ${
    style === null ? word : paint(style, word)
  }`;
  return [`${head}  ${first}`, ...rest.map((line) => `${" ".repeat(23)}${line}`)];
}

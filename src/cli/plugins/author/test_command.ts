/** `km plugins test [folder]`: what a plugin does with messages, in the sandbox that its users run it in. @module */
import { resolve } from "node:path";
import { EXIT_CODES } from "../../../core/error.ts";
import { plural } from "../../../core/quantity.ts";
import { eventFilter } from "../../../core/filter.ts";
import { readProject } from "../../../plugins/author/project.ts";
import type { Replay } from "../../../plugins/author/replay.ts";
import {
  addHappenings,
  addMessage,
  EndedOver,
  type MessageReport,
  noTotals,
  type Totals,
} from "../../../plugins/author/report.ts";
import { command as defineCommand } from "../../command.ts";
import { RANGE_FLAGS, refuseRange, SUBJECT_FLAGS } from "../../filter.ts";
import { jsonText } from "../../json_text.ts";
import { loadReplay } from "../../packages.ts";
import { stdoutTerminal, write, writeLines } from "../../terminal.ts";
import { fixtureMessages, recordedMessages, type Tried } from "./messages.ts";
import { prepare } from "./prepare.ts";
import { messageLines, restLines, totalsLine } from "./report_lines.ts";

export const command = defineCommand({
  name: "plugins test",
  summary: "Run a plugin in the sandbox on a fixture or on recorded messages, and show what it does",
  usage: "[folder]",
  words: [0, 1],
  flags: [
    {
      name: "events",
      short: "e",
      type: "string",
      placeholder: "file",
      help: "Messages, as km events --json prints them; fixture.jsonl when left out",
    },
    {
      name: "recorded",
      short: "r",
      type: "boolean",
      help: "Messages that km has recorded, in place of a fixture",
    },
    { name: "limit", short: "n", type: "number", default: "1000", help: "The newest n recorded messages" },
    ...RANGE_FLAGS,
    ...SUBJECT_FLAGS,
    {
      name: "config",
      short: "c",
      type: "string",
      placeholder: "file",
      help: "The plugin's configuration; config.jsonc of the folder when left out",
    },
    { name: "no-check", type: "boolean", help: "Do not check the types" },
    { name: "json", type: "boolean", help: "One JSON object per line" },
  ],
  details:
    "The plugin is built and started as km starts it for its users, with all that its manifest asks for, and given the messages one by one. " +
    "What it tried and was refused is shown as well. --server, --since and the like choose among recorded messages. What it keeps is kept for this run alone. " +
    "The exit code is 27 when the plugin failed, be it over one message.",
  examples: [
    ["km plugins test", "the plugin in this folder, with fixture.jsonl"],
    ["km plugins test --recorded --server github --since 1h", "with what really passed"],
  ],
  json: {
    type: "message, or at the end: end",
    number: "of the message, from 1",
    event: "what the plugin was told of it",
    seen: "false: outside of the plugin's data scope",
    failed: "what the plugin threw, or null",
    happenings:
      '[{kind: "emit", what} | {kind: "log", level, text, console} | {kind: "refused", permission, value} | {kind: "stderr", text}]',
    ms: "how long it took",
    totals: "end: {messages, seen, failed, findings, metrics, annotations, logs, refused}",
    problem: "end: why the plugin ended early, or null",
  },
  async run(flags, [folder = "."]) {
    const { json, noCheck, config, events, recorded, limit } = flags;
    const filter = eventFilter(flags, refuseRange);
    // Before its messages: in a folder without a plugin those are not what is missing.
    await readProject(resolve(folder));
    const wanted = recorded || Object.values(filter).some((value) => value !== undefined);
    const tried = wanted && events === undefined
      ? await recordedMessages(filter, limit)
      : await fixtureMessages(folder, events);
    const prepared = await prepare(folder, { config: config ?? null, check: !noCheck, state: new Map() });
    const { Replay } = await loadReplay();
    const { name, version } = prepared.project.manifest;
    if (!json) write(`${name} ${version}: ${plural(tried.messages.length, "message")} of ${tried.from}\n`);
    return await replayAll(await Replay.start(prepared.replay), tried, json);
  },
});

async function replayAll(replay: Replay, { messages }: Tried, json: boolean): Promise<number> {
  const totals = noTotals();
  const { color } = stdoutTerminal();
  let problem: string | null = null;
  const show = (report: MessageReport) => {
    addMessage(totals, report);
    if (json) write(`${jsonText({ type: "message", ...report })}\n`);
    else writeLines(messageLines(report, color));
  };
  try {
    for (const message of messages) show(await replay.handle(message));
  } catch (error) {
    if (!(error instanceof EndedOver)) throw error;
    show(error.report);
    problem = error.message;
  }
  const { end, happenings } = await replay.end();
  addHappenings(totals, happenings);
  if (problem === null && end.why !== "asked" && end.exitCode !== 0) problem = end.detail;
  if (json) write(`${jsonText({ type: "end", happenings, totals, problem })}\n`);
  else writeLines([...restLines(happenings, color), ...endLines(totals, messages.length, problem)]);
  return totals.failed > 0 || problem !== null ? EXIT_CODES.plugin_failed : 0;
}

function endLines(totals: Totals, all: number, problem: string | null): string[] {
  return [totalsLine(totals, all), ...(problem === null ? [] : [problem])];
}

/** `km show <id>`: one event, whole, with what answers it. @module */

import type { Event } from "../../core/event.ts";
import { payloadJson, rpcIdJson } from "../../store/event_json.ts";
import { detailJson, type EventDetail } from "../../store/events.ts";
import type { StoredAnnotation } from "../../store/plugin_emits_reader.ts";
import { command as defineCommand } from "../command.ts";
import { indentJson } from "../indent_json.ts";
import { type Paint, painter } from "../../core/paint.ts";
import { printable, printableJson, printableLines } from "../../core/printable.ts";
import { formatBytes, formatDuration } from "../../core/quantity.ts";
import { NOTHING_RECORDED } from "../read_store.ts";
import { withSource } from "../source.ts";
import { stdoutTerminal, write, writeLines } from "../terminal.ts";
import { KmError } from "../../core/error.ts";

export const command = defineCommand({
  name: "show",
  summary: "Show one message, whole, with its counterpart",
  usage: "<id>",
  words: [1, 1],
  details:
    "A beginning of the id is enough when no other id begins so. The counterpart of a request is its answer, and the other " +
    "way round.",
  flags: [{ name: "json", type: "boolean", help: "One JSON object" }],
  examples: [["km show 019f1d2c-8a41", "the event whose id begins so"]],
  json: {
    event: "the event, as in km events --json",
    sha256: "SHA-256 of the whole message, when it was truncated; or null",
    counterpart: "the event that answers it or that it answers, or null",
    call: "the call they make, as in km calls --json, or null",
    annotations: "what plugins noted on it: plugin, pluginVersion, key, value, time",
  },
  async run(flags, words) {
    const [id = ""] = words;
    return await withSource(async (source) => {
      const detail = await source.event(id);
      if (flags.json) write(`${printableJson(detailJson(detail))}\n`);
      else writeLines(describe(detail, painter(stdoutTerminal().color)));
      return 0;
    }, () => {
      throw new KmError("not_found", `Cannot find an event "${id}"`, { hint: NOTHING_RECORDED });
    });
  },
});

function describe({ event, sha256, counterpart, call, annotations }: EventDetail, paint: Paint): string[] {
  const lines = describeEvent(event, paint);
  if (event.truncated) {
    lines.push(paint("yellow", `stored in part; SHA-256 of the whole: ${sha256 ?? "unknown"}`));
  }
  if (call) {
    const took = call.durationMs === null ? "" : ` in ${formatDuration(call.durationMs)}`;
    lines.push(
      "",
      `${paint("bold", "call")}  ${call.outcome}${took}, ${formatBytes(call.requestBytes)} in, ${
        formatBytes(call.responseBytes)
      } out${call.tokens > 0 ? `, about ${call.tokens} tokens` : ""}`,
    );
  }
  if (annotations.length > 0) lines.push("", ...annotations.map((note) => describeNote(note, paint)));
  if (counterpart) lines.push("", ...describeEvent(counterpart, paint));
  return lines;
}

/** Printable once more: the text may come from a daemon. */
function describeNote({ plugin, key, value }: StoredAnnotation, paint: Paint): string {
  return `${paint("bold", "note")}  ${paint("dim", `${printable(plugin)}:`)} ${printable(key)} = ${
    printable(value)
  }`;
}

function describeEvent(event: Event, paint: Paint): string[] {
  const arrow = event.direction === "client_to_server"
    ? "→"
    : event.direction === "server_to_client"
    ? "←"
    : "·";
  const title = [event.kind, event.method, event.tool].filter((part) => part !== null).map((part) =>
    printable(part)
  );
  const facts: [string, string | null][] = [
    ["id", event.id],
    ["time", event.time],
    ["server", event.server],
    ["run", event.correlationId],
    ["rpc id", rpcIdJson(event)],
    ["size", formatBytes(event.sizeBytes)],
    ["took", event.durationMs === null ? null : formatDuration(event.durationMs)],
  ];
  return [
    paint("bold", `${arrow} ${title.join(" ")}`),
    ...facts.flatMap(([name, value]) =>
      value === null ? [] : [`${paint("dim", name.padEnd(7))} ${printable(value)}`]
    ),
    ...payloadLines(event, paint),
  ];
}

function payloadLines(event: Event, paint: Paint): string[] {
  const { payload } = event;
  if (payload === null) return [paint("dim", "nothing of its payload is kept")];
  if (typeof payload === "string") return printableLines(payload).split("\n");
  const json = payloadJson(event);
  const indented = indentJson(json);
  // Nested too deeply to be laid out: as it came.
  if (indented === null) return [printable(json)];
  return indented.split("\n").map((line) => paintJson(printable(line), paint));
}

/** Paints one line of indented JSON: its key, and a value that is a string, a number or a word. */
function paintJson(line: string, paint: Paint): string {
  const parts = /^(\s*)("(?:[^"\\]|\\.)*"(?=: ))?(: )?(.*?)(,?)$/s.exec(line);
  if (!parts) return line;
  const [, indent = "", key = "", colon = "", value = "", comma = ""] = parts;
  const style = value.startsWith('"')
    ? "green"
    : /^[\d-]/.test(value)
    ? "yellow"
    : /^(true|false|null)/.test(value)
    ? "magenta"
    : undefined;
  return indent + paint("cyan", key) + colon + (style ? paint(style, value) : value) + comma;
}

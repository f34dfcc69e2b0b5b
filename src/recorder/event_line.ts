/** One event as one line for people: `12:04:05.123 → tools/call echo  #3  128 B`. @module */
import type { EventRecord } from "../core/event.ts";
import { painter, type Style } from "../core/paint.ts";
import { printableStart } from "../core/printable.ts";
import { formatBytes, formatDuration, formatTimeOfDay } from "../core/quantity.ts";

const MAX_NAME = 60;
const MAX_TEXT = 100;

const decoder = new TextDecoder();

/** The line without its end. Whatever the message says, it stays one line of bounded width. */
export function describeEvent(event: EventRecord, { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const { words, tone } = wordsOf(event);
  const arrow = event.direction === null ? "●" : event.direction === "client_to_server" ? "→" : "←";
  const text = `${arrow} ${words.filter((word) => word !== "").join("  ")}`;
  return `${paint("dim", formatTimeOfDay(new Date(event.timeUs / 1000)))} ${
    tone === null ? text : paint(tone, text)
  }`;
}

function wordsOf(event: EventRecord): { words: string[]; tone: Style | null } {
  const size = formatBytes(event.sizeBytes) + (event.truncated ? " (cut)" : "");
  switch (event.kind) {
    case "request":
      return { words: [subject(event), id(event), size], tone: "cyan" };
    case "notification":
      return { words: [subject(event), size], tone: "dim" };
    case "response": {
      const failed = isToolError(event);
      return {
        words: [answered(event), failed ? "tool error" : "", duration(event), size],
        tone: failed ? "red" : "green",
      };
    }
    case "error":
      return { words: [answered(event), errorText(event), duration(event), size], tone: "red" };
    case "invalid":
      return { words: ["not JSON-RPC:", quote(event), size], tone: "red" };
    case "log":
      return { words: ["stderr:", quote(event)], tone: "dim" };
    case "gap":
      return { words: ["not recorded:", gapText(event)], tone: "yellow" };
    case "lifecycle":
      return { words: [lifecycleText(event)], tone: "dim" };
  }
}

function subject({ method, tool }: EventRecord): string {
  const name = printableStart(method ?? "?", MAX_NAME);
  return tool === null ? name : `${name} ${printableStart(tool, MAX_NAME)}`;
}

/** A response is told by what was asked; one that nobody asked for by its id. */
function answered(event: EventRecord): string {
  if (event.method === null) return `unasked answer ${id(event)}`;
  return `${event.tool === null ? subject(event) : printableStart(event.tool, MAX_NAME)} ${id(event)}`;
}

function id({ rpcId }: EventRecord): string {
  return rpcId === null ? "" : `#${printableStart(rpcId, 40)}`;
}

function duration({ durationUs }: EventRecord): string {
  return formatDuration(durationUs === null ? null : durationUs / 1000);
}

function quote({ payload, format }: EventRecord): string {
  if (payload === null) return "";
  return format === "bytes"
    ? "(not UTF-8)"
    : printableStart(decoder.decode(payload.subarray(0, MAX_TEXT * 4)), MAX_TEXT);
}

function isToolError(event: EventRecord): boolean {
  const result = facts(event).result;
  return typeof result === "object" && result !== null && "isError" in result && result.isError === true;
}

function errorText(event: EventRecord): string {
  const error = facts(event).error;
  if (typeof error !== "object" || error === null) return "error";
  const { code, message } = error as { code?: unknown; message?: unknown }; // as: members are checked by String
  return printableStart(`error ${String(code)}: ${String(message)}`, MAX_TEXT);
}

function gapText(event: EventRecord): string {
  const { messages, stream } = facts(event);
  return `${messages} messages, ${formatBytes(event.sizeBytes)} of ${stream}`;
}

function lifecycleText(event: EventRecord): string {
  const { event: what, ...rest } = facts(event);
  return printableStart(`${what} ${JSON.stringify(rest)}`, MAX_TEXT * 2);
}

function facts({ payload, format, truncated }: EventRecord): Record<string, unknown> {
  if (payload === null || format !== "json" || truncated) return {};
  const value: unknown = JSON.parse(decoder.decode(payload));
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {}; // as: an object
}

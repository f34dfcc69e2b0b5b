/** Events as lines of a table: what a person wants to see of each. @module */

import type { Event } from "../core/event.ts";
import { formatBytes, formatClock, formatDuration } from "../core/quantity.ts";
import type { Style } from "../core/paint.ts";
import { printable } from "../core/printable.ts";
import { type Column, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** Columns kept for the server's name where lines come one by one. */
const STEADY_SERVER_COLUMNS = 14;

/** How a table of events is made. */
export interface EventTableOptions {
  readonly now: Date;
  /** Makes an id as short as `km show` still takes it. */
  readonly shortId: (id: string) => string;
  /** Keeps the columns where they are from one call to the next (--follow): the servers that were shown before. */
  readonly steady?: readonly string[];
  readonly header?: boolean;
}

/** Returns the lines of a table of events. */
export function eventTable(
  events: readonly Event[],
  terminal: Terminal,
  options: EventTableOptions,
): string[] {
  const lines = table(events, columns(events, options), terminal);
  return options.header ?? true ? lines : lines.slice(1);
}

function columns(
  events: readonly Event[],
  { now, shortId, steady }: EventTableOptions,
): Column<Event>[] {
  const oneServer = new Set(events.map((event) => event.server)).size === 1;
  const serverColumns = Math.max(
    STEADY_SERVER_COLUMNS,
    ...(steady ?? []).map((server) => printable(server).length),
  );
  return [
    { title: "TIME", cell: (event) => formatClock(event.time, now), rank: 1, style: () => "dim" },
    {
      title: "SERVER",
      cell: (event) => event.server,
      least: 8,
      rank: oneServer && !steady ? 5 : 2,
      ...(steady && { atLeast: serverColumns }),
    },
    { title: "KIND", cell: kindText, style: kindStyle, ...(steady && { atLeast: 14 }) },
    { title: "TOOK", cell: (event) => formatDuration(event.durationMs), align: "right", atLeast: 7, rank: 3 },
    {
      title: "SIZE",
      cell: (event) => event.kind === "lifecycle" ? "" : formatBytes(event.sizeBytes),
      align: "right",
      atLeast: 7,
      rank: 4,
    },
    {
      title: "WHAT",
      cell: eventSummary,
      style: whatStyle,
      least: 18,
      last: true,
      ...(steady && { atLeast: 40 }),
    },
    // Never left out: it is what `km show` takes.
    { title: "ID", cell: (event) => shortId(event.id), style: () => "dim" },
  ];
}

/** One line that says what an event is about. */
export function eventSummary(event: Event): string {
  const what = [event.method, event.tool].filter(Boolean).join(" ");
  switch (event.kind) {
    case "request":
    case "notification":
      return what;
    case "response":
      return isToolError(event)
        ? `${what}: ${toolErrorText(event)}`
        : what || "answers no request that was seen";
    case "error":
      return [what, rpcErrorText(event)].filter(Boolean).join(": ");
    case "lifecycle":
      return lifecycleText(event.payload);
    default:
      return typeof event.payload === "string" ? event.payload : fieldsText(event.payload);
  }
}

/** True for a response whose result says that the tool failed. */
export function isToolError(event: Event): boolean {
  return event.kind === "response" && field(field(event.payload, "result"), "isError") === true;
}

function kindText(event: Event): string {
  const arrow = event.direction === "client_to_server"
    ? "→"
    : event.direction === "server_to_client"
    ? "←"
    : "·";
  return `${arrow} ${event.kind}`;
}

function kindStyle(event: Event): Style | undefined {
  if (event.kind === "error" || event.kind === "invalid" || event.kind === "gap" || isToolError(event)) {
    return "red";
  }
  if (event.kind === "request") return "cyan";
  return event.kind === "response" ? "green" : "dim";
}

function whatStyle(event: Event): Style | undefined {
  if (event.kind === "error" || isToolError(event)) return "red";
  return event.kind === "log" || event.kind === "lifecycle" ? "dim" : undefined;
}

function toolErrorText(event: Event): string {
  const content = field(field(event.payload, "result"), "content");
  const text = Array.isArray(content) ? field(content[0], "text") : undefined;
  return typeof text === "string" ? text : "the tool says it failed";
}

function rpcErrorText(event: Event): string {
  const error = field(event.payload, "error");
  const [code, message] = [field(error, "code"), field(error, "message")];
  return [code, message].filter((part) => part !== undefined).map(fieldText).join(" ");
}

/** @see recorder.ts, which writes `{event: "start", command, cwd, pid}` and `{event: "exit", exitCode, signal, reason}` */
function lifecycleText(payload: unknown): string {
  const command = field(payload, "command");
  switch (field(payload, "event")) {
    case "start":
      return `started: ${Array.isArray(command) ? command.join(" ") : String(command)}`;
    case "exit": {
      const signal = field(payload, "signal");
      const how = typeof signal === "string" ? `by ${signal}` : `with code ${field(payload, "exitCode")}`;
      return `ended ${how}: ${field(payload, "reason")}`;
    }
    default:
      return fieldsText(payload);
  }
}

function fieldsText(payload: unknown): string {
  if (payload === null || payload === undefined) return "";
  if (typeof payload !== "object") return String(payload);
  return Object.entries(payload)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${key} ${fieldText(value)}`)
    .join(", ");
}

function fieldText(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return "(nested too deeply)"; // the stack of JSON.stringify has an end, that of JSON.parse has not
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

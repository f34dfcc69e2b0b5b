/**
 * Shows every message as one coloured line: which way it went, what it was, how long it took. What failed is red.
 * @module
 */
import { definePlugin, type Message } from "../sdk/mod.ts";

const COLORS = { dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
type Color = keyof typeof COLORS;

/** A piece of a line. */
interface Piece {
  readonly text: string;
  readonly color?: Color;
}

/** The pieces of a message's line. */
export function piecesOf(message: Message): Piece[] {
  const { event } = message;
  const failed = failureOf(message);
  const out = message.direction === "client_to_server";
  const pieces: (Piece | null)[] = [
    { text: timeOf(event.timeUs), color: "dim" },
    { text: event.server, color: "blue" },
    message.direction === null ? null : out ? { text: "→", color: "cyan" } : { text: "←", color: "green" },
    { text: event.method ?? event.kind, ...(failed === null ? {} : { color: "red" as const }) },
    event.tool === null ? null : { text: event.tool, color: "yellow" },
    event.durationUs === null ? null : { text: duration(event.durationUs) },
    { text: size(event.sizeBytes), color: "dim" },
    failed === null ? null : { text: failed, color: "red" },
  ];
  return pieces.filter((piece) => piece !== null);
}

/** Pieces as one line that is at most `width` characters long, colours not counted. */
export function lineOf(
  pieces: readonly Piece[],
  { color, width }: { color: boolean; width: number },
): string {
  let line = "";
  let left = width;
  for (const piece of pieces) {
    const space = line === "" ? "" : " ";
    const text = printable(piece.text);
    const room = left - space.length;
    if (room <= 0) break;
    const shown = text.length <= room ? text : `${text.slice(0, room - 1)}…`;
    line += space + (color && piece.color ? `\x1b[${COLORS[piece.color]}m${shown}\x1b[0m` : shown);
    left = room - shown.length;
  }
  return line;
}

/** Why a message is a failure; null when it is none. */
function failureOf(message: Message): string | null {
  const { kind } = message.event;
  if (kind === "invalid") return "not JSON-RPC";
  if (kind !== "error" && kind !== "response") return null;
  const { error, result } = asObject(message.json());
  if (kind === "error") {
    const { code, message: text } = asObject(error);
    return ["error", code, text].filter((part) => part !== undefined).join(" ");
  }
  const { isError, content } = asObject(result);
  if (isError !== true) return null;
  const first: unknown = Array.isArray(content) ? content[0] : undefined;
  const { text } = asObject(first);
  return typeof text === "string" ? `tool error: ${text}` : "tool error";
}

/** 14:05:09.123, UTC. */
function timeOf(timeUs: number): string {
  return new Date(timeUs / 1000).toISOString().slice(11, 23);
}

function duration(us: number): string {
  if (us < 1_000_000) return `${(us / 1000).toFixed(1)} ms`;
  return `${(us / 1_000_000).toFixed(2)} s`;
}

function size(bytes: number): string {
  return bytes < 1000
    ? `${bytes} B`
    : bytes < 1e6
    ? `${(bytes / 1e3).toFixed(1)} kB`
    : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** What a server names its tools may hold anything: no colours, no cursor, one line. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- control and bidirectional characters are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "·");
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

export default definePlugin({
  name: "console-logger",
  version: "1.0.0",
  configSchema: {
    type: "object",
    properties: {
      noColor: { type: "boolean", default: false, description: "Never colour; see https://no-color.org" },
      all: { type: "boolean", default: false, description: "Notifications and the server's own log, too" },
      width: {
        type: "integer",
        minimum: 20,
        maximum: 1000,
        default: 160,
        description: "Longest line, in characters",
      },
    },
    additionalProperties: false,
  },
  onMessage(message, { config, console }) {
    const { kind } = message.event;
    if (!config.all && (kind === "notification" || kind === "log")) return;
    console(lineOf(piecesOf(message), { color: !config.noColor, width: config.width }));
  },
});

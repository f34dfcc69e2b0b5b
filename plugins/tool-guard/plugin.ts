/**
 * Watches what servers say their tools are. The first description of a tool is trusted; one that changes later is a finding, because a model
 * reads descriptions as instructions ("rug pull"). A tool that appears after the first listing is told, too.
 * @module
 */
import { type Context, definePlugin, type Message } from "../sdk/mod.ts";

/** What of a tool a model reads or trusts. */
const WATCHED = ["title", "description", "inputSchema", "outputSchema", "annotations"] as const;
type Field = typeof WATCHED[number];

/** Lists of JSON Schema and of annotations whose order means nothing. */
const UNORDERED = new Set(["required", "enum", "type", "anyOf", "oneOf", "allOf"]);
/** Of each field, to show later what it was. The hash is of the whole. */
const KEPT_CHARS = 600;
/** Longest name of something that is kept. */
const MAX_KEY_CHARS = 256;
const SHOWN_CHARS = 160;
const SHOWN_CHANGES = 8;
const DETAIL_CHARS = 2000;

/** What is kept of a tool. */
export type Known = {
  readonly hash: string;
  /** Its fields as canonical text, cut. */
  readonly fields: { readonly [F in Field]?: string };
};

/** A value as text that is the same whatever the order of its keys. */
export function canonical(value: unknown, key = ""): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item));
    return `[${(UNORDERED.has(key) ? items.sort() : items).join(",")}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const sorted = entries.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  return `{${sorted.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item, name)}`).join(",")}}`;
}

/** What is to be remembered of a tool as it was listed. */
export async function knownOf(tool: Readonly<Record<string, unknown>>): Promise<Known> {
  const texts = WATCHED.flatMap((field) =>
    tool[field] === undefined
      ? []
      : [[field, typeof tool[field] === "string" ? tool[field] : canonical(tool[field])] as const]
  );
  const hash = await sha256(JSON.stringify(texts));
  return { hash, fields: Object.fromEntries(texts.map(([field, text]) => [field, cut(text, KEPT_CHARS)])) };
}

/** What changed, for people: one line a field. */
export function diff(before: Known, after: Known): string {
  const lines: string[] = [];
  for (const field of WATCHED) {
    const [was, is] = [before.fields[field], after.fields[field]];
    if (was === is) continue;
    if (was === undefined) lines.push(`${field} added: ${cut(is ?? "", SHOWN_CHARS)}`);
    else if (is === undefined) lines.push(`${field} removed: ${cut(was, SHOWN_CHARS)}`);
    else lines.push(`${field}: ${changeOf(was, is)}`);
  }
  if (lines.length === 0) lines.push(`changed beyond the first ${KEPT_CHARS} characters`);
  return cut(lines.slice(0, SHOWN_CHANGES).join("\n"), DETAIL_CHARS);
}

/** What differs between two texts, with a few characters around it: `…reads a [-file-]{+file, and sends it away+}…`. */
function changeOf(was: string, is: string): string {
  let start = 0;
  while (start < was.length && start < is.length && was[start] === is[start]) start++;
  let end = 0;
  while (end < was.length - start && end < is.length - start && was.at(-1 - end) === is.at(-1 - end)) end++;
  const around = was.slice(Math.max(0, start - 20), start);
  const [gone, come] = [was.slice(start, was.length - end), is.slice(start, is.length - end)];
  const after = was.slice(was.length - end).slice(0, 20);
  return `${start > 20 ? "…" : ""}${around}${gone === "" ? "" : `[-${cut(gone, SHOWN_CHARS)}-]`}${
    come === "" ? "" : `{+${cut(come, SHOWN_CHARS)}+}`
  }${after}${end > 20 ? "…" : ""}`;
}

/** Looks at one answer to tools/list. */
async function watch(message: Message, km: Context): Promise<void> {
  const { server } = message.event;
  if (message.event.truncated) {
    km.log.warning(`a list of tools of ${server} was too long to be compared`);
    return;
  }
  const { result } = asObject(message.json());
  const { tools, nextCursor } = asObject(result);
  if (!Array.isArray(tools)) return;
  const listedKey = await keyOf("listed", server);
  const listed = km.state.get(listedKey) === true;
  for (const tool of tools) {
    const { name } = asObject(tool);
    if (typeof name === "string") await watchTool({ message, name, tool: asObject(tool), listed }, km);
  }
  // A list may come in pages: only when the last has come is everything else new.
  if (!listed && nextCursor === undefined) km.state.set(listedKey, true);
}

interface Seen {
  readonly message: Message;
  readonly name: string;
  readonly tool: Record<string, unknown>;
  /** The server has listed all its tools before. */
  readonly listed: boolean;
}

async function watchTool({ message, name, tool, listed }: Seen, km: Context): Promise<void> {
  const { server } = message.event;
  const key = await keyOf("tool", server, name);
  const now = await knownOf(tool);
  const before = km.state.get(key) as Known | undefined;
  if (before?.hash === now.hash) return;
  keep(key, now, km);
  const about = { message, server, tool: name };
  if (before !== undefined) {
    km.emit.finding({
      ...about,
      key: await keyOf("changed", server, name, now.hash.slice(0, 16)),
      severity: "warning",
      title: `Tool "${cut(name, 80)}" is not what it was`,
      detail: diff(before, now),
    });
  } else if (listed) {
    km.emit.finding({
      ...about,
      key: await keyOf("new", server, name),
      severity: "info",
      title: `Tool "${cut(name, 80)}" is new`,
      detail: cut(now.fields.description ?? "It has no description.", DETAIL_CHARS),
    });
  }
}

/** Keeps the texts, too, while there is room for them. */
function keep(key: string, known: Known, km: Context): void {
  try {
    km.state.set(key, known);
  } catch {
    try {
      km.state.set(key, { hash: known.hash, fields: {} });
    } catch {
      km.log.warning(`no room to remember ${cut(key, 80)}`);
    }
  }
}

/** Names of tools and servers may be as long as they like. */
async function keyOf(...parts: string[]): Promise<string> {
  const key = parts.map((part) => part.replaceAll(":", "::")).join(":");
  return key.length <= MAX_KEY_CHARS ? key : `${parts[0]}:#${await sha256(key)}`;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** At most `length` characters, with a mark where something is missing. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

export default definePlugin({
  name: "tool-guard",
  version: "1.0.0",
  async onMessage(message, km) {
    const { kind, method } = message.event;
    if (kind === "response" && method === "tools/list") await watch(message, km);
  },
});

/**
 * Lists as NDJSON: one entry a line, as the command line prints them. What a JSON answer says beside its entries then stands in headers. A query
 * gives one text, so it puts that before the lines, on a line of its own, which the route takes off.
 * @module
 */
import type { z } from "@hono/zod-openapi";
import type { Context, TypedResponse } from "hono";
import type { JSONParsed } from "hono/utils/types";

/** How a list is to be written. */
export type ListFormat = "json" | "ndjson";

/** What stands beside the entries, and the header that tells it. */
interface Head {
  readonly nextCursor: string | null;
  readonly streamCursor?: string;
  readonly complete?: boolean;
}

const NDJSON = "application/x-ndjson";
const LINE_END = 10;

/** How the caller wants a list. */
export function listFormat(context: Context): ListFormat {
  return context.req.header("Accept")?.includes(NDJSON) ? "ndjson" : "json";
}

/** The text of a list, for `sendList`. `entries` are JSON texts on one line each. */
export function listText(
  format: ListFormat,
  name: string,
  list: { readonly head: Head; readonly entries: readonly string[] },
): string {
  const head = JSON.stringify(list.head);
  if (format === "json") return `{"${name}":[${list.entries.join(",")}],${head.slice(1)}`;
  return [head, ...list.entries].map((line) => `${line}\n`).join("");
}

/** Sends what `listText` made, as the type that `schema` says it has. */
export function sendList<Schema extends z.ZodType>(
  context: Context,
  _schema: Schema,
  format: ListFormat,
  text: Uint8Array<ArrayBuffer>,
): Response & TypedResponse<JSONParsed<z.infer<Schema>>, 200, "json"> {
  const response = format === "json"
    ? context.body(text, 200, { "Content-Type": "application/json", Vary: "Accept" })
    : sendLines(context, text);
  // As: hono cannot know what is in the bytes.
  return response as unknown as Response & TypedResponse<JSONParsed<z.infer<Schema>>, 200, "json">;
}

function sendLines(context: Context, text: Uint8Array<ArrayBuffer>): Response {
  const end = text.indexOf(LINE_END);
  const head = JSON.parse(new TextDecoder().decode(text.subarray(0, end))) as Head; // as: listText wrote it
  const headers: Record<string, string> = { "Content-Type": NDJSON, Vary: "Accept" };
  if (head.nextCursor !== null) headers["Km-Next-Cursor"] = head.nextCursor;
  if (head.streamCursor !== undefined) headers["Km-Stream-Cursor"] = head.streamCursor;
  if (head.complete !== undefined) headers["Km-Complete"] = String(head.complete);
  return context.body(text.subarray(end + 1), 200, headers);
}

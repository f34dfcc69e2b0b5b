/** The one line of a payload that is worth seeing: arguments, the text of a result, the message of an error. Pure. @module */
import { printableStart } from "../../core/printable.ts";
import { childrenOf, type JsonSpan, memberOf, stringOf, valueAt } from "./json_text.ts";

/** Longest preview kept, in characters; wider than its column is on any screen. */
export const MAX_PREVIEW_CHARS = 180;
/** What is read of a payload, in characters: names and arguments stand at its beginning. */
const MAX_READ_CHARS = 4096;

/** Returns the beginning of what matters in `payload` (JSON text), on one line and safe to show; "" where nothing is kept. */
export function previewOf(payload: string): string {
  const text = payload.slice(0, MAX_READ_CHARS);
  if (text === "null") return "";
  const { kind, start, end } = matter(text);
  const raw = text.slice(start, kind === "string" ? end : Math.min(end, start + 4 * MAX_PREVIEW_CHARS));
  return printableStart(kind === "string" ? oneLine(stringOf(raw)) : raw, MAX_PREVIEW_CHARS);
}

/** The value that tells most. */
function matter(text: string): JsonSpan {
  const message = valueAt(text, 0);
  if (message.kind !== "object") return message;
  const error = memberOf(text, message, "error");
  if (error) return memberOf(text, error, "message") ?? error;
  const params = memberOf(text, message, "params");
  if (params) return memberOf(text, params, "arguments") ?? params;
  const result = memberOf(text, message, "result");
  return result ? firstText(text, result) ?? result : message;
}

/** The text of a tool's or prompt's first piece of content. */
function firstText(text: string, result: JsonSpan): JsonSpan | null {
  const content = memberOf(text, result, "content");
  const first = content && childrenOf(text, content, 1)[0];
  return first ? memberOf(text, first, "text") : null;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ⏎ ");
}

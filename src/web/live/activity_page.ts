/** One page of `/api/activity` as rows. Read line by line: a page of large messages never stands in memory as a whole. @module */
import { send } from "../shell/api.ts";
import { readRow, type Row } from "../message/row.ts";

export interface ActivityPage {
  /** Newest first. */
  readonly rows: readonly Row[];
  /** Where older ones go on; null at the end. */
  readonly nextCursor: string | null;
  /** Where a stream goes on after the newest. */
  readonly streamCursor: string;
}

/** Asks for one page. `query` begins with "?" or is empty. @throws {ApiFailure} */
export async function fetchActivity(query: string, signal: AbortSignal): Promise<ActivityPage> {
  const headers = { Accept: "application/x-ndjson" };
  const response = await send(fetch(`/api/activity${query}`, { headers, signal }));
  const rows: Row[] = [];
  for await (const line of linesOf(response)) rows.push(readRow(line));
  return {
    rows,
    nextCursor: response.headers.get("Km-Next-Cursor"),
    streamCursor: response.headers.get("Km-Stream-Cursor") ?? "",
  };
}

/** The lines of a response's text, without empty ones. */
export async function* linesOf(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const bytes of chunksOf(response.body)) {
    const pieces = decoder.decode(bytes, { stream: true }).split("\n");
    const rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      const line = parts.join("") + piece;
      parts = [];
      if (line !== "") yield line;
    }
    if (rest !== "") parts.push(rest);
  }
  if (parts.length > 0) yield parts.join("");
}

/** Safari iterates no streams. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

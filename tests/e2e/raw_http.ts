/** HTTP by hand, over a socket: what `fetch` refuses to send (a false Host, two of them, half a request) an attacker sends. @module */
import { PATIENCE_MS, within } from "./harness.ts";

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; those that came twice are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** All of it, as it came. */
  readonly text: string;
}

/** Sends `text` to `port` as it is and reads the answer to the end. An answer without one closes the connection: status 0. */
export async function sendRaw(port: number, text: string | Uint8Array): Promise<RawAnswer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(connection, typeof text === "string" ? new TextEncoder().encode(text) : text);
  return await readAnswer(connection);
}

/** One request: `GET /path`, header lines, a body. Host and Connection are added where they are not given. */
export function rawRequest(port: number, line: string, headers: readonly string[] = [], body = ""): string {
  const has = (name: string) => headers.some((header) => header.toLowerCase().startsWith(`${name}:`));
  const all = [
    ...(has("host") ? [] : [`Host: 127.0.0.1:${port}`]),
    ...headers,
    ...(body === "" || has("content-length")
      ? []
      : [`Content-Length: ${new TextEncoder().encode(body).length}`]),
    ...(has("connection") ? [] : ["Connection: close"]),
  ];
  return `${line} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`;
}

/** Reads one answer. */
export async function readAnswer(connection: Deno.Conn): Promise<RawAnswer> {
  let text = "";
  const buffer = new Uint8Array(65_536);
  const decoder = new TextDecoder();
  while (!isComplete(text)) {
    const count = await within(connection.read(buffer), PATIENCE_MS, () => `an answer; came: ${text}`).catch(
      ended,
    );
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return parse(text);
}

export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** A connection that the other side cut has ended. */
function ended(error: unknown): null {
  if (error instanceof Deno.errors.ConnectionReset) return null;
  throw error;
}

function isComplete(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const { status, headers } = parse(text);
  if (status === 101 || status === 204 || status === 304) return true;
  const length = headers.get("content-length");
  return length !== undefined && new TextEncoder().encode(text.slice(end + 4)).length >= Number(length);
}

function parse(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [name = "", value = ""] = [
      line.slice(0, line.indexOf(":")).toLowerCase(),
      line.slice(line.indexOf(":") + 1).trim(),
    ];
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0),
    headers,
    body: rest.join("\r\n\r\n"),
    text,
  };
}

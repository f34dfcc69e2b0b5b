/** Server-sent events as they arrive. @see https://html.spec.whatwg.org/multipage/server-sent-events.html @module */

export interface ServerSentEvent {
  /** `message` where the server names none. */
  readonly type: string;
  /** The id that came last, with this event or before it. */
  readonly lastId: string;
  readonly data: string;
}

/** The events of a body, until it ends. */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<ServerSentEvent> {
  let type = "", lastId = "";
  let data: string[] = [];
  for await (const line of lines(body)) {
    if (line === "") {
      if (data.length > 0) yield { type: type || "message", lastId, data: data.join("\n") };
      type = "";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (name === "data") data.push(value);
    else if (name === "event") type = value;
    else if (name === "id") lastId = value;
  }
}

/** Lines without their ends; what is not ended is none. */
async function* lines(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let pending = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = (pending + text).split(/\r\n|\n|\r(?!$)/);
    pending = parts.pop() ?? "";
    yield* parts;
  }
}

/** `--output`: what is being recorded, on stderr, as it happens. `json` is one `Event` per line, `console` one readable line per message. @module */
import type { EventRecord, Run } from "../core/event.ts";
import { formatTimeUs } from "../core/clock.ts";
import { describeEvent } from "./event_line.ts";

export type LiveViewMode = "none" | "console" | "json";

export interface LiveViewDeps {
  readonly run: Run;
  /** Whether the terminal shows colours. */
  readonly color: boolean;
  readonly write: (bytes: Uint8Array) => void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes the function that shows an event; null for `none`. */
export function createLiveView(
  mode: LiveViewMode,
  deps: LiveViewDeps,
): ((event: EventRecord) => void) | null {
  const { run, color, write } = deps;
  switch (mode) {
    case "none":
      return null;
    case "json":
      return (event) => write(encoder.encode(eventJson(event, run) + "\n"));
    case "console":
      return (event) => write(encoder.encode(describeEvent(event, { color }) + "\n"));
  }
}

/** The line that stands for events that were not shown, because nobody read fast enough. */
export function describeNotShown(mode: LiveViewMode, events: number): Uint8Array {
  const text = mode === "json"
    ? JSON.stringify({ notShown: events })
    : `… ${events} ${events === 1 ? "event" : "events"} not shown: stderr was not read (all are recorded)`;
  return encoder.encode(text + "\n");
}

/** The event as one line of JSON. A JSON payload is passed on as it is written, so that no number loses digits. */
function eventJson(event: EventRecord, run: Run): string {
  const head = JSON.stringify({
    id: event.id,
    time: formatTimeUs(event.timeUs),
    correlationId: run.correlationId,
    server: run.server,
    direction: event.direction,
    kind: event.kind,
    method: event.method,
    tool: event.tool,
    rpcId: event.rpcId === null ? null : parsedId(event.rpcId),
    sizeBytes: event.sizeBytes,
    truncated: event.truncated,
    durationMs: event.durationUs === null ? null : event.durationUs / 1000,
  });
  return `${head.slice(0, -1)},"payload":${payloadJson(event)}}`;
}

function payloadJson({ payload, format, truncated }: EventRecord): string {
  if (payload === null) return "null";
  if (format === "bytes") return JSON.stringify({ base64: payload.toBase64() });
  const text = decoder.decode(payload);
  return format === "json" && !truncated ? text : JSON.stringify(text);
}

function parsedId(rpcId: string): unknown {
  try {
    return JSON.parse(rpcId);
  } catch {
    return rpcId;
  }
}

/** Plays a conversation that is written as a conversation, and gives what was recorded of it. Only for tests. @module */
import { type CallChange, type EventRecord, newRun, type Run, type ToolListing } from "../core/event.ts";
import { IdMaker } from "../core/id.ts";
import { createRedactor } from "../core/redact.ts";
import { CHANNEL, type Channel } from "../core/tap.ts";
import { LineSplitter } from "./line_splitter.ts";
import { Transcriber } from "./transcriber.ts";

export const TEST_RUN: Run = newRun({
  correlationId: "01a1fe0c-5156-7000-8000-63e93b7835ec",
  server: "test",
  command: '["server"]',
  pid: 1,
  startedUs: 1_000_000,
});

export interface PlayOptions {
  readonly maxStoredBytes?: number;
  /** Default true. */
  readonly redact?: boolean;
  readonly secrets?: readonly string[];
  /** Whether the run ends after the last line. Default true. */
  readonly ends?: boolean;
}

export interface Recording {
  readonly run: Run;
  readonly events: readonly EventRecord[];
  /** The last state of each call, in order of asking. */
  readonly calls: readonly CallChange[];
  readonly tools: readonly ToolListing[];
  /** `kind method tool` of each event. */
  readonly story: readonly string[];
  /** `method tool outcome durationMs` of each call. */
  readonly outcomes: readonly string[];
}

const CHANNELS: Record<string, Channel> = {
  "client >>": CHANNEL.clientToServer,
  "server <<": CHANNEL.serverToClient,
  "stderr <<": CHANNEL.serverLog,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Each line of the script is `client >> text`, `server << text` or `stderr << text`, and comes 1 ms after the one before it;
 * `pause N` lets N ms pass. An object stands for its JSON text.
 */
export function play(script: readonly string[], options: PlayOptions = {}): Recording {
  const events: EventRecord[] = [];
  const calls = new Map<string, CallChange>();
  const tools: ToolListing[] = [];
  const transcriber = new Transcriber(TEST_RUN, {
    ids: new IdMaker(),
    redactor: options.redact === false ? null : createRedactor(options.secrets),
    sink: {
      addEvent: (event) => events.push(event),
      addCall: (change) => calls.set(change.id, change),
      addTools: (listings) => tools.push(...listings),
    },
  });
  const splitters = Object.values(CHANNEL).map((channel) =>
    new LineSplitter(options.maxStoredBytes ?? 1_000_000, {
      onLine: (line) => transcriber.line(channel, line),
      onGap: (gap) => transcriber.gap(channel, gap),
    })
  );
  let timeMs = 1000;
  for (const line of script) {
    if (line.startsWith("pause ")) {
      timeMs += Number(line.slice(6));
      continue;
    }
    const channel = CHANNELS[line.slice(0, 9)];
    if (channel === undefined) throw new TypeError(`Cannot play "${line}": no such speaker`);
    splitters[channel]?.push(encoder.encode(line.slice(10) + "\n"), timeMs++);
  }
  if (options.ends !== false) transcriber.end();
  return {
    run: transcriber.run,
    events,
    calls: [...calls.values()],
    tools,
    story: events.map(({ kind, method, tool }) =>
      [kind, method, tool].filter((word) => word !== null).join(" ")
    ),
    outcomes: [...calls.values()].map(({ method, tool, outcome, durationUs }) =>
      [method, tool, outcome, durationUs === null ? null : `${durationUs / 1000}ms`].filter((word) =>
        word !== null
      )
        .join(" ")
    ),
  };
}

/** What was stored of an event, as text. */
export function payloadText(event: EventRecord | undefined): string {
  return decoder.decode(event?.payload ?? new Uint8Array());
}

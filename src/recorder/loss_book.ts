/** What could not be recorded, per channel, until it can be told as gaps. @module */
import type { EventRecord } from "../core/event.ts";
import { CHANNEL, type Channel } from "../core/tap.ts";
import type { Line, LineGap } from "./line_splitter.ts";
import { STREAM_NAMES } from "./transcriber.ts";

const LINE_END_BYTES = 1;
const decoder = new TextDecoder();

interface GapFacts {
  readonly stream: typeof STREAM_NAMES[number];
  readonly messages: number;
  readonly bytes: number;
}

export class LossBook {
  readonly #gaps = new Map<Channel, LineGap>();

  /** A line that could not be transcribed. */
  addLine(channel: Channel, { sizeBytes, timeMs }: Pick<Line, "sizeBytes" | "timeMs">): void {
    this.#add(channel, { messages: 1, bytes: sizeBytes + LINE_END_BYTES, timeMs });
  }

  /** An event that was given up. A gap counts for what it told of. What km saw of the processes is no message. */
  addEvent(event: EventRecord): void {
    const { kind, direction } = event;
    if (direction === null) return;
    if (kind === "gap") return this.#addGap(event);
    const channel = direction === "client_to_server"
      ? CHANNEL.clientToServer
      : kind === "log"
      ? CHANNEL.serverLog
      : CHANNEL.serverToClient;
    this.addLine(channel, { sizeBytes: event.sizeBytes, timeMs: event.timeUs / 1000 });
  }

  #addGap({ payload, timeUs }: EventRecord): void {
    if (payload === null) return;
    // As: km wrote it itself, see Transcriber.gap.
    const { stream, messages, bytes } = JSON.parse(decoder.decode(payload)) as GapFacts;
    this.#add(STREAM_NAMES.indexOf(stream) as Channel, { messages, bytes, timeMs: timeUs / 1000 });
  }

  /** Takes what was lost, so that it is told once. */
  take(): [Channel, LineGap][] {
    const gaps = [...this.#gaps];
    this.#gaps.clear();
    return gaps;
  }

  #add(channel: Channel, { messages, bytes, timeMs }: LineGap): void {
    const sum = this.#gaps.get(channel);
    this.#gaps.set(channel, {
      messages: messages + (sum?.messages ?? 0),
      bytes: bytes + (sum?.bytes ?? 0),
      timeMs: sum?.timeMs ?? timeMs,
    });
  }
}

/** A session that is shown over a WebSocket: its output outwards, what is typed inwards. @module */
import { KmError } from "../../core/error.ts";
import { encodeFrame, FRAME, FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from "../../core/session_wire.ts";
import type { TerminalSize } from "../../core/session.ts";
import type { TerminalSnapshot } from "../../sessions/terminal/terminal_state.ts";
import type { Attachment, SessionEvent, Viewer } from "../../sessions/viewer.ts";
import type { Timer } from "../body.ts";
import { ApiError } from "../errors.ts";
import type { ClientMemory } from "./client_memory.ts";
import type { Outbox } from "./outbox.ts";
import { errorData } from "./wire_messages.ts";

/** Input is acknowledged after so long, in ms, or after so many bytes: not for each key. */
const ACK_MS = 50, ACK_BYTES = 64 * 1024;
/** Payload of one frame. */
const MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - FRAME_HEADER_BYTES;
/** The same as JSON: base64 takes a third more, and the message around it something. */
const MAX_JSON_PAYLOAD_BYTES = 512 * 1024;

export interface ShownSessionOptions {
  readonly id: string;
  readonly number: number;
  /** Name of who looks. */
  readonly name: string;
  /** Asked for, and allowed, at the moment of attaching. */
  readonly mayWrite: boolean;
  readonly format: "binary" | "json";
  readonly outbox: Outbox;
  readonly memory: ClientMemory;
  readonly timer: Timer;
  /** It lags, as of now. */
  readonly onLag: () => void;
}

export class ShownSession implements Viewer {
  readonly name: string;
  readonly mayWrite: boolean;
  readonly #options: ShownSessionOptions;
  #attachment: Attachment | null = null;
  #isLagging = false;
  #isDiscounted = false;
  /** Settles when something of it was shown, or it is shown no more. */
  readonly #shown = Promise.withResolvers<void>();
  /** Through this byte input was acknowledged. */
  #ackedThrough = 0;
  #cancelAck: (() => void) | null = null;
  /** Input behind what was refused is dropped without a word until it comes again. */
  #refusedAt: number | null = null;
  #cancelRefusal: (() => void) | null = null;

  constructor(options: ShownSessionOptions) {
    this.#options = options;
    this.name = options.name;
    this.mayWrite = options.mayWrite;
    this.#ackedThrough = this.inputThrough;
  }

  get id(): string {
    return this.#options.id;
  }

  get number(): number {
    return this.#options.number;
  }

  get isLagging(): boolean {
    return this.#isLagging;
  }

  /** Bytes of input that the session has from this client. */
  get inputThrough(): number {
    return this.#options.memory.inputThrough(this.id);
  }

  get shown(): Promise<void> {
    return this.#shown.promise;
  }

  begin(attachment: Attachment): void {
    this.#attachment = attachment;
  }

  /** False: nothing was sent; a snapshot will make up for it. */
  output(frame: Uint8Array<ArrayBuffer>): boolean {
    const { outbox, format, onLag } = this.#options;
    if (outbox.isFull) {
      if (!this.#isLagging) {
        this.#isLagging = true;
        onLag();
      }
      return false;
    }
    if (format === "binary") outbox.bytes(frame);
    else this.#sayBytes(frame);
    this.#shown.resolve();
    return true;
  }

  snapshot({ seq, size, bytes, title }: TerminalSnapshot): void {
    const { outbox, format, id, number } = this.#options;
    const data = { event: "snapshot", seq, size, title, bytes: bytes.length };
    outbox.say({ type: "status", session_id: id, data });
    const most = format === "binary" ? MAX_PAYLOAD_BYTES : MAX_JSON_PAYLOAD_BYTES;
    for (let at = 0; at < bytes.length; at += most) {
      const part = bytes.subarray(at, at + most);
      if (format === "binary") {
        outbox.bytes(encodeFrame({ type: FRAME.snapshot, session: number, seq, bytes: part }));
      } else {outbox.say({
          type: "output",
          session_id: id,
          data: { snapshot: true, seq, base64: part.toBase64() },
        });}
    }
    this.#shown.resolve();
  }

  event(event: SessionEvent): void {
    this.#options.outbox.tell(this.id, event);
  }

  /** What was unsent is sent: a snapshot, then output again. Settles when it is on its way. */
  drained(): void {
    this.#isLagging = false;
    this.#isDiscounted = false;
    this.#attachment?.drained();
  }

  discount(): void {
    if (this.#isDiscounted) return;
    this.#isDiscounted = true;
    this.#attachment?.discount();
  }

  resize(size: TerminalSize, options: { readonly takes: boolean }): boolean {
    return this.#attachment?.resize(size, options) ?? false;
  }

  /** Types what of `bytes` was not typed before; `seq`: bytes that this client sent to this session before them. */
  input(seq: number, bytes: Uint8Array): void {
    const { memory } = this.#options;
    const through = this.inputThrough;
    if (seq > through) return this.#refuse(through, inputGap(through));
    const isNew = seq + bytes.length > through;
    if (isNew) {
      try {
        this.#attachment?.input(bytes.subarray(through - seq));
      } catch (error) {
        const isForGood = error instanceof KmError &&
          (error.code === "session_ended" || error.code === "not_granted");
        if (!isForGood) return this.#refuse(through, error);
        // Sent again, it would be refused again: it counts as taken.
        this.#fail(error, {});
      }
      this.#refusedAt = null;
      memory.tookInput(this.id, seq + bytes.length);
    }
    this.#acknowledge();
  }

  end(): void {
    this.#cancelAck?.();
    this.#cancelAck = null;
    this.#cancelRefusal?.();
    this.#attachment?.detach();
    this.#attachment = null;
    this.#shown.resolve();
  }

  #refuse(through: number, error: unknown): void {
    if (this.#refusedAt === through) return;
    this.#refusedAt = through;
    // The same may be refused again, after the client has tried again: it is told again then.
    this.#cancelRefusal?.();
    this.#cancelRefusal = this.#options.timer.after(ACK_MS, () => this.#refusedAt = null);
    this.#fail(error, { through });
  }

  #fail(error: unknown, more: Readonly<Record<string, unknown>>): void {
    if (this.#options.outbox.isFull) return;
    this.#options.outbox.say({
      type: "error",
      session_id: this.id,
      data: { ack: null, ...errorData(error), ...more },
    });
  }

  #acknowledge(): void {
    const say = () => {
      this.#cancelAck?.();
      this.#cancelAck = null;
      this.#ackedThrough = this.inputThrough;
      const data = { event: "input", through: this.#ackedThrough };
      this.#options.outbox.say({ type: "status", session_id: this.id, data });
    };
    if (this.inputThrough - this.#ackedThrough >= ACK_BYTES) say();
    else this.#cancelAck ??= this.#options.timer.after(ACK_MS, say);
  }

  #sayBytes(frame: Uint8Array<ArrayBuffer>): void {
    const view = new DataView(frame.buffer, frame.byteOffset);
    const seq = view.getUint32(5) * 2 ** 32 + view.getUint32(9);
    for (let at = FRAME_HEADER_BYTES; at < frame.length; at += MAX_JSON_PAYLOAD_BYTES) {
      const base64 = frame.subarray(at, at + MAX_JSON_PAYLOAD_BYTES).toBase64();
      const data = { seq: seq + at - FRAME_HEADER_BYTES, base64 };
      this.#options.outbox.say({ type: "output", session_id: this.id, data });
    }
  }
}

function inputGap(through: number): ApiError {
  return new ApiError(409, "input_gap", `Cannot type: bytes from ${through} on are missing before these`, {
    hint: "send again everything from there on",
  });
}

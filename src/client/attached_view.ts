/** A session that is looked at over a link: which byte comes next in each direction. @module */
import type { TerminalSize } from "../core/session.ts";
import { type BinaryFrame, encodeFrame, FRAME } from "../core/session_wire.ts";
import { InputLog } from "./input_log.ts";
import type { AttachedSession, CommandBody, SessionBody, SessionView, WireEvent } from "./session_socket.ts";

/** How a view reaches the server. */
export interface ViewLink {
  request(
    data: Readonly<Record<string, unknown>>,
    sessionId: string,
  ): Promise<Readonly<Record<string, unknown>>>;
  sendBytes(bytes: Uint8Array<ArrayBuffer>): void;
  detach(view: AttachedView): void;
  /** Attaches it again, with what its `attachData` is now. */
  reattach(view: AttachedView): void;
}

/** How long input that was refused waits before it is sent again, in ms: the program does not read at the moment. */
const RETRY_MS = 100;

export class AttachedView implements AttachedSession {
  session: SessionBody;
  readonly view: SessionView;
  readonly #link: ViewLink;
  readonly #input = new InputLog();
  #size: TerminalSize | null;
  /** The next byte of output; null: nothing is shown yet. */
  #seq: number | null = null;
  #snapshot:
    | { readonly seq: number; readonly size: TerminalSize; readonly bytes: Uint8Array; filled: number }
    | null = null;
  #isOnline = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: SessionBody, view: SessionView, link: ViewLink) {
    this.session = session;
    this.view = view;
    this.#link = link;
    this.#size = view.size ?? null;
  }

  get id(): string {
    return this.session.id;
  }

  get number(): number {
    return this.session.number;
  }

  /** What it attaches with, again after each reconnect. */
  get attachData(): Readonly<Record<string, unknown>> {
    return { action: "attach", since: this.#seq, write: this.view.write, ...this.#size };
  }

  /** The server shows it from now on, and has so much of its input. */
  online(session: SessionBody, inputThrough: number): void {
    this.session = session;
    this.#isOnline = true;
    this.#snapshot = null;
    this.#input.resumeAt(inputThrough);
    this.#sendInput();
  }

  offline(): void {
    this.#isOnline = false;
    clearTimeout(this.#retryTimer);
  }

  input(bytes: Uint8Array): void {
    this.#input.add(bytes);
    this.#sendInput();
  }

  async resize(size: TerminalSize, take = false): Promise<boolean> {
    this.#size = size;
    const { owner } = await this.#link.request({ action: "resize", ...size, take }, this.id);
    return owner === true;
  }

  async send(text: string, id?: string): Promise<CommandBody> {
    const { command } = await this.#link.request(
      { action: "send", text, ...(id !== undefined && { id }) },
      this.id,
    );
    return command as CommandBody; // as: what the server answers to `send`
  }

  async cancel(commandId: string): Promise<boolean> {
    return (await this.#link.request({ action: "cancel", id: commandId }, this.id))["cancelled"] === true;
  }

  async signal(name: string): Promise<void> {
    await this.#link.request({ action: "signal", signal: name }, this.id);
  }

  redraw(): void {
    this.#seq = null;
  }

  detach(): void {
    this.offline();
    this.#link.detach(this);
  }

  /** Takes a frame of output or of a snapshot. */
  frame({ type, seq, bytes }: BinaryFrame): void {
    if (type === FRAME.snapshot) return this.#takeSnapshot(seq, bytes);
    if (type !== FRAME.output || this.#seq === null) return;
    const known = this.#seq - seq;
    if (known < 0) return this.#startAnew();
    if (known >= bytes.length) return; // Seen already.
    this.#seq = seq + bytes.length;
    this.view.onOutput(known === 0 ? bytes : bytes.subarray(known));
  }

  /** Takes what the server says about this session. */
  status(data: Readonly<Record<string, unknown>>): void {
    if (data["event"] === "input") {
      this.#input.taken(Number(data["through"]));
      return this.#sendInput();
    }
    if (data["event"] === "snapshot") {
      const { seq, size, bytes } = data as { seq: number; size: TerminalSize; bytes: number }; // as: what the server sends before one
      this.#snapshot = { seq, size, bytes: new Uint8Array(bytes), filled: 0 };
      if (bytes === 0) this.#takeSnapshot(seq, new Uint8Array());
      return;
    }
    this.view.onEvent(data as unknown as WireEvent); // as: all others are events
  }

  /** Some input was not taken: it is sent again. */
  refused(through: number): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      this.#input.resumeAt(through);
      this.#sendInput();
    }, RETRY_MS);
  }

  /** Something is missing that never comes: all that follows would be drawn in wrong places, or not at all. */
  #startAnew(): void {
    this.#seq = null;
    this.#snapshot = null;
    this.#link.reattach(this);
  }

  #takeSnapshot(seq: number, bytes: Uint8Array): void {
    const snapshot = this.#snapshot;
    if (snapshot === null || snapshot.seq !== seq) return;
    snapshot.bytes.set(bytes, snapshot.filled);
    snapshot.filled += bytes.length;
    if (snapshot.filled < snapshot.bytes.length) return;
    this.#snapshot = null;
    this.#seq = seq;
    this.view.onSnapshot(snapshot.bytes, snapshot.size);
  }

  #sendInput(): void {
    if (!this.#isOnline) return;
    for (const { seq, bytes } of this.#input.takeUnsent()) {
      this.#link.sendBytes(encodeFrame({ type: FRAME.input, session: this.number, seq, bytes }));
    }
  }
}

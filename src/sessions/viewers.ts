/** All who look at one session: each gets its output without a gap, and one of them decides on its size. @module */
import { KmError } from "../core/error.ts";
import { encodeFrame, FRAME } from "../core/session_wire.ts";
import type { Session, TerminalSize } from "../core/session.ts";
import type { OutputRing } from "./output_ring.ts";
import type { SessionsThread } from "./sessions_thread.ts";
import type { TerminalSnapshot } from "./terminal/terminal_state.ts";
import type { Attachment, AttachOptions, SessionEvent, Viewer } from "./viewer.ts";

/** How often a picture of the terminal is asked for, and the pause between, in ms: a thread that ended is another one after 500. */
const MAX_TRIES = 10, TRY_AGAIN_MS = 300;

type Attached = {
  readonly viewer: Viewer;
  size: TerminalSize | null;
  /** `live`: gets output. `syncing`: a snapshot is on its way. `lagging`: has to send first. */
  phase: "live" | "syncing" | "lagging";
  /** Counts when the program is held because all lag. */
  counts: boolean;
};

export interface ViewersDeps {
  readonly thread: Pick<SessionsThread, "snapshot">;
  /** The newest output: it is in here before it is shown. */
  readonly ring: OutputRing;
  /** False: no output comes any more. */
  readonly isRunning: () => boolean;
  readonly type: (bytes: Uint8Array) => void;
  readonly resize: (size: TerminalSize) => void;
  /** `allLag` may be something else now. */
  readonly onLag: () => void;
  /** `count` or `sizeOwner` is something else now. */
  readonly onChange: () => void;
}

export class Viewers {
  readonly #session: Pick<Session, "id" | "number">;
  readonly #deps: ViewersDeps;
  readonly #attached = new Set<Attached>();
  #sizeOwner: Attached | null = null;

  constructor({ id, number }: Pick<Session, "id" | "number">, deps: ViewersDeps) {
    this.#session = { id, number };
    this.#deps = deps;
  }

  get count(): number {
    return this.#attached.size;
  }

  /** Name of the one who decides on the size; null: nobody does. */
  get sizeOwner(): string | null {
    return this.#sizeOwner?.viewer.name ?? null;
  }

  /** One of them may type. */
  get someMayWrite(): boolean {
    return this.#attached.values().some(({ viewer }) => viewer.mayWrite);
  }

  /** There are some who count, and none of them takes more. */
  get allLag(): boolean {
    let counted = 0;
    for (const { phase, counts } of this.#attached) {
      if (!counts) continue;
      if (phase !== "lagging") return false;
      counted++;
    }
    return counted > 0;
  }

  tell(event: SessionEvent): void {
    for (const { viewer } of this.#attached) viewer.event(event);
  }

  /** Shows output to those who have all before it. */
  output(seq: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#attached.size === 0) return;
    const frame = this.#frameOf(seq, bytes);
    for (const attached of this.#attached) {
      if (attached.phase === "live" && !attached.viewer.output(frame)) attached.phase = "lagging";
    }
  }

  /** The terminal is another one: who waited for a picture of the one before gets one of this. */
  syncAgain(): void {
    for (const attached of this.#attached) if (attached.phase === "syncing") void this.#sync(attached);
  }

  /** Shows the session to `viewer`: from `since` on when that is still here, else from a snapshot on. */
  attach(viewer: Viewer, options: AttachOptions): Attachment {
    const { ring, onLag } = this.#deps;
    const attached: Attached = { viewer, size: options.size, phase: "syncing", counts: true };
    this.#attached.add(attached);
    if (options.size !== null && viewer.mayWrite && this.#sizeOwner === null) this.#giveSize(attached);
    const missed = options.since === null ? null : ring.since(options.since);
    if (missed === null) void this.#sync(attached);
    else this.#catchUp(attached, missed);
    return {
      sessionId: this.#session.id,
      number: this.#session.number,
      drained: () => {
        attached.counts = true;
        if (attached.phase === "lagging") void this.#sync(attached);
      },
      discount: () => {
        attached.counts = false;
        onLag();
      },
      input: (bytes) => this.#input(attached, bytes),
      resize: (size, { takes = false } = {}) => this.#resizeBy(attached, size, takes),
      detach: () => this.#detach(attached),
    };
  }

  #input({ viewer }: Attached, bytes: Uint8Array): void {
    if (!viewer.mayWrite) throw mayOnlyRead(this.#session.number);
    this.#deps.type(bytes);
  }

  #resizeBy(attached: Attached, size: TerminalSize, takes: boolean): boolean {
    attached.size = size;
    if (!attached.viewer.mayWrite) return false;
    if (this.#sizeOwner !== attached && (takes || this.#sizeOwner === null)) this.#giveSize(attached);
    if (this.#sizeOwner !== attached) return false;
    this.#deps.resize(size);
    return true;
  }

  #giveSize(attached: Attached): void {
    this.#sizeOwner = attached;
    if (attached.size) this.#deps.resize(attached.size);
    this.#deps.onChange();
  }

  #detach(attached: Attached): void {
    if (!this.#attached.delete(attached)) return;
    if (this.#sizeOwner === attached) {
      this.#sizeOwner = null;
      // The one who has looked longest, of those who may, decides now.
      const heir = [...this.#attached].find(({ viewer, size }) => viewer.mayWrite && size !== null);
      if (heir) this.#giveSize(heir);
    }
    this.#deps.onLag();
    this.#deps.onChange();
  }

  /** Sends a snapshot, then what came after it; again, when so much came meanwhile that some of it is gone, or there was none. */
  async #sync(attached: Attached): Promise<void> {
    attached.phase = "syncing";
    let reason = "its output comes too fast";
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      // The thread may have ended, and another one is on its way.
      if (tries > 0) await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
      if (!this.#attached.has(attached) || attached.phase !== "syncing") return;
      try {
        const snapshot = await this.#deps.thread.snapshot(this.#session);
        if (!this.#attached.has(attached) || attached.phase !== "syncing") return;
        if (this.#showSince(attached, snapshot)) return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    attached.viewer.event({ event: "notification", text: `km cannot show this terminal: ${reason}` });
  }

  /** False: what came after the snapshot is not here any more. */
  #showSince(attached: Attached, snapshot: TerminalSnapshot): boolean {
    const { ring, isRunning } = this.#deps;
    let { seq } = snapshot;
    let rest = ring.since(seq);
    if (rest === null && !isRunning()) {
      // Made from what was stored, some time ago; and nothing comes any more.
      seq = ring.endSeq;
      rest = [];
    }
    if (rest === null) return false;
    attached.viewer.snapshot({ ...snapshot, seq });
    this.#catchUp(attached, rest);
    return true;
  }

  #catchUp(
    attached: Attached,
    pieces: readonly { readonly seq: number; readonly bytes: Uint8Array<ArrayBuffer> }[],
  ): void {
    attached.phase = "live";
    for (const { seq, bytes } of pieces) {
      if (attached.viewer.output(this.#frameOf(seq, bytes))) continue;
      attached.phase = "lagging";
      break;
    }
    this.#deps.onLag();
  }

  #frameOf(seq: number, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return encodeFrame({ type: FRAME.output, session: this.#session.number, seq, bytes });
  }
}

function mayOnlyRead(number: number): KmError {
  return new KmError("not_granted", `Cannot type into session ${number}: this viewer may only read`, {
    hint: "authenticate with a token that may write",
  });
}

/** What was typed into a session and is not known to have been taken: it is sent again after a reconnect. @module */
import { KmError } from "../core/error.ts";

/** More than this waiting means that nobody takes it. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** On its way at once: a refused frame makes all behind it come again. */
const WINDOW_BYTES = 512 * 1024;
const PIECE_BYTES = 32 * 1024;

export interface InputPiece {
  /** Bytes that were sent to this session before. */
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export class InputLog {
  /** From `#takenSeq` on, without gaps. */
  #pieces: InputPiece[] = [];
  #endSeq = 0;
  #takenSeq = 0;
  /** Sent over this connection up to here. */
  #sentSeq = 0;
  /** Sent over any connection up to here. */
  #everSentSeq = 0;

  /** @throws {KmError} busy */
  add(bytes: Uint8Array): void {
    if (this.#endSeq - this.#takenSeq + bytes.length > MAX_WAITING_BYTES) {
      throw new KmError("busy", "Cannot type: too much waits to be taken already", {
        hint: "wait until the program reads, or the connection is back",
      });
    }
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.slice(at, at + PIECE_BYTES);
      this.#pieces.push({ seq: this.#endSeq, bytes: piece });
      this.#endSeq += piece.length;
    }
  }

  /** What is to be sent now; counts as sent. */
  takeUnsent(): InputPiece[] {
    const limit = this.#takenSeq + WINDOW_BYTES;
    const unsent = this.#pieces.filter(({ seq }) => seq >= this.#sentSeq && seq < limit);
    const last = unsent.at(-1);
    if (last) this.#sentSeq = last.seq + last.bytes.length;
    this.#everSentSeq = Math.max(this.#everSentSeq, this.#sentSeq);
    return unsent;
  }

  /** The session has everything before `seq`. */
  taken(seq: number): void {
    if (seq <= this.#takenSeq || seq > this.#endSeq) return;
    this.#takenSeq = seq;
    this.#pieces = this.#pieces.flatMap((piece) => {
      const behind = seq - piece.seq;
      if (behind <= 0) return [piece];
      return behind >= piece.bytes.length ? [] : [{ seq, bytes: piece.bytes.subarray(behind) }];
    });
    this.#sentSeq = Math.max(this.#sentSeq, seq);
  }

  /** Everything from `seq` on is to be sent again. Of a server that has forgotten this client, what may have been taken is not. */
  resumeAt(seq: number): void {
    if (seq < this.#takenSeq || seq > this.#endSeq) {
      const never = this.#pieces.filter((piece) => piece.seq >= this.#everSentSeq).map(({ bytes }) => bytes);
      this.#pieces = [];
      this.#takenSeq = this.#endSeq = this.#everSentSeq = seq;
      for (const bytes of never) this.add(bytes);
    } else this.taken(seq);
    this.#sentSeq = this.#takenSeq;
  }
}

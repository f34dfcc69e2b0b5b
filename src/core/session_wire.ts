/**
 * What goes over the WebSockets of sessions (`/api/ws`, `/api/sessions/:id/ws`): JSON for control, binary frames for terminal bytes.
 *
 * ```
 * client                                            server
 * {type:"auth", message_id, data:{token, client_id?}}   ─▶   within 5 s, else close 4401
 *                                                   ◀─  {type:"status", data:{event:"authenticated", ack, user, access, heartbeat_ms}}
 * {type:"command", session_id, message_id, data:{action:"attach", since?, write?, cols?, rows?}}
 *                                                   ◀─  {type:"status", session_id, data:{event:"attached", ack, number, seq, session, …}}
 *                                                   ◀─  SNAPSHOT (unless `since` is still in the ring), then OUTPUT …
 * INPUT (number, offset, bytes)                     ─▶
 *                                                   ◀─  {type:"status", session_id, data:{event:"input", through}}
 * ```
 *
 * - A snapshot is announced by `{type:"status", session_id, data:{event:"snapshot", seq, size, title, bytes}}`; its frames, each at most
 *   `MAX_FRAME_BYTES` long, make up `bytes` together. Attached with `format: "json"`, output comes as
 *   `{type:"output", session_id, data:{seq, base64}}`, a snapshot's parts with `snapshot: true`.
 * - Input that could not be taken is told as `{type:"error", session_id, data:{code, through}}`: everything from byte `through` on is to be sent
 *   again (`busy`: after a moment; `input_gap`: bytes before it are missing). What was taken before is dropped without a word.
 * - Commands: `attach`, `detach`, `watch`, `send` (id or message_id required), `input` (keys), `cancel`, `resize`, `signal`. An answer carries the
 *   message's id as `ack`. What changes something is done once for each `message_id` of a `client_id`, also after a reconnect.
 * - A `ping` is answered by a `pong` with the same `message_id`, data, and `sent`: its timestamp. The server tells what it measured as
 *   `{type:"status", data:{event:"latency", ms}}`.
 * - `auth` again, before the token ends, renews it.
 * @module
 */

export const SESSION_MESSAGE_TYPES = [
  "command",
  "output",
  "status",
  "error",
  "ping",
  "pong",
  "cancel",
  "auth",
] as const;
export type SessionMessageType = typeof SESSION_MESSAGE_TYPES[number];

/** A control message. */
export interface SessionMessage {
  readonly type: SessionMessageType;
  readonly session_id?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** ISO 8601, UTC. */
  readonly timestamp?: string;
  readonly message_id?: string;
}

/** Why km closes such a socket. */
export const CLOSE = {
  /** Nobody authenticated in time, or with what is not (any more) good. */
  unauthenticated: 4401,
  /** Opened by a page of another origin. */
  foreignOrigin: 4403,
  /** Of a socket that is bound to one; on `/api/ws` it is an answer of type `error`, `not_found`, and the others go on. */
  unknownSession: 4404,
  protocolError: 4400,
  /** Silent for `DEAD_MS`, or lagging and reading nothing for 60 s. */
  dead: 4408,
  /** This user has too many connections. */
  busy: 4429,
  goingAway: 1001,
  tooBig: 1009,
} as const;

/** How long a socket may stay without authentication, in ms. */
export const AUTH_MS = 5_000;
/** A ping is sent when nothing came for this long; a peer of which nothing came for `DEAD_MS` is gone. */
export const HEARTBEAT_MS = 10_000, DEAD_MS = 30_000;
/** Longest frame that either side sends, in bytes. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** A viewer with more than this unsent is lagging and gets no output; with less than the second it gets a snapshot, then goes on. */
export const LAGGING_BYTES = 1024 * 1024, DRAINED_BYTES = 64 * 1024;

/** Kinds of binary frames. */
export const FRAME = {
  /** Server: bytes of the program; `seq` is the number of the first one. */
  output: 1,
  /** Server: what makes an empty terminal what this one was after `seq` bytes; the client resets its own first. */
  snapshot: 2,
  /** Client: bytes for the program; `seq` counts the bytes that this client (`client_id`) sent to this session before. */
  input: 3,
} as const;
export type FrameType = typeof FRAME[keyof typeof FRAME];

/** Bytes before the payload: u8 type, u32 session number, u64 sequence number, all big-endian. */
export const FRAME_HEADER_BYTES = 13;

export interface BinaryFrame {
  readonly type: FrameType;
  readonly session: number;
  /** A safe integer. */
  readonly seq: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Writes a frame into one new buffer. */
export function encodeFrame(frame: {
  readonly type: FrameType;
  readonly session: number;
  readonly seq: number;
  readonly bytes: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  const buffer = new Uint8Array(FRAME_HEADER_BYTES + frame.bytes.length);
  const view = new DataView(buffer.buffer);
  view.setUint8(0, frame.type);
  view.setUint32(1, frame.session);
  view.setUint32(5, Math.floor(frame.seq / 2 ** 32));
  view.setUint32(9, frame.seq % 2 ** 32);
  buffer.set(frame.bytes, FRAME_HEADER_BYTES);
  return buffer;
}

/** Reads a frame; its bytes lie in `buffer`. Null: it is none. */
export function decodeFrame(buffer: Uint8Array<ArrayBuffer>): BinaryFrame | null {
  if (buffer.length < FRAME_HEADER_BYTES) return null;
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const type = view.getUint8(0);
  const seq = view.getUint32(5) * 2 ** 32 + view.getUint32(9);
  if (type < FRAME.output || type > FRAME.input || !Number.isSafeInteger(seq)) return null;
  // As: the line above says which numbers it may be.
  return {
    type: type as FrameType,
    session: view.getUint32(1),
    seq,
    bytes: buffer.subarray(FRAME_HEADER_BYTES),
  };
}

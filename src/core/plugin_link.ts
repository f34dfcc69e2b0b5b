/**
 * What km's recorder and the plugin host of the same home say to each other over a local socket: frames as in `proto/frame.ts` with a JSON
 * header. Both ends are km, of versions that may differ: unknown fields and messages are ignored, and `hello` never changes its meaning.
 * @module
 */
import type { EventRecord } from "./event.ts";

/**
 * Of this protocol, apart from km's version: who speak the same one get on, whichever km is the newer. A host that speaks an older one ends for the
 * monitor that says hello with a newer one; a newer host serves monitors of older ones.
 */
export const LINK_VERSION = 1;
/** Most that a frame of the link may have, in bytes: two forms of one message, each cut to `MAX_LINK_PAYLOAD_BYTES`, and their header. */
export const MAX_LINK_FRAME_BYTES: number = 8 * 1024 * 1024;
/** Most that travels of one form of one message. */
export const MAX_LINK_PAYLOAD_BYTES: number = 2 * 1024 * 1024;

/** `host.json`: where the host listens. Readable by the user alone. */
export interface HostAddress {
  /** Path of a Unix socket, or name of a Windows pipe. */
  readonly address: string;
  /** Both ends show that they know it (`link_proof.ts`); it never travels. */
  readonly token: string;
  readonly pid: number;
  readonly kmVersion: string;
  readonly link: number;
}

/** What is known of a message, without its bytes. */
export type LinkEvent = Omit<EventRecord, "payload" | "sha256">;

/** An event in a frame; its bytes follow in the frame's payload: first the redacted ones, then the raw ones. */
export interface FramedEvent extends LinkEvent {
  /** -1: not sent. */
  readonly redactedBytes: number;
  readonly rawBytes: number;
}

/** From a monitor. */
export type FeedMessage =
  | {
    readonly type: "hello";
    /** Chosen anew for each connection. */
    readonly nonce: string;
    readonly proof: string;
    readonly link: number;
    readonly kmVersion: string;
    readonly run: LinkRun;
    /** True when a person watches its stderr: it is told console lines. */
    readonly watched: boolean;
    readonly color: boolean;
  }
  | {
    readonly type: "events";
    readonly client: string | null;
    readonly events: readonly FramedEvent[];
    /** What found no room since the last frame. */
    readonly shedMessages: number;
    readonly shedBytes: number;
  };

/** The run that a link is about. */
export interface LinkRun {
  readonly correlationId: string;
  readonly server: string;
}

/** From the host. */
export type HostMessage =
  /** The first one: whoever does not know the token is told nothing more. */
  | { readonly type: "welcome"; readonly proof: string }
  | { readonly type: "want"; readonly want: Want }
  /** A line for the terminal, complete with its end; safe to print. */
  | { readonly type: "console"; readonly text: string }
  /** Done with so many of the messages that this monitor sent, or counted as shed: handed to every plugin that wants them, or counted as dropped. */
  | { readonly type: "done"; readonly messages: number; readonly bytes: number }
  /** The host ends. `restart`: so that this monitor's own km may start another; `wait`: another monitor's km starts the next one. */
  | { readonly type: "bye"; readonly restart: boolean; readonly wait?: boolean; readonly reason: string };

/** What a monitor leaves in a file of its own for the next host: what it could hand over to none. */
export interface LeftShed {
  readonly messages: number;
  readonly bytes: number;
}

/** What the plugins of a host want of a run, taken together. */
export interface Want {
  /** False: nothing at all. */
  readonly events: boolean;
  readonly redacted: boolean;
  /** Bytes as they passed: only when a plugin was granted them. */
  readonly raw: boolean;
  /** The most that any of them is given of one message. */
  readonly payloadBytes: number;
}

/** True when the text of a lock file says that a plugin is enabled. One that cannot be read says nothing of the kind: plugins are off. */
export function mayHaveEnabledPlugin(lockText: string): boolean {
  try {
    const { plugins } = JSON.parse(lockText) as { plugins?: unknown }; // as: whatever it is, it is looked at below
    const entries = Array.isArray(plugins) ? plugins : Object.values(plugins ?? {});
    return entries.some((entry) =>
      typeof entry === "object" && entry !== null && !("enabled" in entry && entry.enabled === false)
    );
  } catch {
    return false;
  }
}

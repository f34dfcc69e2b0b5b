/** What the tail's thread and the hub say to each other. The order of messages is what makes streams complete: see `stream_hub.ts`. @module */
import type { EventFilter } from "../core/filter.ts";
import type { Resync, StreamFormat } from "../api/stream/frames.ts";

/** What streams with equal filter and format share. */
export interface TailGroup {
  readonly id: number;
  readonly filter: EventFilter;
  readonly format: StreamFormat;
}

export type ToTail =
  | { readonly kind: "open"; readonly path: string }
  /** Asks for what is after `after` (null: nothing), and for everything that comes from then on. */
  | { readonly kind: "join"; readonly id: number; readonly group: TailGroup; readonly after: number | null }
  /** Nobody of the group is left. */
  | { readonly kind: "leave"; readonly group: number }
  /** Asks for a part of a large event's frame. */
  | { readonly kind: "slice"; readonly id: number; readonly seq: number; readonly offset: number }
  /** A page has been passed on. */
  | { readonly kind: "taken" };

/** Some frames of a group, one after the other. */
export interface Piece {
  /** Null: one event so large that it is sent in slices. */
  readonly data: Uint8Array<ArrayBuffer> | string | null;
  readonly events: number;
  /** Of its first event. */
  readonly seq: number;
}

export interface GroupPieces {
  readonly group: number;
  /** Places in `TailPage.pieces`; what is large or goes to several groups is there once. */
  readonly pieces: readonly number[];
}

/** What is new for all groups. */
export interface TailPage {
  readonly kind: "page";
  readonly pieces: readonly Piece[];
  readonly groups: readonly GroupPieces[];
  /** The groups have everything up to here. */
  readonly head: number;
}

/** What all groups do not get. */
export interface TailSkip extends Resync {
  readonly kind: "skip";
  readonly head: number;
}

export type JoinState =
  /** It has everything up to `cursor`, which is the head; from now on the pages have the rest. */
  | { readonly state: "live" }
  /** It has everything up to `cursor` and is to ask again from there. */
  | { readonly state: "near" }
  /** It is to read from the store what is after `cursor`, up to the head. */
  | { readonly state: "far" }
  /** After `cursor` comes an event that is to be asked for in slices. */
  | { readonly state: "large"; readonly seq: number }
  /** Its cursor leads nowhere; it is live from the head on. */
  | { readonly state: "lost"; readonly resync: Resync };

export type JoinAnswer = JoinState & {
  readonly kind: "joined";
  readonly id: number;
  readonly frames: readonly string[];
  readonly cursor: number;
  readonly head: number;
};

export interface SliceAnswer {
  readonly kind: "slice";
  readonly id: number;
  /** Null: the event is gone. */
  readonly data: Uint8Array<ArrayBuffer> | null;
  readonly last: boolean;
}

/** The store cannot be read. */
export interface TailFailure {
  readonly kind: "failed";
  readonly id: number;
  readonly message: string;
}

export type FromTail = TailPage | TailSkip | JoinAnswer | SliceAnswer | TailFailure;

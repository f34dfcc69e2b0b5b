/** What the daemon and a thread that answers questions say to each other. Plain data; `QueryStart` comes first. @module */
import type { QueryName } from "../api/queries.ts";
import type { ErrorCode } from "../core/error.ts";

/** What a thread works with. */
export interface QueryStart {
  /** Path of the database. */
  readonly database: string;
  /** Memory for its pages, in KiB. */
  readonly cacheKib: number;
}

/** What a thread is asked, one at a time. */
export interface QueryMessage {
  readonly id: number;
  readonly name: QueryName;
  readonly args: unknown;
}

/** What it answers. */
export type AnswerMessage =
  | { readonly id: number; readonly json: Uint8Array<ArrayBuffer> }
  | {
    readonly id: number;
    readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined };
  };

/** What the daemon and its writer thread say to each other. Plain data. @module */
import type { Retention } from "../config/config.ts";
import type { ErrorCode } from "../core/error.ts";
import type { Pruned } from "../store/prune.ts";
import type { IngestAnswer, WaitingBody } from "../recorder/ingest/group_writer.ts";
import type { IngestLimits } from "../recorder/ingest/read_body.ts";

/** What the thread works with. */
export interface IngestSettings {
  /** The same as long as it runs. */
  readonly database: string;
  /** Null: everything is kept, as long as the settings cannot be read. */
  readonly retention: Retention | null;
  readonly redact: boolean;
  /** Secrets that km itself holds. */
  readonly secrets: readonly string[];
  readonly limits: IngestLimits;
}

/** Which events go. */
export interface PruneRequest {
  /** Those before this time, in µs since the Unix epoch. */
  readonly olderThanUs?: number;
  /** The oldest, until the data takes no more. */
  readonly maxBytes?: number;
  /** All that was recorded, statistics and names too, and no bytes of it stay in the file. Give `olderThanUs` too. */
  readonly erase?: boolean;
}

export type IngestCommand =
  /** `nowMs`: the sender's monotonic clock, which deadlines are told by. */
  | { readonly type: "start"; readonly settings: IngestSettings; readonly nowMs: number }
  /** Holds for what comes after it. */
  | { readonly type: "change"; readonly settings: IngestSettings }
  | { readonly type: "store"; readonly bodies: readonly WaitingBody[] }
  | { readonly type: "prune"; readonly id: number; readonly options: PruneRequest }
  | { readonly type: "stop" };

export type IngestReport =
  | { readonly type: "stored"; readonly answers: readonly IngestAnswer[] }
  /** One for each `change`, in order. */
  | { readonly type: "changed" }
  | { readonly type: "pruned"; readonly id: number; readonly answer: Pruned }
  | {
    readonly type: "failed";
    readonly id: number;
    readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined };
  }
  | { readonly type: "stopped" };

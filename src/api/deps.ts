/** What the routes need of the rest of the program; `daemon` hands it in, tests hand in less. @module */
import type { Paths } from "../config/paths.ts";
import type { Settings } from "../config/settings_in_force.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { IngestAnswer } from "../recorder/ingest/group_writer.ts";
import type { IngestBody, IngestLimits } from "../recorder/ingest/read_body.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Tasks } from "../sessions/tasks/tasks.ts";
import type { Streams } from "./stream/streams.ts";
import type { DaemonMetrics } from "./metrics/daemon_metrics.ts";
import type { Pruned, PruneLimits } from "../store/prune.ts";
import type { FailureLog } from "./failure_log.ts";
import type { QueryArgs, QueryName } from "./queries.ts";

/** Answers questions about what is recorded. */
export interface Reader {
  /**
   * JSON text, UTF-8. Whoever no longer wants the answer aborts `signal`.
   * @throws {KmError} as `answerQuery`; {ApiError} 503 when too many questions wait
   */
  query<Name extends QueryName>(
    name: Name,
    args: QueryArgs<Name>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Uint8Array<ArrayBuffer>>;
}

/** Stores what others send. */
export interface Ingest {
  readonly limits: IngestLimits;
  /** Settles when the events are committed, or are sure not to be. The bytes may no longer be used afterwards. */
  take(body: IngestBody & { readonly bytes: Uint8Array<ArrayBuffer> }): Promise<IngestAnswer>;
}

/** Deletes events off the thread that answers. */
export interface Pruner {
  /** @throws {KmError} store_… */
  prune(limits: PruneLimits): Promise<Pruned>;
}

export interface ApiDeps {
  readonly version: string;
  /** Time since the start, by a clock that never jumps. */
  readonly uptimeMs: () => number;
  /** Aborted when the daemon begins to stop: streams end themselves. */
  readonly stopping: AbortSignal;
  readonly reader: Reader;
  readonly pruner: Pruner;
  /** Where the daemon keeps its things. */
  readonly paths: Pick<Paths, "home" | "database" | "config">;
  readonly settings: Settings;
  readonly ingest: Ingest;
  readonly streams: Streams;
  readonly authenticator: Authenticator;
  /** Programs in terminals; absent: it has none. */
  readonly sessions?: Sessions;
  /** Prompts for providers; absent: it takes none. */
  readonly tasks?: Tasks;
  /** Of one caller, as it is set now; 0 or absent: no limit. */
  readonly maxRequestsPerMinute?: () => number;
  /** The model whose price turns tokens into money, as it is set now; null: none. */
  readonly model?: () => string | null;
  /** What the parts of the daemon count of themselves. */
  readonly metrics?: DaemonMetrics;
  /** Takes why requests failed. */
  readonly failures?: FailureLog;
}

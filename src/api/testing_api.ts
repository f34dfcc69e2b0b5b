/** What tests of figures share: the whole API over a store in a temporary folder, without a socket or a thread. Not part of the program. @module */
import { createApp } from "./app.ts";
import type { ApiDeps, Ingest, Reader } from "./deps.ts";
import type { LiveStreams } from "./live.ts";
import { answerQuery } from "./queries.ts";
import { settingsAt } from "./routes/routes_testing.ts";
import { Authenticator } from "../auth/authenticator.ts";
import { TempStore } from "../store/testing.ts";

const TOKEN = "t".repeat(43);
const encoder = new TextEncoder();

/** A store with an API over it; both are gone afterwards. */
export class TestApi implements Disposable {
  readonly store = new TempStore();
  readonly app: ReturnType<typeof createApp>;

  constructor(deps: Partial<ApiDeps> = {}) {
    const reader: Reader = {
      query: (name, args) => Promise.try(() => encoder.encode(answerQuery(this.store.db, name, args))),
    };
    this.app = createApp({
      version: "1.2.3",
      uptimeMs: () => 5000,
      stopping: new AbortController().signal,
      reader,
      pruner: { prune: () => Promise.reject(new Error("This API deletes nothing")) },
      paths: { home: "", database: this.store.folder.databasePath, config: "" },
      settings: settingsAt(""),
      ingest: NO_INGEST,
      live: NO_STREAMS,
      authenticator: new Authenticator({ token: () => TOKEN }),
      ...deps,
    });
  }

  /** Asks as the owner of the home. */
  async get(path: string): Promise<Response> {
    return await this.app.request(path, { headers: { Authorization: `Bearer ${TOKEN}` } });
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

const NO_STREAMS: LiveStreams = {
  open: () => () => {},
  recheck: () => {},
  counters: () => ({ streams: 0, filters: 0, slow: 0, queuedBytes: 0, resyncs: 0 }),
};
const NO_INGEST = {
  limits: {},
  take: () => Promise.reject(new Error("This API takes no events")),
} as unknown as Ingest; // as: its limits are asked for only by the routes that take events

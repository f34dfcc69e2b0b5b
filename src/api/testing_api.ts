/** What the tests of routes share: the whole API over a store in a temporary folder, without a socket or a thread. Not part of the program. @module */
import { join } from "node:path";
import { createApp } from "./app.ts";
import type { ApiDeps, Ingest } from "./deps.ts";
import type { Streams } from "./stream/streams.ts";
import { answerQuery } from "./queries.ts";
import { Authenticator } from "../auth/authenticator.ts";
import type { Identity, Scope } from "../auth/identity.ts";
import { type Settings, SettingsInForce } from "../config/settings_in_force.ts";
import { TempStore } from "../store/testing.ts";

const TOKEN = "t".repeat(43);
const encoder = new TextEncoder();

export interface TestApiOptions extends Partial<ApiDeps> {
  /** Another than a new and empty one. */
  readonly store?: TempStore;
  /** What `request()` may do; null: it is nobody's. */
  readonly scopes?: readonly Scope[] | null;
}

/** A store with an API over it; both are gone afterwards. */
export class TestApi implements Disposable {
  readonly store: TempStore;
  /** Where its things would be: in the store's folder. */
  readonly paths: ApiDeps["paths"];
  readonly app: ReturnType<typeof createApp>;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ store = new TempStore(), scopes = ["admin"], ...deps }: TestApiOptions = {}) {
    this.store = store;
    this.#headers = scopes ? { Authorization: `Bearer ${TOKEN}` } : {};
    const { path: home, databasePath: database } = store.folder;
    this.paths = { home, database, config: join(home, "config.jsonc") };
    this.app = createApp({
      version: "1.2.3",
      uptimeMs: () => 5000,
      stopping: new AbortController().signal,
      // In this very thread.
      reader: { query: (name, args) => Promise.try(() => encoder.encode(answerQuery(store.db, name, args))) },
      pruner: { prune: () => Promise.reject(new Error("This API deletes nothing")) },
      paths: this.paths,
      settings: settingsAt(this.paths.config),
      ingest: NO_INGEST,
      streams: NO_STREAMS,
      authenticator: new ScopedAuthenticator(scopes ?? []),
      ...deps,
    });
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return await this.request(path, { headers });
  }

  /** Sends `body` as JSON. */
  async send(method: string, path: string, body: unknown): Promise<Response> {
    const headers = { "Content-Type": "application/json" };
    return await this.request(path, { method, headers, body: JSON.stringify(body) });
  }

  async request(
    path: string,
    init: RequestInit & { readonly headers: Readonly<Record<string, string>> },
  ): Promise<Response> {
    return await this.app.request(path, { ...init, headers: { ...this.#headers, ...init.headers } });
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

/** Lets whoever has the token do as much as the test says. */
class ScopedAuthenticator extends Authenticator {
  readonly #scopes: readonly Scope[];

  constructor(scopes: readonly Scope[]) {
    super({ token: () => TOKEN });
    this.#scopes = scopes;
  }

  override async identify(...request: Parameters<Authenticator["identify"]>): Promise<Identity | null> {
    const identity = await super.identify(...request);
    return identity && { ...identity, scopes: this.#scopes };
  }
}

/** Settings by the file at `path`, which is looked at only when somebody asks. */
function settingsAt(path: string): Settings {
  return new SettingsInForce({ path, every: () => () => {} });
}

const NO_STREAMS: Streams = {
  open: () => () => {},
  recheck: () => {},
  counters: () => ({ streams: 0, filters: 0, slow: 0, queuedBytes: 0, resyncs: 0 }),
};
const NO_INGEST = {
  limits: {},
  take: () => Promise.reject(new Error("This API takes no events")),
} as unknown as Ingest; // as: its limits are asked for only by the routes that take events

/** The daemon, put together: the store's threads, who may call, the API, the sockets. @module */
import { createApp } from "../api/app.ts";
import { listen } from "../api/serve.ts";
import { Authenticator } from "../auth/authenticator.ts";
import { loadToken } from "../auth/secret_token.ts";
import { openDatabase } from "../store/database.ts";
import { QueryThread } from "./query_thread.ts";

export interface DaemonOptions {
  /** Paths of the database and of the file that holds the token. */
  readonly database: string;
  readonly token: string;
  readonly hostname: string;
  readonly port: number;
  readonly version: string;
}

export interface Daemon {
  readonly ports: readonly number[];
  /** Answers what is under way, writes what is queued, and ends. */
  stop(): Promise<void>;
}

export function startDaemon(options: DaemonOptions): Daemon {
  openDatabase(options.database, { mode: "write" })[Symbol.dispose]();
  const reader = new QueryThread(options.database);
  const app = createApp({
    version: options.version,
    reader,
    authenticator: new Authenticator({ token: loadToken(options.token) }),
  });
  const listener = listen((request) => app.fetch(request), {
    hostname: options.hostname,
    port: options.port,
  });
  return {
    ports: [listener.port],
    async stop() {
      await listener.shutdown();
      reader[Symbol.dispose]();
    },
  };
}

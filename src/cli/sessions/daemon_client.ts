/** The daemon of this home for commands about sessions: proven before it is told the token; started by who cannot do without. @module */
import { kmPaths } from "../../config/paths.ts";
import { readToken } from "../../auth/secret_token.ts";
import type { Client } from "../../client/client.ts";
import { EXIT_CODES, KmError } from "../../core/error.ts";
import { type DaemonRecord, findDaemon } from "../../daemon/daemon_file.ts";
import { loadClient } from "../packages.ts";
import { knowsToken } from "../proven_daemon.ts";
import { requireDaemon } from "../running_daemon.ts";
import { writeError } from "../terminal.ts";

/** How long a daemon may take to prove itself, in ms: on one machine it takes 2; under load it may take longer. */
const PROOF_MS = 5000;

/** A daemon that is that of this home. */
export interface DaemonClient {
  readonly client: Client;
  readonly url: string;
  readonly pid: number;
  readonly token: string;
}

/** @throws {KmError} not_found when none runs, not_trusted when what answers is not the daemon of this home */
export async function connectSessions(): Promise<DaemonClient> {
  return await connect(requireDaemon());
}

/** As `connectSessions`, but starts one when none runs, and says so on stderr. @throws {KmError} as `km serve --detach` */
export async function connectOrStart(): Promise<DaemonClient> {
  const record = findDaemon(kmPaths().daemon) ?? await startOne();
  return await connect(record);
}

async function startOne(): Promise<DaemonRecord> {
  const { startInBackground } = await import("../detached.ts");
  // The port where people look for it, when it is free.
  for (const port of [4242, 0]) {
    const started = await startInBackground(port);
    if (started.daemon) {
      writeError(`km: started km serve on ${started.daemon.urls[0]}; "km stop" ends it and its sessions\n`);
      return started.daemon;
    }
    if (started.code === EXIT_CODES.already_running) return requireDaemon(); // Somebody else was faster.
    if (started.code !== EXIT_CODES.port_taken || port === 0) writeError(started.said);
  }
  throw new KmError("unsupported", "Cannot start km serve, which sessions live in", {
    hint: 'see "km logs", or start it yourself: "km serve"',
  });
}

async function connect({ urls: [url = ""], pid }: DaemonRecord): Promise<DaemonClient> {
  const token = readToken(kmPaths().token);
  if (token === null || !await proves(url, token)) {
    throw new KmError("not_trusted", `What answers at ${url} is not the km serve of this home`, {
      hint: 'see "km status"; "km doctor" says what is wrong',
    });
  }
  const { createClient } = await loadClient();
  return { client: createClient({ baseUrl: url, token }), url, pid, token };
}

async function proves(url: string, token: string): Promise<boolean> {
  try {
    return await knowsToken(url, { token, patienceMs: PROOF_MS });
  } catch (error) {
    throw new KmError("unsupported", `km serve does not answer at ${url}`, {
      hint: 'see "km status"; "km stop" and "km serve --detach" start it again',
      cause: error,
    });
  }
}

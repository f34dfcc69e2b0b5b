/** Whether a daemon that is only known by its file may be believed to run. @module */
import { readToken } from "../auth/secret_token.ts";
import type { DaemonRecord } from "../daemon/daemon_file.ts";
import { isOfThisHost } from "../store/process_mark.ts";
import { knowsToken } from "./proven_daemon.ts";

/** How long one of another host may take to prove itself, in ms. */
const PROOF_MS = 2000;

/** The host, and on Linux the pid namespace, that the daemon's pid belongs to; null when that is this one. */
export function otherHostOf({ process }: DaemonRecord): string | null {
  return isOfThisHost(process) ? null : process.host;
}

/** Null for one of another host that does not answer as the daemon of this home: its file may have outlived it. */
export async function believed(record: DaemonRecord, tokenPath: string): Promise<DaemonRecord | null> {
  return otherHostOf(record) === null || await provesItself(record, tokenPath) ? record : null;
}

async function provesItself({ urls: [url = ""] }: DaemonRecord, tokenPath: string): Promise<boolean> {
  try {
    const token = readToken(tokenPath);
    return token !== null && await knowsToken(url, { token, patienceMs: PROOF_MS });
  } catch {
    return false; // Nobody answers, or nobody can tell who does.
  }
}

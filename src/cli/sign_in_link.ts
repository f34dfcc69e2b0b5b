/** Links that sign a browser in, once: asked of the running daemon, shown, and given to the browser. @module */
import { readToken } from "../auth/secret_token.ts";
import { readEnv } from "../config/environment.ts";
import { kmPaths } from "../config/paths.ts";
import { KmError } from "../core/error.ts";
import type { DaemonRecord } from "../daemon/daemon_file.ts";
import { runTool } from "../proc/run_tool.ts";
import { certificateHint, reasonOf } from "./certificate_hint.ts";
import { knowsToken } from "./proven_daemon.ts";
import { loadClient } from "./packages.ts";

/** How long the daemon may take to answer, in ms. */
const PATIENCE_MS = 5_000;

/** A new link of `daemon`. @throws {KmError} store_unavailable when it gives none */
export async function requestLink({ urls }: Pick<DaemonRecord, "urls">): Promise<string> {
  const [url = ""] = urls;
  const { token: tokenPath } = kmPaths();
  const token = readToken(tokenPath);
  if (token === null) throw cannotAsk(url, `there is no token in "${tokenPath}"`);
  await refuseStranger(url, token);
  const { createClient } = await loadClient();
  const init = { redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS) } as const;
  const asked: Promise<Answer> = createClient({ baseUrl: url, token }).api.auth.links.$post({}, { init });
  const response = await asked.catch(silent(url));
  const body: unknown = await response.json().catch(() => null);
  if (response.status === 201 && typeof body === "object" && body !== null && "code" in body) {
    return `${url}/#token=${body.code}`;
  }
  throw cannotAsk(url, `it answers ${response.status}`);
}

/** @throws {KmError} store_unavailable when something else than this home's daemon listens there: it must not get the token */
async function refuseStranger(url: string, token: string): Promise<void> {
  if (await knowsToken(url, { token, patienceMs: PATIENCE_MS }).catch(silent(url))) return;
  throw cannotAsk(url, "what answers there does not know the token of this home");
}

function silent(url: string): (error: Error) => never {
  return (error) => {
    throw cannotAsk(url, reasonOf(error));
  };
}

/** What may really come: the daemon may be of another version, or no km at all. */
interface Answer {
  readonly status: number;
  json(): Promise<unknown>;
}

/** How a link is shown. */
export function linkLine(link: string): string {
  return `open ${link} in a browser: it works once, within 5 minutes`;
}

/** Gives `link` to the system's browser; false where there is none, or nothing to start one. */
export async function openBrowser(link: string): Promise<boolean> {
  const opener = browserOpener();
  if (opener === null) return false;
  return (await runTool([...opener, link]))?.code === 0;
}

function cannotAsk(url: string, reason: string): KmError {
  const untrusted = certificateHint(reason, "km open");
  const hint = untrusted === null
    ? 'see "km status" and "km logs"; "km stop" and "km serve" start it anew'
    : `${untrusted}; or let "km serve --open" print a link`;
  return new KmError("store_unavailable", `Cannot get a link from km serve at ${url}: ${reason}`, { hint });
}

/** The system's program that opens a URL; null where nobody sits in front of a screen. */
function browserOpener(): [string, ...string[]] | null {
  if (Deno.build.os === "darwin") return ["open"];
  // Not `cmd /c start`: that would read "&" and "%" of a link as its own.
  if (Deno.build.os === "windows") return ["rundll32", "url.dll,FileProtocolHandler"];
  return (readEnv("DISPLAY") ?? readEnv("WAYLAND_DISPLAY")) === undefined ? null : ["xdg-open"];
}

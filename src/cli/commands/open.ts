/** `km open`: the dashboard in a browser, by a link that works once. @module */
import { readToken } from "../../auth/secret_token.ts";
import { readEnv } from "../../config/environment.ts";
import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { runTool } from "../../proc/run_tool.ts";
import { command as defineCommand } from "../command.ts";
import { requireDaemon } from "../running_daemon.ts";
import { write, writeError } from "../terminal.ts";

/** How long the daemon may take to answer, in ms. */
const PATIENCE_MS = 5_000;

export const command = defineCommand({
  name: "open",
  summary: "Open the dashboard in a browser, signed in",
  details:
    "Asks the running km serve for a link that works once, within five minutes, and gives it to the browser. " +
    "Where there is no browser, the link is printed: open it on the machine that km serve runs on.",
  flags: [{ name: "print", type: "boolean", help: "Print the link and open nothing" }],
  examples: [
    ["km open", "the dashboard of the km serve that runs"],
    ["km open --print", "the link alone, to paste"],
  ],
  async run({ print }) {
    const [url = ""] = requireDaemon().urls;
    const link = `${url}/#token=${await requestCode(url)}`;
    if (print || !await openBrowser(link)) write(`${link}\n`);
    else writeError(`opened ${url} in the browser\n`);
    return 0;
  },
});

async function requestCode(url: string): Promise<string> {
  const { token: tokenPath } = kmPaths();
  const token = readToken(tokenPath);
  if (token === null) throw cannotAsk(url, `there is no token in "${tokenPath}"`);
  const response = await fetch(`${url}/api/auth/links`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: Error) => {
    throw cannotAsk(url, error.cause instanceof Error ? error.cause.message : error.message);
  });
  const body: unknown = await response.json().catch(() => null);
  if (response.status === 201 && typeof body === "object" && body !== null && "code" in body) {
    return String(body.code);
  }
  throw cannotAsk(url, `it answers ${response.status}`);
}

function cannotAsk(url: string, reason: string): KmError {
  const hint = /certificate/i.test(reason)
    ? 'tell km which certificate to trust: DENO_CERT=<file> km open; or let "km serve --open" print a link'
    : 'see "km status" and "km logs"; "km stop" and "km serve" start it anew';
  return new KmError("store_unavailable", `Cannot get a link from km serve at ${url}: ${reason}`, { hint });
}

/** False where there is no browser, or nothing to start one. */
async function openBrowser(link: string): Promise<boolean> {
  const opener = browserOpener();
  if (opener === null) return false;
  return (await runTool([...opener, link]))?.code === 0;
}

/** The system's program that opens a URL; null where nobody sits in front of a screen. */
function browserOpener(): [string, ...string[]] | null {
  if (Deno.build.os === "darwin") return ["open"];
  // Not `cmd /c start`: that would read "&" and "%" of a link as its own.
  if (Deno.build.os === "windows") return ["rundll32", "url.dll,FileProtocolHandler"];
  return (readEnv("DISPLAY") ?? readEnv("WAYLAND_DISPLAY")) === undefined ? null : ["xdg-open"];
}

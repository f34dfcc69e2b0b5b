/**
 * Whether plugins can go by the proxy of this environment. Deno connects to a proxy under the plugin's own permissions, and those leave out every
 * private network. To let a proxy's address through would let the plugin itself talk to it, as to anything that listens there; so km does not,
 * and says so instead.
 * @module
 */
import { readNetTarget } from "../package/net_rules.ts";

const VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] as const;

/** Why no plugin gets through the proxy that `env` names, for people; null: it names none, or one of the internet. */
export function proxyProblem(env: Readonly<Record<string, string | undefined>>): string | null {
  for (const name of VARIABLES) {
    const proxy = hostOf(env[name] ?? "");
    const read = proxy === null ? null : readNetTarget(proxy);
    if (read === null || "target" in read) continue;
    return `${name} leads to ${proxy}, which ${read.problem}; plugins reach no private network, so none gets through that proxy. ` +
      "What NO_PROXY names is reached directly";
  }
  return null;
}

/** Nothing of a name or a password that it may hold. */
function hostOf(text: string): string | null {
  if (text.trim() === "") return null;
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  return url === null || url.hostname === "" ? null : url.hostname;
}

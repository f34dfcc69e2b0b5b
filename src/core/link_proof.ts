/** How both ends of the plugin link show that they know the token of `host.json`, which never travels itself. @module */
import { createHmac, timingSafeEqual } from "node:crypto";

/** Who shows it: what one end said can never be said back to it as the other's. */
export type LinkEnd = "host" | "monitor";

/** What `who` says for the `nonce` that the monitor chose. */
export function linkProof(token: string, who: LinkEnd, nonce: string): string {
  return createHmac("sha256", token).update(`km plugin link ${who} ${nonce}`).digest("hex");
}

/** True when `said` is the proof. Takes as long for a wrong one, wherever it differs. */
export function isLinkProof(said: unknown, token: string, who: LinkEnd, nonce: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [
    encoder.encode(typeof said === "string" ? said : ""),
    encoder.encode(linkProof(token, who, nonce)),
  ];
  return left.length === right.length && timingSafeEqual(left, right);
}

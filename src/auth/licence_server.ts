/**
 * Asks an issuer's server whether a licence still counts. `POST <url>` with `{"token":"…"}`; 200 with `{"ok":true}` or `{"token":"<a new one>"}`
 * is a yes, 401 and 403 are a no (with `{"reason":"…"}`, if it likes), and everything else is no answer at all: a proxy's page, a broken server,
 * a cable that is not plugged in.
 * @module
 */
import { printableStart } from "../core/printable.ts";

export type ServerAnswer =
  /** `token`: in place of the one that was sent; null: that one goes on. */
  | { readonly kind: "good"; readonly token: string | null }
  | { readonly kind: "revoked"; readonly reason: string }
  | { readonly kind: "offline"; readonly reason: string };

export interface Asking {
  readonly fetch: typeof fetch;
  /** For the whole answer. Default: 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_REASON_CHARS = 200;

/** Asks. Never throws; a `signal` that is aborted counts as offline. */
export async function askLicenceServer(url: string, token: string, asking: Asking): Promise<ServerAnswer> {
  const address = addressOf(url);
  if (address === null) return offline("plugins.licenceUrl must begin with https://");
  const limit = new AbortController();
  const timeoutMs = asking.timeoutMs ?? TIMEOUT_MS;
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  const signal = asking.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, asking.signal]);
  try {
    const response = await asking.fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept": "application/json" },
      body: JSON.stringify({ token }),
      // The token goes to nobody but the address that the user set.
      redirect: "manual",
      signal,
    });
    return readAnswer(response.status, await readBody(response));
  } catch (error) {
    return offline(reasonOf(signal.aborted ? signal.reason : error));
  } finally {
    clearTimeout(timer);
  }
}

/** Null: the token would go over the network for all to read. */
function addressOf(url: string): URL | null {
  if (!URL.canParse(url)) return null;
  const address = new URL(url);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(address.hostname);
  return address.protocol === "https:" || (address.protocol === "http:" && isLoopback) ? address : null;
}

function readAnswer(status: number, body: string | null): ServerAnswer {
  const answer = parseObject(body);
  if (status === 401 || status === 403) {
    const reason = typeof answer?.reason === "string" ? answer.reason : "";
    return { kind: "revoked", reason: printableStart(reason, MAX_REASON_CHARS) };
  }
  if (status !== 200) return offline(`it answered with status ${status}`);
  if (typeof answer?.token === "string") return { kind: "good", token: answer.token };
  return answer?.ok === true
    ? { kind: "good", token: null }
    : offline("its answer is not that of a licence server");
}

/** Null: too long. */
async function readBody(response: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const bytes of response.body ?? []) {
    size += bytes.length;
    if (size > MAX_ANSWER_BYTES) return null;
    text += decoder.decode(bytes, { stream: true });
  }
  return text;
}

function parseObject(body: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body ?? "");
    // As: checked here; its members are unknown.
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Deno's message ends with what the system said, and begins with the address.
  return error.message.split(": ").at(-1) ?? error.message;
}

function offline(reason: string): ServerAnswer {
  return { kind: "offline", reason: printableStart(reason, MAX_REASON_CHARS) };
}

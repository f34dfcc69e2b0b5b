/** Secrets that are told by their shape: keys by prefix, JWTs, private keys, credentials in URLs and headers. @module */
import {
  APOSTROPHE,
  BACKSLASH,
  backslashesAt,
  backslashesBefore,
  hasDigit,
  type Haystack,
  isIn,
  isWordStart,
  type Match,
  QUOTE,
  runEnd,
  runStart,
  skipSpace,
  standsAt,
  standsAtAnyCase,
} from "./redact_bytes.ts";
import type { TokenFormat } from "./redact_formats.ts";

/** Looks whether a secret of one shape begins where its trigger stands (the trigger's first byte is at `at`). */
export type Matcher = (haystack: Haystack, at: number) => Match | null;

const COLON = 58;
const SLASH = 47;
const DOT = 46;
const DASH = 45;
const AT_SIGN = 64;
const SPACE = 32;
const EQUALS = 61;
/** A user name without a password, as long as this, is a token. */
const MIN_URL_TOKEN_BYTES = 16;
/** By so many characters it is decided whether there is a digit, and whether a run is too long. */
const MAX_PROBE_BYTES = 256;
/** How far back the name of a command may be. */
const MAX_COMMAND_BYTES = 200;

export function matchFormat(format: TokenFormat): Matcher {
  const { label, prefix, charset, min, embedded } = format;
  return ({ bytes, cut }, at) => {
    if (!standsAt(bytes, at, prefix)) return null;
    const isEmbedded = !isWordStart(bytes, at);
    if (isEmbedded && embedded === undefined) return null;
    const from = at + prefix.length;
    // A text of nothing but beginnings must not cost its square.
    const probe = runEnd(bytes, from, charset, Math.min(bytes.length, from + MAX_PROBE_BYTES));
    if (format.needsDigit && !(cut && probe === bytes.length) && !hasDigit(bytes, from, probe)) return null;
    if (isEmbedded && probe - from > (embedded?.[1] ?? 0)) return null;
    const end = runEnd(bytes, probe, charset);
    if (isEmbedded && (end - from < (embedded?.[0] ?? 0) || end - from > (embedded?.[1] ?? 0))) return null;
    if (cut && end === bytes.length) return { start: at, end, label };
    if (end - from < min) return null;
    // Longer words that only begin like a key of fixed length, as `SK00…` in a base64 text, are none.
    if ((charset === "hex" || charset === "upper") && isIn(bytes[end], "base62")) return null;
    return { start: at, end, label };
  };
}

/** Three base64url parts; the first is a JSON object, so it begins with `eyJ`. */
export function matchJwt({ bytes, cut }: Haystack, at: number): Match | null {
  if (!standsAt(bytes, at, "eyJ") || !isWordStart(bytes, at)) return null;
  const match = (end: number) => ({ start: at, end, label: "jwt" });
  const header = runEnd(bytes, at, "url");
  if (cut && header === bytes.length) return match(header);
  if (header - at < 12 || bytes[header] !== DOT) return null;
  const payload = runEnd(bytes, header + 1, "url");
  if (cut && payload === bytes.length) return match(payload);
  if (payload - header < 8 || bytes[payload] !== DOT) return null;
  return match(runEnd(bytes, payload + 1, "url"));
}

/** `-----BEGIN … PRIVATE KEY-----` to its END, with real line ends or escaped ones; `at` is at `BEGIN`. */
export function matchPrivateKey({ bytes }: Haystack, at: number): Match | null {
  if (!standsAt(bytes, at - 5, "-----BEGIN ")) return null;
  const title = titleEnd(bytes, at + 6);
  if (title < 0) return null;
  return { start: at - 5, end: pemEnd(bytes, title), label: "private-key" };
}

/** End of `RSA PRIVATE KEY-----`; -1 when the title is another one. */
function titleEnd(bytes: Uint8Array, from: number): number {
  let end = from;
  while (end - from < 48 && (isIn(bytes[end], "upper") || bytes[end] === SPACE)) end++;
  const title = String.fromCharCode(...bytes.subarray(from, end));
  return title.includes("PRIVATE KEY") && standsAt(bytes, end, "-----") ? end + 5 : -1;
}

function pemEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length;) {
    if (standsAt(bytes, at, "-----END ")) return dashesEnd(bytes, at + 9);
    const next = pemUnitEnd(bytes, at);
    if (next < 0) return at;
    at = next;
  }
  return bytes.length;
}

function dashesEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isIn(bytes[at], "upper") || bytes[at] === SPACE) at++;
  for (let dashes = 0; dashes < 5 && bytes[at] === DASH; dashes++) at++;
  return at;
}

/** One character of a PEM body, or one escaped line end at any depth of JSON; -1 when it is neither. */
function pemUnitEnd(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] as number;
  if (byte === BACKSLASH) {
    const letter = at + backslashesAt(bytes, at);
    return bytes[letter] === 110 || bytes[letter] === 114 || bytes[letter] === SLASH ? letter + 1 : -1;
  }
  const isText = isIn(byte, "base64") || byte === SPACE || byte === 10 || byte === 13 || byte === COLON ||
    byte === 44;
  return isText || (byte === 40 || byte === 41 || byte === AT_SIGN) ? at + 1 : -1;
}

/** `://user:password@`, also with slashes escaped as PHP does. The user stays readable. */
export function matchUrlCredentials({ bytes, cut }: Haystack, at: number): Match | null {
  const from = authorityStart(bytes, at);
  if (from < 0 || standsAt(bytes, from, "[redacted:")) return null;
  let colon = -1;
  let sign = -1;
  let end = from;
  for (; end < bytes.length && !isAuthorityEnd(bytes[end] as number); end++) {
    if (bytes[end] === COLON && colon < 0) colon = end;
    if (bytes[end] === AT_SIGN) sign = end;
  }
  const isCut = cut && end === bytes.length && colon > 0 && sign < 0 && !isPort(bytes, colon + 1, end);
  if (isCut) return { start: colon + 1, end, label: "url-password" };
  if (sign < 0) return null;
  if (colon >= 0 && colon + 1 < sign) return { start: colon + 1, end: sign, label: "url-password" };
  // A lone user name this long is a token: `https://<token>@host`, `https://<token>:@host`.
  const userEnd = colon < 0 ? sign : colon;
  return userEnd - from >= MIN_URL_TOKEN_BYTES ? { start: from, end: userEnd, label: "url-password" } : null;
}

/** `curl -u user:password`: the user stays readable. */
export function matchCurlUser({ bytes }: Haystack, at: number): Match | null {
  const flag = ["-u", "--user"].find((word) =>
    standsAt(bytes, at, word) && (bytes[at + word.length] === SPACE || bytes[at + word.length] === EQUALS)
  );
  if (flag === undefined || isIn(bytes[at - 1], "url")) return null;
  const command = String.fromCharCode(...bytes.subarray(Math.max(0, at - MAX_COMMAND_BYTES), at));
  // `docker run -u 1000:1000` names a group.
  if (!/\b(?:curl|wget|https?)\b/i.test(command)) return null;
  let from = skipSpace(bytes, at + flag.length + 1);
  from += backslashesAt(bytes, from);
  if (bytes[from] === QUOTE || bytes[from] === APOSTROPHE) from++;
  const end = runEnd(bytes, from, "bare");
  const colon = bytes.subarray(from, end).indexOf(COLON);
  return colon < 0 ? null : { start: from + colon + 1, end, label: "secret" };
}

function authorityStart(bytes: Uint8Array, at: number): number {
  if (standsAt(bytes, at, "://")) return at + 3;
  return standsAt(bytes, at, ":\\/\\/") ? at + 5 : -1;
}

function isAuthorityEnd(byte: number): boolean {
  return byte <= SPACE || byte === SLASH || byte === 63 || byte === 35 || byte === 34 || byte === BACKSLASH ||
    byte === 60 ||
    byte === 62 || byte === 96;
}

function isPort(bytes: Uint8Array, from: number, end: number): boolean {
  return runEnd(bytes, from, "digit") === end;
}

/** `Bearer <token>` and `Basic <base64>`: headers, and curl commands in a log. */
export function matchAuthScheme({ bytes, cut }: Haystack, at: number): Match | null {
  const scheme = ["bearer ", "basic "].find((word) =>
    standsAtAnyCase(bytes, at, word.trim()) && bytes[at + word.length - 1] === SPACE
  );
  if (scheme === undefined || !isWordStart(bytes, at)) return null;
  const start = skipSpace(bytes, at + scheme.length);
  const end = runEnd(bytes, start, "base64");
  const label = scheme === "bearer " ? "bearer-token" : "basic-credentials";
  if (cut && end === bytes.length && end > start) return { start, end, label };
  // "Bearer authentication", "basic usage": prose has no digits and no such length.
  const isToken = end - start >= 20 || (end - start >= 6 && hasDigit(bytes, start, end)) ||
    bytes[end - 1] === 61;
  return isToken ? { start, end, label } : null;
}

/** `hooks.slack.com/services/T…/B…/…` and Discord's `webhooks/<id>/<token>`: whoever has the URL may post. */
export function matchWebhook({ bytes }: Haystack, at: number): Match | null {
  const host = ["hooks.slack.com", "webhooks"].find((word) => standsAt(bytes, at, word));
  if (host === undefined) return null;
  let start = slashEnd(bytes, at + host.length);
  if (host === "webhooks") start = slashEnd(bytes, runEnd(bytes, start, "digit"));
  else if (standsAt(bytes, start, "services") || standsAt(bytes, start, "workflows")) {
    start = slashEnd(bytes, runEnd(bytes, start, "base62"));
  }
  let end = start;
  for (let next = end; next >= 0; next = slashEnd(bytes, end)) end = runEnd(bytes, next, "url");
  const label = host === "webhooks" ? "discord-webhook" : "slack-webhook";
  return start > 0 && end - start >= 20 ? { start, end, label } : null;
}

/** After a slash, escaped or not; -1 when there is none. */
function slashEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] === SLASH) return at + 1;
  return bytes[at] === BACKSLASH && bytes[at + 1] === SLASH ? at + 2 : -1;
}

/** Telegram bot token: 8 to 10 digits, colon, 35 characters; `at` is at the colon. */
export function matchTelegramToken({ bytes, cut }: Haystack, at: number): Match | null {
  if (!standsAt(bytes, at, ":AA")) return null;
  const start = runStart(bytes, at, "digit");
  const end = runEnd(bytes, at + 1, "url");
  const isWhole = end - at > 33 || (cut && end === bytes.length);
  return at - start >= 8 && at - start <= 11 && isWhole ? { start, end, label: "telegram-token" } : null;
}

/** Discord bot token: the bot's number in base64, a time stamp, a signature. */
export function matchDiscordToken({ bytes, cut }: Haystack, at: number): Match | null {
  if (!isWordStart(bytes, at)) return null;
  const id = runEnd(bytes, at, "url");
  if (id - at < 23 || id - at > 28 || bytes[id] !== DOT) return null;
  const stamp = runEnd(bytes, id + 1, "url");
  const end = bytes[stamp] === DOT ? runEnd(bytes, stamp + 1, "url") : stamp;
  const isWhole = stamp - id >= 6 && stamp - id <= 8 && end - stamp >= 27;
  return isWhole || (cut && end === bytes.length) ? { start: at, end, label: "discord-token" } : null;
}

/** A secret that km itself holds, byte for byte. */
export function matchLiteral(literal: Uint8Array): Matcher {
  const hasQuote = literal.includes(34);
  return ({ bytes, cut }, at) => {
    let length = 0;
    while (length < literal.length && bytes[at + length] === literal[length]) length++;
    const end = at + length;
    if (length < literal.length && !(cut && end === bytes.length)) return null;
    // Must not take half of an escape, nor a quote that belongs to the JSON around it.
    const splitsEscape = backslashesBefore(bytes, at) % 2 === 1 || backslashesBefore(bytes, end) % 2 === 1;
    const breaksJson = splitsEscape ||
      (hasQuote && backslashesBefore(literal, literal.indexOf(34)) % 2 === 0);
    return breaksJson && looksLikeJson(bytes) ? null : { start: at, end, label: "known-secret" };
  };
}

function looksLikeJson(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length && ((bytes[at] as number) <= SPACE || (bytes[at] as number) >= 0x80)) at++;
  return bytes[at] === 0x7b || bytes[at] === 0x5b || bytes[at] === 34;
}

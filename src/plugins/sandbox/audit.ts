/**
 * Reads what Deno writes to a plugin's stderr: a line of JSON for each permission that it checked, allowed and refused alike, and V8's last words. What
 * was refused follows from the grants. A plugin has no stderr to write to, but its words stand in what Deno says when it dies of an error that nobody
 * caught: what follows such a heading is text, however it looks. What is told here is about this plugin alone.
 * @module
 */
import { isAbsolute, relative } from "node:path";
import { printable } from "../../core/printable.ts";
import type { PermissionsInForce } from "./permissions_in_force.ts";
import type { RefusedAccess, SandboxEvents } from "./sandbox.ts";

/** Most text that is handed on, in bytes: enough for V8's last words. */
const MAX_TEXT = 4096;
/** Longest line that is understood, in bytes; of a longer one nothing is. */
const MAX_LINE = 16 * 1024;
/** Most accesses of one kind that are told apart, so that none crowds out another; and most of one value that is kept, in characters. */
const MAX_KEPT = 250;
const MAX_VALUE = 512;

/** Splits stderr into accesses and text. */
export class Audit {
  readonly #permissions: PermissionsInForce;
  readonly #on: Pick<SandboxEvents, "onRefused" | "onStderr">;
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #decoder = new TextDecoder();
  #line = "";
  #isTooLong = false;
  #isDying = false;
  #textLeft = MAX_TEXT;

  constructor(permissions: PermissionsInForce, on: Pick<SandboxEvents, "onRefused" | "onStderr">) {
    this.#permissions = permissions;
    this.#on = on;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    const pieces = this.#decoder.decode(chunk, { stream: true }).split("\n");
    for (const [i, piece] of pieces.entries()) {
      if (i > 0) this.#endLine(true);
      this.#isTooLong ||= this.#line.length + piece.length > MAX_LINE;
      // Of one that is too long the start is kept, which says whether it is a heading.
      this.#line += piece.slice(0, MAX_LINE - this.#line.length);
    }
  }

  /** Nothing comes any more. */
  end(): void {
    if (this.#line !== "") this.#endLine(false);
  }

  /** Of a line that was cut off nothing counts as an access. */
  #endLine(isWhole: boolean): void {
    this.#isDying ||= LAST_WORDS.test(this.#line);
    const line = this.#isTooLong ? "" : this.#line;
    this.#line = "";
    this.#isTooLong = false;
    const checked = isWhole && !this.#isDying ? parseLine(line) : null;
    if (checked === null) this.#text(line);
    else if (!isGranted(checked, this.#permissions)) this.#refused(checked);
  }

  #text(line: string): void {
    if (line === "" || this.#textLeft <= 0) return;
    const text = `${printable(line)}\n`.slice(0, this.#textLeft);
    this.#textLeft -= text.length;
    this.#on.onStderr(text);
  }

  #refused({ permission, value }: Checked): void {
    const counts = this.#counts.get(permission) ?? new Map<string, number>();
    this.#counts.set(permission, counts);
    const count = (counts.get(value) ?? 0) + 1;
    // Beyond what is kept each try is told: in silence is where something would hide.
    if (count > 1 || counts.size < MAX_KEPT) counts.set(value, count);
    // Told again at 10, 100, 1000 …: often enough to be right, too seldom to be a flood.
    if (Number.isInteger(Math.log10(count))) this.#on.onRefused({ permission, value, count });
  }
}

type Checked = Pick<RefusedAccess, "permission" | "value">;

/** Deno's heading over an error that ends it. */
const LAST_WORDS = /^error: /;
const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const PERMISSIONS = new Set(["read", "write", "net", "env", "sys", "run", "ffi", "import"]);

function parseLine(line: string): Checked | null {
  if (!line.startsWith('{"v":')) return null;
  try {
    const { datetime, permission, value } = JSON.parse(line) as Record<string, unknown>;
    if (typeof datetime !== "string" || !DATETIME.test(datetime)) return null;
    if (typeof permission !== "string" || !PERMISSIONS.has(permission)) return null;
    if (typeof value !== "string" && value !== null) return null;
    // Just as Deno 2.9.6 writes it, with nothing more and nothing less.
    if (JSON.stringify({ v: 1, datetime, permission, value }) !== line) return null;
    return { permission, value: printable(value ?? "").slice(0, MAX_VALUE) };
  } catch {
    return null;
  }
}

function isGranted({ permission, value }: Checked, granted: PermissionsInForce): boolean {
  switch (permission) {
    case "net":
      return granted.net.includes(hostOf(value));
    case "read":
      return granted.read.some((folder) => isWithin(value, folder));
    case "write":
      return granted.write.some((folder) => isWithin(value, folder));
    case "env":
      return granted.env.includes(value);
    default:
      return false;
  }
}

/** `fetch` is checked as a URL first, then as `host:port`. */
function hostOf(value: string): string {
  if (!value.includes("://")) return value.toLowerCase();
  const url = URL.parse(value);
  if (url === null) return value;
  const port = url.port || (/^(https|wss):$/.test(url.protocol) ? "443" : "80");
  return `${url.hostname}:${port}`;
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (!way.startsWith("..") && !isAbsolute(way));
}

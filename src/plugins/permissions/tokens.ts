/** Permissions as a command line spells them: `--grant net=api.example.com,payload=redacted`. @module */
import { DIRECTIONS } from "../../core/event.ts";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { suggest } from "../../core/suggest.ts";
import { PAYLOADS, type Permissions } from "../manifest.ts";
import { folderProblem } from "../package/folder_rules.ts";
import { readNetTarget } from "../package/net_rules.ts";
import { NOTHING, unite } from "./compare.ts";

export const PERMISSION_KINDS = [
  "net",
  "read",
  "write",
  "env",
  "servers",
  "methods",
  "directions",
  "payload",
] as const;
export type PermissionKind = typeof PERMISSION_KINDS[number];

/** One permission: what `--grant` takes is `<kind>=<value>`. */
export interface PermissionItem {
  readonly kind: PermissionKind;
  readonly value: string;
}

/** Every permission of a set by itself; that nothing of a message is given is none. */
export function itemsOf({ net, read, write, env, data }: Permissions): readonly PermissionItem[] {
  const items = (kind: PermissionKind, values: readonly string[]) => values.map((value) => ({ kind, value }));
  return [
    ...items("net", net),
    ...items("read", read),
    ...items("write", write),
    ...items("env", env),
    ...items("servers", data.servers),
    ...items("methods", data.methods),
    ...items("directions", data.directions),
    ...items("payload", data.payload === "none" ? [] : [data.payload]),
  ];
}

/** `net=api.example.com:443`. */
export function tokenOf({ kind, value }: PermissionItem): string {
  return `${kind}=${value}`;
}

/** All tokens of a set. */
export function tokensOf(permissions: Permissions): readonly string[] {
  return itemsOf(permissions).map(tokenOf);
}

/**
 * Reads what `--grant` was given, each flag's text by itself. Several values of one kind may follow its name: `net=a.example,b.example`.
 * `verb`: what was to be done with them.
 * @throws {KmError} usage
 */
export function parseTokens(flags: readonly string[], verb: "grant" | "revoke" = "grant"): Permissions {
  try {
    return readTokens(flags);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { part, message, hint } = error;
    throw new KmError("usage", `Cannot ${verb} "${printable(part)}": ${message}`, { hint });
  }
}

function readTokens(flags: readonly string[]): Permissions {
  let granted = NOTHING;
  for (const flag of flags) {
    let kind: PermissionKind | null = null;
    for (const part of flag.split(",").map((one) => one.trim()).filter((one) => one !== "")) {
      const at = part.indexOf("=");
      kind = at < 0 ? kind : readKind(part.slice(0, at), part);
      if (kind === null) throw wrong(part, "it does not say what for", `for example "net=${part}"`);
      granted = unite(granted, readItem({ kind, value: part.slice(at + 1).trim() }));
    }
  }
  return granted;
}

/** The words that grant exactly this, quoted for a shell: `--grant 'servers=*,payload=redacted'`. Empty where there is nothing to grant. */
export function grantWords(permissions: Permissions, windows: boolean = Deno.build.os === "windows"): string {
  const tokens = tokensOf(permissions).join(",");
  return tokens === "" ? "" : `--grant ${quoteWord(tokens, windows)}`;
}

/** A word as a shell takes it. */
export function quoteWord(word: string, windows: boolean = Deno.build.os === "windows"): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return windows ? `"${word.replaceAll('"', '""')}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}

function readKind(text: string, part: string): PermissionKind {
  const found = PERMISSION_KINDS.find((kind) => kind === text);
  if (found !== undefined) return found;
  const all = `the kinds are ${PERMISSION_KINDS.join(", ")}`;
  if (text === "run" || text === "ffi" || text === "import" || text === "sys") {
    throw wrong(part, `no plugin can be granted "${text}"`, all);
  }
  throw wrong(part, `"${printable(text)}" is no kind of permission`, didYouMean(text) ?? all);
}

function readItem({ kind, value }: PermissionItem): Permissions {
  const part = tokenOf({ kind, value });
  switch (kind) {
    case "net": {
      const read = readNetTarget(value);
      if ("problem" in read) throw wrong(part, `"${printable(value)}" ${read.problem}`);
      return { ...NOTHING, net: [read.target] };
    }
    case "read":
    case "write": {
      const folder = value.replace(/(?<=[^/\\])[/\\]+$/, "");
      const problem = folderProblem(folder, kind);
      if (problem !== null) throw wrong(part, `"${printable(value)}" ${problem}`);
      return { ...NOTHING, [kind]: [folder] };
    }
    case "env":
      if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(value)) throw wrong(part, "that is no name of a variable");
      return { ...NOTHING, env: [value] };
    case "servers":
    case "methods":
      if (value === "") throw wrong(part, "it names nothing", `"${kind}=*" stands for all`);
      return { ...NOTHING, data: { ...NOTHING.data, [kind]: [value] } };
    case "directions":
      return { ...NOTHING, data: { ...NOTHING.data, directions: [oneOf(DIRECTIONS, value, part)] } };
    case "payload":
      return { ...NOTHING, data: { ...NOTHING.data, payload: oneOf(PAYLOADS, value, part) } };
  }
}

function oneOf<T extends string>(choices: readonly T[], value: string, part: string): T {
  const found = choices.find((one) => one === value);
  if (found !== undefined) return found;
  throw wrong(part, `it is none of ${choices.join(", ")}`);
}

/** What is wrong with a token, whatever it was for. */
class Unreadable extends Error {
  readonly part: string;
  readonly hint: string;

  constructor(part: string, state: string, hint: string) {
    super(state);
    this.part = part;
    this.hint = hint;
  }
}

function wrong(
  part: string,
  state: string,
  hint = "each permission is <kind>=<value>, as km plugins info shows it",
): Unreadable {
  return new Unreadable(part, state, hint);
}

function didYouMean(kind: string): string | undefined {
  const found = suggest(kind, PERMISSION_KINDS);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

/**
 * The one law of the house as a table: which folder of `src/` is on which floor, why it exists, and what only it may touch.
 *
 * A file imports its own room and rooms on lower floors; rooms on one floor do not know each other. Types count as much as values.
 * `lint_rooms.ts` keeps the law in `deno lint`; ARCHITECTURE.md tells it in prose.
 * @module
 */

/** One folder of `src/`. */
export interface Room {
  readonly floor: number;
  /** What belongs here. */
  readonly why: string;
  /** Narrower than the floors: the only rooms it may import, beside itself. */
  readonly only?: readonly string[];
  /** Among `only`, the rooms of which it may use types alone. */
  readonly typesOnly?: readonly string[];
}

export const ROOMS: Readonly<Record<string, Room>> = {
  core: { floor: 0, why: "words everyone uses: Event, ids, units, KmError, Clock; no I/O" },
  config: { floor: 1, why: "flags, environment and files become one Config; paths; discovery" },
  proc: { floor: 1, why: "child processes, process groups, signals, PTYs, the byte relay" },
  store: { floor: 1, why: "the databases: open, migrate, write, query" },
  secrets: { floor: 1, why: "OS keychain, encrypted file; nothing else ever holds a key at rest" },
  // One floor below the features: pure words and rules about MCP messages, without I/O, which the recorder needs
  // today and cost, risk and plugins need next.
  mcp: {
    floor: 1,
    why: "what MCP messages mean: methods, both protocol eras, linking, tools and their schemas",
  },
  monitor: {
    floor: 2,
    why: "the stdio proxy: bytes through, a copy to a tap; alive with no daemon and no database",
    only: ["core", "proc"],
  },
  recorder: { floor: 2, why: "a worker thread: bytes, JSON-RPC, paired calls, redacted events, store" },
  cost: { floor: 2, why: "usage times price is money; pure" },
  risk: { floor: 2, why: "rules over events make findings; pure" },
  sessions: { floor: 2, why: "named PTY sessions: spawn, attach, replay, state" },
  memory: { floor: 2, why: "what agents remember: append, plan a window, recall" },
  agents: { floor: 2, why: "model providers, agents, forge" },
  plugins: { floor: 2, why: "plugin host: packages, grants, sandboxed subprocess, RPC" },
  update: { floor: 2, why: "how km renews itself: signed manifests, the swap of its own file, the way back" },
  auth: { floor: 2, why: "tokens: JWT, refresh, scopes" },
  hub: { floor: 2, why: "durable upload of events to a remote km" },
  api: { floor: 3, why: "HTTP routes, one file per resource; auth, WebSocket, SSE, error to status" },
  daemon: { floor: 4, why: "assembly: builds every part once and joins them by functions and one bus" },
  client: { floor: 4, why: "typed caller of our own API", only: ["core", "api"], typesOnly: ["api"] },
  cli: { floor: 5, why: "one file per command, loaded by `await import`" },
  web: { floor: 5, why: "dashboard, runs in a browser", only: ["core", "client"] },
};

/** Something outside the program that only one room may touch. */
export interface Owned {
  readonly what: string;
  readonly owner: string;
  /** Members of globals, as `Deno.env`; `console.*` is every member. */
  readonly members: readonly string[];
  /** Built-in modules that do the same. */
  readonly modules: readonly string[];
}

export const OWNED: readonly Owned[] = [
  { what: "the environment", owner: "config", members: ["Deno.env", "process.env"], modules: [] },
  {
    what: "processes, signals and FFI",
    owner: "proc",
    members: [
      "Deno.Command",
      "Deno.kill",
      "Deno.addSignalListener",
      "Deno.dlopen",
      "Deno.UnsafeCallback",
      "Deno.UnsafeFnPointer",
      "Deno.UnsafePointer",
      "Deno.UnsafePointerView",
    ],
    modules: ["node:child_process"],
  },
  { what: "SQL", owner: "store", members: [], modules: ["node:sqlite"] },
  {
    what: "printing and the exit code",
    owner: "cli",
    members: ["console.*", "Deno.exit", "process.exit"],
    modules: [],
  },
  { what: "HTTP", owner: "api", members: ["Deno.serve"], modules: ["node:http", "node:https", "node:http2"] },
];

/** How a file refers to another: `type` vanishes when compiled, `value` does not. */
export type EdgeKind = "type" | "value";

/**
 * Says why `from` may not refer to `to` (paths inside the repository, with `/`), or null when it may.
 * Tests live beside the code: they keep to the floors, and may use `tests/` too.
 */
export function refuseEdge(from: string, to: string, kind: EdgeKind): string | null {
  if (isFree(from)) return null;
  const source = placeOf(from);
  const target = placeOf(to);
  if (source === target || target === "proto") return null;
  if (target === "tests" && isTest(from)) return null;
  if (source === "main.ts") return target === "src/cli" ? null : "main.ts imports only src/cli";
  if (source === "proto") return "proto/ imports nothing";
  if (source.startsWith("plugins/")) {
    return source !== "plugins/sdk" && target === "plugins/sdk"
      ? null
      : `${source} imports only proto and plugins/sdk`;
  }
  // Half of the SDK runs with the plugin: the bootstrap carries it.
  if (target === "plugins/sdk" && source === "src/plugins") return null;
  // The version is written once, in deno.json.
  if (target === "deno.json" && source === "src/cli") return null;
  if (!target.startsWith("src/")) return `${source} may not import ${target}`;
  return refuseRoom(source.slice(4), target.slice(4), kind);
}

function refuseRoom(from: string, to: string, kind: EdgeKind): string | null {
  const source = ROOMS[from];
  const target = ROOMS[to];
  if (!source || !target) return `"${source ? to : from}" is no room: add it to scripts/rooms.ts, with a why`;
  if (source.only && !source.only.includes(to)) {
    return `${from} imports only ${source.only.join(", ")}, not ${to}`;
  }
  if (source.typesOnly?.includes(to) && kind === "value") return `${from} may use only types of ${to}`;
  if (target.floor < source.floor) return null;
  return `${from} (floor ${source.floor}) may not import ${to} (floor ${target.floor}): only lower floors`;
}

/** Says why `path` may not touch what another room owns, or null when it may. `name` is `Deno.env` or a module like `node:sqlite`. */
export function refuseUse(path: string, name: string): string | null {
  const room = placeOf(path);
  if (!room.startsWith("src/") || isTest(path)) return null;
  for (const { what, owner, members, modules } of OWNED) {
    const owned = members.includes(name) || modules.includes(name) ||
      members.includes(name.replace(/\..*/, ".*"));
    if (owned && room !== `src/${owner}`) return `${name}: ${owner} owns ${what}`;
  }
  return null;
}

/** Says what is wrong with the place or name of a file, or null when nothing is. */
export function refusePath(path: string): string | null {
  if (!path.startsWith("src/")) return null;
  const [, room, file] = path.split("/");
  if (file === undefined) return "A file in src/ belongs into a room";
  if (!ROOMS[room ?? ""]) return `"${room}" is no room: add it to scripts/rooms.ts, with a why`;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /^(index|mod|utils?|helpers?|common)\.tsx?$/.test(name)
    ? `${name} says nothing: name the file after what is in it`
    : null;
}

/** `src/<room>`, `plugins/<name>`, or the first part of the path. */
function placeOf(path: string): string {
  const [first = "", second] = path.split("/");
  return (first === "src" || first === "plugins") && second ? `${first}/${second}` : first;
}

function isFree(path: string): boolean {
  return path.startsWith("tests/") || path.startsWith("scripts/");
}

function isTest(path: string): boolean {
  return path.endsWith("_test.ts");
}

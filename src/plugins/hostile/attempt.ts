/** One thing that a hostile plugin tries. @module */
import type { PermissionsInForce } from "../sandbox/permissions_in_force.ts";

/** Kinds of attempts, as they are reported. */
export type AttemptGroup =
  | "files"
  | "proc"
  | "links"
  | "environment"
  | "system"
  | "network"
  | "addresses"
  | "sockets"
  | "descriptors"
  | "programs"
  | "foreign code"
  | "workers"
  | "imports"
  | "load time"
  | "storage"
  | "signals"
  | "reach"
  | "frames"
  | "resources";

/** What is tried. `code` is the body of an async function that is given `c` (a `Lure`), `show` and `load`; what it returns is looked through for canaries. */
export interface Attempt {
  readonly id: string;
  readonly group: AttemptGroup;
  /** One sentence. */
  readonly what: string;
  readonly code: string;
  /** Granted to the plugin while it tries; nothing by default. */
  readonly grants?: (lure: Lure) => Partial<PermissionsInForce>;
  /** What a sound sandbox does with it: `info` when it may get an answer that harms nobody. */
  readonly expectation: "blocked" | "info";
  /** `shared`: in one process with others; `alone`: in its own; `module`: the code is the whole module; `bound`: in its own, and it must come to an end. */
  readonly place: "shared" | "alone" | "module" | "bound";
  /** Which walls are left away, to see that the others hold by themselves. */
  readonly without?: "lexer" | "system";
}

/** What a plugin is told of what it could reach; never a secret itself. */
export interface Lure {
  /** Holds a secret. */
  readonly file: string;
  /** The same as a URL. */
  readonly url: string;
  /** JSON, JavaScript and WASM with the secret in it. */
  readonly jsonUrl: string;
  readonly scriptUrl: string;
  /** The folder of these; names in it are secrets too. */
  readonly folder: string;
  /** A link to `file`. */
  readonly link: string;
  /** A folder that may be granted, with links to `file` in it: `soft`, and `out` to the folder above. */
  readonly granted: string;
  /** Where everything that is written is an escape. */
  readonly out: string;
  /** A file that must stay as it is. */
  readonly victim: string;
  /** A process that must stay alive. */
  readonly victimPid: number;
  /** Name of a variable with a secret in it, handed to the launch without a grant. */
  readonly variable: string;
  /** Listeners of this machine: whoever connects has escaped. */
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly unixPath: string | null;
  /** This machine's name, which leads to loopback or to an address of its own. */
  readonly hostname: string;
  /** The pipe that km inherited; null where none could be made. */
  readonly fd: number | null;
  /** km's own process. */
  readonly kmPid: number;
  /** To be kept somewhere and read again by another process. */
  readonly token: string;
  /** Returned when an attempt sees by itself that it got through, where nothing outside could see it. */
  readonly claim: string;
}

/** `[id, what, code]` of several attempts alike. */
export type AttemptRow = readonly [id: string, what: string, code: string];

/** Attempts of one group. */
export function attempts(
  group: AttemptGroup,
  rows: readonly AttemptRow[],
  alike: Partial<Omit<Attempt, "id" | "group" | "what" | "code">> = {},
): Attempt[] {
  return rows.map(([id, what, code]) => ({
    id,
    group,
    what,
    code,
    expectation: "blocked",
    place: "shared",
    ...alike,
  }));
}

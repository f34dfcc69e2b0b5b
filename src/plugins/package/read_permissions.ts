/** What a manifest may ask to be permitted, and what no manifest may. @module */
import { DIRECTIONS } from "../../core/event.ts";
import { type DataScope, PAYLOADS, type Permissions } from "../manifest.ts";
import type { Fields } from "./fields.ts";
import { folderProblem, type FolderUse } from "./folder_rules.ts";
import { readNetTarget } from "./net_rules.ts";
import { refuseManifest, show } from "./refuse.ts";

/** Most entries of one list. */
const MANY = { least: 0, most: 64 };
const SOME = { least: 1, most: 64 };
const MAX_PATTERN_LENGTH = 200;

/** What would end the sandbox, by Deno's words for it. */
const NEVER: Readonly<Record<string, string>> = {
  run: "running programs",
  ffi: "foreign functions",
  sys: "facts about the system",
  import: "importing code",
  all: "everything",
};

/** Names that steer Deno, km or the loader, or that km itself sets. In capitals: Windows takes both for one. */
const STEERING =
  /^(KM|DENO|NODE|NPM|LD|DYLD|V8|OTEL|RUST|GLIBC|MALLOC|SSL|SSLKEYLOGFILE|NO_COLOR|TZ|(HTTPS?|ALL|NO)_PROXY)(_|$)/;

/** @throws {KmError} not_trusted */
export function readPermissions(fields: Fields): Permissions {
  for (const name of fields.names()) {
    const what = Object.hasOwn(NEVER, name) ? NEVER[name] : undefined;
    if (what !== undefined) {
      throw refuseManifest(
        `it asks for permissions.${name}, and ${what} can never be asked for`,
        "no grant could keep such a plugin in its sandbox, so km runs none that wants it",
      );
    }
  }
  const permissions = {
    net: fields.list("net", MANY, readNet),
    read: fields.list("read", MANY, (folder, path) => readFolder(folder, path, "read")),
    write: fields.list("write", MANY, (folder, path) => readFolder(folder, path, "write")),
    env: fields.list("env", MANY, readEnv),
    data: readDataScope(fields.object("data")),
  };
  fields.end();
  return permissions;
}

function readNet(text: string, path: string): string {
  const read = readNetTarget(text);
  if ("target" in read) return read.target;
  throw refuseManifest(`${path} ${show(text)} ${read.problem}`);
}

function readFolder(folder: string, path: string, use: FolderUse): string {
  const problem = folderProblem(folder, use);
  if (problem === null) return folder;
  throw refuseManifest(`${path} ${show(folder)} ${problem}`);
}

function readEnv(name: string, path: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
    throw refuseManifest(`${path} ${show(name)} is no name of an environment variable`);
  }
  if (STEERING.test(name.toUpperCase())) {
    throw refuseManifest(`${path} ${show(name)} is a variable that steers km or the sandbox`);
  }
  return name;
}

function readDataScope(fields: Fields): DataScope {
  const scope = {
    servers: fields.list("servers", SOME, readPattern),
    methods: fields.list("methods", SOME, readPattern),
    directions: fields.list("directions", SOME, (text, path) => {
      const direction = DIRECTIONS.find((one) => one === text);
      if (direction !== undefined) return direction;
      throw refuseManifest(`${path} is ${show(text)}, and must be one of ${DIRECTIONS.join(", ")}`);
    }),
    payload: fields.oneOf("payload", PAYLOADS),
  };
  fields.end();
  return scope;
}

/** A comma would end a pattern on the command line. */
function readPattern(text: string, path: string): string {
  if (text.length <= MAX_PATTERN_LENGTH && /^[^\s,]+$/u.test(text)) return text;
  throw refuseManifest(
    `${path} is ${show(text)}, and must be 1 to ${MAX_PATTERN_LENGTH} characters without spaces and commas`,
  );
}

import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import type { KmError } from "../core/error.ts";
import { type Command, command } from "./command.ts";
import { parseFlags } from "./flags.ts";

const READER = command({
  name: "events",
  summary: "Read",
  words: [0, 1],
  flags: [
    { name: "limit", short: "n", type: "number", default: "50", help: "" },
    { name: "older-than", type: "duration", help: "" },
    { name: "kind", type: "choice", choices: ["log", "gap"], help: "" },
    { name: "json", short: "j", type: "boolean", help: "" },
  ],
  examples: [],
  run: () => 0,
});

const MONITOR = command({
  name: "monitor",
  summary: "Run",
  passthrough: true,
  flags: [
    { name: "name", type: "string", help: "" },
    { name: "buffer-size", type: "size", setting: "bufferSize", help: "" },
    { name: "no-record", type: "boolean", help: "" },
  ],
  examples: [],
  run: () => 0,
});

const parse = (command: Command, line: string) => parseFlags(command, line.split(" ").filter(Boolean));

Deno.test("parseFlags() gives every flag a value, typed or default", () => {
  deepStrictEqual(parse(READER, ""), {
    flags: { limit: 50, olderThan: undefined, kind: undefined, json: false },
    words: [],
    help: false,
  });
});

const SPELLINGS = [
  "--limit 7 word --json",
  "--limit=7 --json=true word",
  "-n 7 -j word",
  "-n7 word --json",
  "-n=7 --json word",
];
for (const line of SPELLINGS) {
  Deno.test(`parseFlags() reads "${line}"`, () => {
    const { flags, words } = parse(READER, line);
    deepStrictEqual([flags["limit"], flags["json"], words], [7, true, ["word"]]);
  });
}

Deno.test("parseFlags() takes a flag back with =false", () =>
  equal(parse(READER, "--json --json=false").flags["json"], false));

Deno.test("parseFlags() takes everything after -- as words", () => {
  deepStrictEqual(parse(READER, "-- --json").words, ["--json"]);
});

const SERVER_LINES: readonly (readonly [string, readonly string[]])[] = [
  ["-- npx -y server", ["npx", "-y", "server"]],
  ["--server -- npx -y server", ["npx", "-y", "server"]],
  ["--server npx -y server", ["npx", "-y", "server"]],
  ["npx -y server", ["npx", "-y", "server"]],
  ["--name a -- npx --name b", ["npx", "--name", "b"]],
  ["--no-record npx -- x --help", ["npx", "--", "x", "--help"]],
  ["-- -- x", ["--", "x"]],
  ["--no-record --server -- x", ["x"]],
  ["-- --version", ["--version"]],
];
for (const [line, words] of SERVER_LINES) {
  Deno.test(`parseFlags() leaves the server's words alone in "monitor ${line}"`, () => {
    verifies("monitor-double-dash");
    deepStrictEqual(parse(MONITOR, line).words, words);
  });
}

Deno.test("parseFlags() takes a setting's default for a flag that is not there", () => {
  equal(parse(MONITOR, "-- x").flags["bufferSize"], 2_000_000);
});

const MISTAKES: readonly (readonly [Command, string, string, RegExp | undefined])[] = [
  [READER, "--lmit 3", 'Unknown flag "--lmit" of "km events"', /did you mean "--limit"/],
  [READER, "--wholly-new", 'Unknown flag "--wholly-new" of "km events"', /km events --help/],
  [READER, "-x", 'Unknown flag "-x" of "km events"', /--help/],
  [READER, "--limit", "Flag --limit needs a value", /--help/],
  [READER, "--limit x", 'Cannot read "x" as a whole number (--limit)', /digits only/],
  [READER, "--limit -1", 'Cannot read "-1" as a whole number (--limit)', /digits only/],
  [READER, "--kind lg", '"lg" is not a choice (--kind)', /did you mean "log"\? One of: log, gap/],
  [READER, "--older-than 3", 'Cannot read "3" as a duration (--older-than)', /10m/],
  [READER, "--json=maybe", 'Cannot read "maybe" as true or false (--json)', undefined],
  [READER, "a b", 'Unexpected word "b" after "km events a"', /--help/],
  [MONITOR, "--nam x -- y", 'Unknown flag "--nam" of "km monitor"', /did you mean "--name"/],
  [MONITOR, "-y server", 'Unknown flag "-y" of "km monitor"', /go after "--"/],
  [MONITOR, "--name -- x", "Flag --name needs a value", /--help/],
];
for (const [command, line, message, hint] of MISTAKES) {
  Deno.test(`parseFlags() refuses "${command.name} ${line}"`, () => {
    throws(() => parse(command, line), (error: KmError) => {
      deepStrictEqual([error.code, error.message], ["usage", message]);
      return hint === undefined || hint.test(error.hint ?? "");
    });
  });
}

Deno.test("parseFlags() asks for help whatever else is wrong after it", () => {
  equal(parse(READER, "--json --help --nonsense").help, true);
  equal(parse(READER, "-h").help, true);
});

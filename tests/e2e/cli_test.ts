/** The command line as its user meets it: help, mistakes, exit codes. @module */
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { commandNames } from "../../src/cli/commands.ts";
import { openDatabase } from "../../src/store/database.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { KM, runKm, Running, TempFolder } from "./harness.ts";

async function km(
  line: string,
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  using home = new TempFolder();
  return await runKm(line.split(" ").filter(Boolean), { home: home.path, env });
}

Deno.test("km --version prints the version of the manifest", async () => {
  verifies("read-version");
  const { code, out, err } = await km("--version");
  deepStrictEqual([code, out, err], [0, `km ${manifest.version}\n`, ""]);
});

Deno.test("km starts on a machine that has never run it without downloading anything", async () => {
  using cache = new TempFolder();
  const { code, err } = await km("--version", { DENO_DIR: cache.path });
  deepStrictEqual([code, err], [0, ""]);
});

Deno.test("km, km --help and km help list every command", async () => {
  for (const line of ["", "--help", "-h", "help"]) {
    const { code, out } = await km(line, { COLUMNS: "80" });
    equal(code, 0);
    for (const name of commandNames()) match(out, new RegExp(`^  ${name} +\\w`, "m"));
  }
});

for (const name of commandNames()) {
  Deno.test(`km ${name} --help fits 80 columns and says how it is used`, async () => {
    const { code, out, err } = await km(`${name} --help`, { COLUMNS: "80" });
    deepStrictEqual([code, err], [0, ""]);
    match(out, new RegExp(`^Usage: km ${name}`, "m"));
    const examples = /^Examples:\n(?: {2}.*\n)*/m.exec(out)?.[0] ?? "";
    for (const line of out.replace(examples, "").split("\n")) ok(line.length <= 80, line);
  });
}

Deno.test("km help <command> is km <command> --help", async () => {
  equal((await km("help stats")).out, (await km("stats --help")).out);
});

Deno.test("km help <command> <command below it> is its --help, which names both words", async () => {
  verifies("plugins-commands");
  const { code, out } = await km("help plugins status");
  equal(out, (await km("plugins status --help")).out);
  deepStrictEqual([code, out.includes("\nUsage: km plugins status [flags]\n")], [0, true]);
});

const MISTAKES: readonly (readonly [line: string, code: number, error: string, hint: string])[] = [
  ["moniter -- cat", 2, 'Unknown command "moniter"', 'did you mean "monitor"?'],
  ["evnts", 2, 'Unknown command "evnts"', 'did you mean "events"?'],
  [
    "--limit 3",
    2,
    'Unknown flag "--limit"',
    'flags follow a command: "km monitor --limit … -- <command>"; see "km --help"',
  ],
  ["events --lmit 3", 2, 'Unknown flag "--lmit" of "km events"', 'did you mean "--limit"?'],
  [
    "stats --by tol",
    2,
    '"tol" is not a choice (--by)',
    'did you mean "tool"? One of: server, tool, method, client, outcome, day',
  ],
  [
    "monitor --buffer-size 2X -- cat",
    2,
    'Cannot read "2X" as a size (--buffer-size)',
    "write bytes as 512KB, 2MB, 1MiB or a plain number (KB is 1000, KiB is 1024)",
  ],
  ["config get retention.day", 2, 'Unknown setting "retention.day"', 'did you mean "retention.days"?'],
  [
    "export --format har --kind log",
    2,
    'Cannot choose events for "har": its entries are calls',
    "leave out --kind, --direction and --search",
  ],
  ["even", 2, 'Unknown command "even"', 'did you mean "events"?'],
  ["monitor --name= -- cat", 2, "Flag --name needs a value that is not empty", 'see "km monitor --help"'],
  ["events --server= ", 2, "Flag --server needs a value that is not empty", 'see "km events --help"'],
  ["events --limit abc", 2, 'Cannot read "abc" as a whole number (--limit)', "write digits only: 50"],
  ["config set retention.days abc", 2, 'Cannot read "abc" as a whole number', "write digits only: 50"],
  ["plugin", 2, 'Unknown command "plugin"', 'did you mean "plugins"?'],
  ["plugins lits", 2, 'Cannot "km plugins lits": unknown word "lits"', 'did you mean "list"?'],
  ["help plugins statsu", 2, 'Cannot "km plugins statsu": unknown word "statsu"', 'did you mean "status"?'],
  [
    "plugins status --verbos",
    2,
    'Unknown flag "--verbos" of "km plugins status"',
    'did you mean "--verbose"?',
  ],
  ["help events x", 2, '"km events" has no command "x"', 'see "km events --help"'],
  ["completions tcsh", 2, 'Cannot "km completions tcsh": unknown word "tcsh"', "one of: bash, zsh, fish"],
];
for (const [line, code, error, hint] of MISTAKES) {
  Deno.test(`km ${line} is refused with a hint`, async () => {
    verifies("repo-errors-form", "monitor-did-you-mean");
    const ended = await km(line);
    deepStrictEqual([ended.code, ended.out, ended.err], [
      code,
      "",
      `km: error: ${error}\nkm: hint: ${hint}\n`,
    ]);
  });
}

Deno.test("km show of an id that nobody has exits with 3", async () => {
  const { code, err } = await km("show 01a");
  deepStrictEqual([code, err.startsWith("km: error: Cannot find an event")], [3, true]);
});

for (const line of ["events", "calls", "events --search x", "prune --dry-run"]) {
  Deno.test(`km ${line} says what to do when nothing is recorded, and --json says nothing`, async () => {
    const { code, out } = await km(line);
    deepStrictEqual([code, out.startsWith("nothing recorded yet: put `km monitor --` in front of")], [
      0,
      true,
    ]);
    const json = await km(`${line} --json`);
    equal(json.code, 0);
    if (!line.startsWith("prune")) equal(json.out, "");
  });
}

Deno.test("km stats --json has a report of zeros when nothing is recorded", async () => {
  verifies("read-json-contract");
  match((await km("stats")).out, /^nothing recorded yet/);
  const { code, out } = await km("stats --json --by server");
  const { by, rows, totals, unusedTools, definitions } = JSON.parse(out);
  deepStrictEqual([code, by, rows, totals.calls, totals.p50Ms, unusedTools, definitions], [
    0,
    "server",
    [],
    0,
    null,
    [],
    [],
  ]);
});

Deno.test("km export writes a whole document when nothing is recorded", async () => {
  const ends: Record<string, (out: string) => void> = {
    jsonl: (out) => equal(out, ""),
    csv: (out) => match(out, /^id,time,[^\n]+payload\r\n$/),
    har: (out) => deepStrictEqual(JSON.parse(out).log.entries, []),
    "otlp-json": (out) => deepStrictEqual(JSON.parse(out), { resourceSpans: [] }),
  };
  for (const [format, check] of Object.entries(ends)) {
    const { code, out, err } = await km(`export --format ${format}`);
    deepStrictEqual([code, err.startsWith("nothing recorded yet")], [0, true]);
    check(out);
  }
});

testUnless(unlessOs("linux", "darwin"), "km <program> runs a program whose name is no command", async () => {
  verifies("monitor-drop-in");
  using home = new TempFolder();
  const { code, out, err } = await runKm(["cat", "-u"], { home: home.path, stdin: "hello\r\n" });
  deepStrictEqual([code, out, err], [0, "hello\r\n", ""]);
});

testUnless(
  unlessOs("linux", "darwin"),
  "km <near command> runs a program of that name that is on PATH",
  async () => {
    using home = new TempFolder();
    const program = `${home.path}/event`;
    await Deno.writeTextFile(program, "#!/bin/sh\necho ran\n", { mode: 0o755 });
    const { code, out } = await runKm(["event"], {
      home: home.path,
      env: { PATH: `${home.path}:/usr/bin:/bin` },
    });
    deepStrictEqual([code, out], [0, "ran\n"]);
  },
);

Deno.test("km config set model says where one sees whether its price is known", async () => {
  using home = new TempFolder();
  const set = (model: string) => runKm(["config", "set", "model", model], { home: home.path });
  const { code, out, err } = await set("no-such-model");
  deepStrictEqual([code, out], [0, ""]);
  match(err, /km open/);
  deepStrictEqual((await set("none")).err, "");
});

Deno.test("km config set, show and get agree on values and where they come from", async () => {
  using home = new TempFolder();
  const options = { home: home.path, env: { KM_OUTPUT: "json" } };
  equal((await runKm(["config", "set", "retention.days", "30"], options)).code, 0);
  equal((await runKm(["config", "get", "retention.days"], options)).out, "30\n");
  const { out } = await runKm(["config", "show", "--json"], options);
  const sources = Object.fromEntries(
    out.trim().split("\n").map((line) => JSON.parse(line)).map((
      { key, value, source },
    ) => [key, `${value} ${source}`]),
  );
  deepStrictEqual(
    [sources["retention.days"], sources["output"], sources["redact"]],
    ["30 file", "json environment", "on default"],
  );
});

Deno.test("km config set keeps the user's providers, and show says what is wrong with them", async () => {
  using home = new TempFolder();
  const providers = { aider: { command: ["aider"] }, mine: { comand: ["mine"] } };
  await Deno.writeTextFile(`${home.path}/config.jsonc`, JSON.stringify({ providers }));
  equal((await runKm(["config", "set", "sessions.max", "50"], { home: home.path })).code, 0);
  const file = JSON.parse(await Deno.readTextFile(`${home.path}/config.jsonc`));
  deepStrictEqual(file, { providers, sessions: { max: 50 } });
  const { err } = await runKm(["config", "show"], { home: home.path });
  match(err, /providers\.mine\.comand: is unknown; did you mean "command"\?; ignored/);
  ok(!err.includes("aider"), err);
});

testUnless(
  unlessOs("linux", "darwin"),
  "km monitor runs although the config file is broken, and km doctor tells",
  async () => {
    using home = new TempFolder();
    await Deno.writeTextFile(`${home.path}/config.jsonc`, '{"output": ');
    const { code, out, err } = await runKm(["monitor", "--", "cat"], { home: home.path, stdin: "x\n" });
    deepStrictEqual([code, out, err], [0, "x\n", ""]);
    match((await runKm(["doctor"], { home: home.path })).out, /warn +config .*config\.jsonc: /);
  },
);

testUnless(unlessOs("linux", "darwin"), "km doctor fails with 20 when the home cannot be used", async () => {
  verifies("read-doctor");
  using folder = new TempFolder();
  await Deno.writeTextFile(`${folder.path}/file`, "");
  const { code, out } = await runKm(["doctor", "--json"], { home: `${folder.path}/file` });
  const checks = out.trim().split("\n").map((line) => JSON.parse(line));
  deepStrictEqual(Object.keys(checks[0]), ["check", "status", "detail", "hint", "fix", "fixed"]);
  deepStrictEqual([code, checks.find(({ check }) => check === "home").status], [20, "fail"]);
});

for (const shell of ["bash", "zsh", "fish"]) {
  testUnless(missingProgram(shell), `km completions ${shell} is a script that ${shell} accepts`, async () => {
    verifies("read-completions");
    using folder = new TempFolder();
    const { code, out } = await km(`completions ${shell}`);
    equal(code, 0);
    for (const name of commandNames()) ok(out.includes(name), name);
    await Deno.writeTextFile(`${folder.path}/km`, out);
    await using check = new Running(["-n", `${folder.path}/km`], { home: folder.path, command: [shell] });
    const { code: accepted, err } = await check.ended();
    deepStrictEqual([accepted, err], [0, ""]);
  });
}

testUnless(
  missingProgram("bash"),
  "km completions bash offers commands, flags, choices and programs",
  async () => {
    verifies("read-completions");
    using folder = new TempFolder();
    await Deno.writeTextFile(`${folder.path}/km`, (await km("completions bash")).out);
    const ask =
      `km() { [ "$*" = "plugins names" ] && echo tool-guard; }; source "$0"; for line in "$@"; do read -ra COMP_WORDS <<< "$line"; [[ $line == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _km; echo "\${COMPREPLY[*]}"; done`;
    const lines = [
      "km ev",
      "km stats --by ",
      "km events --ki",
      "km config ",
      "km plugins st",
      "km plugins logs --js",
      "km plugins logs --lines ",
      "km plugins logs tool",
      "km monitor -- bas",
    ];
    await using bash = new Running(["-c", ask, `${folder.path}/km`, ...lines], {
      home: folder.path,
      command: ["bash"],
    });
    const { out, err } = await bash.ended();
    const [commands, choices, flags, words, below, flagsBelow, valueBelow, installed, programs = ""] = out
      .split(
        "\n",
      );
    deepStrictEqual([commands, choices, flags, words, below, flagsBelow, valueBelow, installed, err], [
      "events",
      "server tool method client outcome day",
      "--kind",
      "show get set unset --json --help",
      "status",
      "--json",
      "",
      "tool-guard",
      "",
    ]);
    ok(programs.split(" ").includes("bash"));
  },
);

testUnless(
  missingProgram("fish"),
  "km completions fish offers commands, choices and the server's own completions",
  async () => {
    verifies("read-completions");
    using folder = new TempFolder();
    await Deno.writeTextFile(`${folder.path}/km.fish`, (await km("completions fish")).out);
    const ask =
      "function km; test \"$argv\" = 'plugins names'; and echo tool-guard; end; source $argv[1]; for line in $argv[2..-1]; complete -C $line | string split -f1 \\t | string join ' '; end";
    const lines = [
      "km even",
      "km stats --by ",
      "km plugins stat",
      "km plugins logs --js",
      "km plugins logs tool",
      "km monitor -- bas",
    ];
    await using fish = new Running(["--no-config", "-c", ask, `${folder.path}/km.fish`, ...lines], {
      home: folder.path,
      command: ["fish"],
    });
    const [commands = "", choices, below, flagsBelow, installed, programs = ""] = (await fish.ended()).out
      .split("\n");
    ok(commands.split(" ").includes("events"));
    deepStrictEqual([below, flagsBelow, installed], ["status", "--json", "tool-guard"]);
    equal(choices, "client day method outcome server tool");
    ok(programs.split(" ").includes("bash"), programs);
  },
);

for (const command of ["events", "calls", "export", "stats"]) {
  Deno.test(`km ${command} refuses a range that ends before it begins`, async () => {
    verifies("repo-errors-form");
    const { code, out, err } = await km(`${command} --since 10m --until 20m`);
    deepStrictEqual([code, out], [2, ""]);
    match(
      err,
      /^km: error: Cannot look from 2\S+Z until 2\S+Z: nothing lies between\nkm: hint: --since is the/,
    );
  });
}

Deno.test("km keeps an error on one line, and steers no terminal, whatever was typed", async () => {
  verifies("repo-errors-form");
  using home = new TempFolder();
  const { code, err } = await runKm(["monitor", "--", "no\nsuch\x1b[31m"], { home: home.path });
  deepStrictEqual([code, err.split("\n").filter((line) => line.includes("error")).length], [127, 1]);
  match(err, /^km: error: .*no\\nsuch\\e\[31m/m);
});

testUnless(unlessOs("linux"), "km says so when the disk of its output is full", async () => {
  verifies("repo-errors-form");
  using home = new TempFolder();
  await runKm(["monitor", "--", "cat"], { home: home.path, stdin: "x\n" });
  for (
    const line of ["events", "events --json", "calls", "export --format csv", "stats --json", "help"]
  ) {
    const words = ["-c", `exec "$@" > /dev/full`, "sh", ...KM, ...line.split(" ")];
    await using shell = new Running(words, { home: home.path, command: ["sh"] });
    const { code, err } = await shell.ended();
    deepStrictEqual([line, code, err], [
      line,
      14,
      "km: error: Cannot write to stdout: no space left on device\nkm: hint: free some space, or write elsewhere\n",
    ]);
  }
});

async function doctor(home: string, env: Record<string, string> = {}): Promise<Record<string, string>> {
  const { out } = await runKm(["doctor", "--json"], { home, env });
  const checks = out.trim().split("\n").map((line) => JSON.parse(line) as { check: string; status: string });
  return Object.fromEntries(checks.map(({ check, status }) => [check, status]));
}

testUnless(
  unlessOs("linux", "darwin"),
  "km doctor tries to write, and fails where that cannot be",
  async () => {
    verifies("read-doctor");
    using home = new TempFolder();
    await runKm(["monitor", "--", "cat"], { home: home.path, stdin: "x\n" });
    const before = (await runKm(["export"], { home: home.path })).out;
    equal((await doctor(home.path))["database.writable"], "ok");
    equal((await runKm(["export"], { home: home.path })).out, before);
    using other = openDatabase(`${home.path}/km.db`, { mode: "write" });
    other.exec("BEGIN IMMEDIATE");
    equal((await doctor(home.path))["database.writable"], "fail");
  },
);

testUnless(unlessOs("linux", "darwin"), "km doctor fails at a home that is a link to nothing", async () => {
  verifies("read-doctor");
  using folder = new TempFolder();
  await Deno.symlink(`${folder.path}/gone`, `${folder.path}/link`);
  equal((await doctor(`${folder.path}/link`))["home"], "fail");
  equal((await doctor(`${folder.path}/not-yet`))["home"], "ok");
});

Deno.test("km doctor warns of a KM_RELAY that is no relay", async () => {
  verifies("read-doctor");
  using home = new TempFolder();
  equal((await doctor(home.path, { KM_RELAY: "foo" }))["relay"], "warn");
  equal((await doctor(home.path, { KM_RELAY: "portable" }))["relay"], "ok");
});

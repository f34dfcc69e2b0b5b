/** What was recorded, read back: `km events`, `calls`, `show`, `stats`, `export`, `prune`. @module */
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import type { Call, Event } from "../../src/core/event.ts";
import { openDatabase } from "../../src/store/database.ts";
import { findEvent } from "../../src/store/events.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { type Ended, KM, readCalls, readEvents, readJson, runKm, Running, TempFolder } from "./harness.ts";

const EVENT_FIELDS =
  "id,time,correlationId,server,direction,kind,method,tool,rpcId,sizeBytes,truncated,durationMs,payload";
const CALL_FIELDS =
  "id,time,correlationId,server,client,direction,method,tool,outcome,durationMs,requestBytes,responseBytes,tokens,responseId,operationId";

let template: Promise<TempFolder> | undefined;
globalThis.addEventListener("unload", () => void template?.then((folder) => folder[Symbol.dispose]()));

/** A home in which the sample server was driven through its calls: a copy of one that is recorded once. */
async function recorded(): Promise<TempFolder> {
  const original = await (template ??= recordDemo());
  const home = new TempFolder();
  for (const { name } of Deno.readDirSync(original.path)) {
    await Deno.copyFile(`${original.path}/${name}`, `${home.path}/${name}`);
  }
  return home;
}

async function recordDemo(): Promise<TempFolder> {
  const home = new TempFolder();
  const { code, err } = await runKm(["demo", "--home", home.path], { home: home.path });
  if (code !== 0) throw new Error(err);
  return home;
}

async function read(line: string, home: string, env: Record<string, string> = {}): Promise<Ended> {
  return await runKm(line.split(" "), { home, env });
}

Deno.test("km events --json has exactly the documented fields, in order, and events in order of time", async () => {
  verifies("read-json-contract");
  using home = await recorded();
  const events = await readJson<Event>(["events"], home.path);
  for (const event of events) equal(Object.keys(event).join(), EVENT_FIELDS);
  deepStrictEqual(events.map(({ time }) => time), events.map(({ time }) => time).toSorted());
  match(events[0]?.time ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  equal((await readJson<Event>(["events", "--limit", "3"], home.path)).at(-1)?.id, events.at(-1)?.id);
});

Deno.test("km events chooses by each of its flags, and by all together", async () => {
  verifies("read-events-filters");
  using home = await recorded();
  const all = await readEvents(home.path);
  const run = all[0]?.correlationId ?? "";
  const choices: [string[], (event: Event) => boolean][] = [
    [["--server", "sample-notes"], () => true],
    [["--server", "other"], () => false],
    [["--method", "tools/list"], ({ method }) => method === "tools/list"],
    [["--tool", "search_notes"], ({ tool }) => tool === "search_notes"],
    [["--kind", "response"], ({ kind }) => kind === "response"],
    [["--direction", "client_to_server"], ({ direction }) => direction === "client_to_server"],
    [["--correlation", run], () => true],
    [["--since", "1h"], () => true],
    [["--until", "1h"], () => false],
    [["--since", all[5]?.time ?? ""], ({ time }) => time >= (all[5]?.time ?? "")],
    [["--search", "Coffee, bread"], ({ payload }) => JSON.stringify(payload).includes("Coffee, bread")],
    [
      ["--tool", "search_notes", "--kind", "request"],
      ({ tool, kind }) => tool === "search_notes" && kind === "request",
    ],
  ];
  for (const [flags, chosen] of choices) {
    const found = await readEvents(home.path, ...flags);
    deepStrictEqual(found.map(({ id }) => id), all.filter(chosen).map(({ id }) => id), flags.join(" "));
  }
});

Deno.test("km calls --json pairs requests with answers and tells a tool's failure", async () => {
  verifies("read-calls", "read-json-contract");
  using home = await recorded();
  const calls = await readCalls(home.path);
  for (const call of calls) equal(Object.keys(call).join(), CALL_FIELDS);
  const slow = calls.find(({ tool }) => tool === "build_index") as Call;
  ok(slow.durationMs !== null && slow.durationMs >= 590 && slow.durationMs < 5000, String(slow.durationMs));
  deepStrictEqual(
    calls.filter(({ outcome }) => outcome !== "ok").map(({ tool, outcome }) => [tool, outcome]),
    [
      ["delete_note", "tool_error"],
    ],
  );
  deepStrictEqual((await readCalls(home.path, "--outcome", "tool_error")).length, 1);
  ok(calls.every(({ client }) => client === null || client === "km-demo"));
});

Deno.test("km show takes a prefix and shows the event with its counterpart, whichever of the two is asked for", async () => {
  verifies("read-show");
  using home = await recorded();
  const [call] = await readCalls(home.path, "--tool", "build_index");
  const { out } = await read(`show ${call?.id.slice(0, 30)} --json`, home.path);
  const detail = JSON.parse(out);
  deepStrictEqual(Object.keys(detail), ["event", "sha256", "counterpart", "call", "annotations"]);
  deepStrictEqual([detail.event.id, detail.counterpart.id, detail.call.outcome], [
    call?.id,
    call?.responseId,
    "ok",
  ]);
  const answer = await read(`show ${call?.responseId}`, home.path);
  match(answer.out, /^← response tools\/call build_index\n/);
  match(answer.out, /"text": "Indexed 3 notes\."/);
  match(answer.out, /^→ request tools\/call build_index$/m);
});

for (const columns of ["60", "80", "200"]) {
  Deno.test(`km events and km calls print ids at ${columns} columns that km show takes`, async () => {
    verifies("read-show", "read-tables");
    using home = await recorded();
    using db = openDatabase(`${home.path}/km.db`, { mode: "read" });
    for (
      const [command, ids] of [["events", await readEvents(home.path)], [
        "calls",
        await readCalls(home.path),
      ]] as const
    ) {
      const [header = "", ...rows] = (await read(command, home.path, { COLUMNS: columns })).out.trim().split(
        "\n",
      );
      match(header, / ID$/);
      const printed = rows.map((row) => row.split(" ").at(-1) ?? "");
      for (const [at, { id }] of ids.entries()) {
        equal(findEvent(db, printed[at] ?? "").event.id, id);
      }
    }
  });
}

Deno.test("km show of an ambiguous prefix lists candidates and exits with 4", async () => {
  using home = await recorded();
  const { code, err } = await read("show 0", home.path);
  deepStrictEqual([code, /several ids begin so/.test(err), /give more digits: 0/.test(err)], [4, true, true]);
});

Deno.test("km stats --json has figures by tool and what is paid for nothing", async () => {
  verifies("read-stats", "read-stats-unused-tools", "read-json-contract");
  using home = await recorded();
  const { out } = await read("stats --json", home.path);
  const report = JSON.parse(out);
  deepStrictEqual(Object.keys(report), [
    "since",
    "until",
    "by",
    "rows",
    "totals",
    "unusedTools",
    "definitions",
  ]);
  const row = report.rows.find(({ key }: { key: string }) => key === "delete_note");
  equal(
    Object.keys(row).join(),
    "key,server,calls,errors,errorRate,p50Ms,p95Ms,p99Ms,requestBytes,responseBytes,tokens,lastUsed,series",
  );
  deepStrictEqual([row.calls, row.errors, row.errorRate, row.series.length], [1, 1, 1, 24]);
  deepStrictEqual([report.totals.calls, report.totals.errors], [9, 1]);
  deepStrictEqual(report.unusedTools.map(({ tool }: { tool: string }) => tool), ["translate_note"]);
  deepStrictEqual([report.definitions[0].tools, report.definitions[0].definitionTokens > 100], [6, true]);
});

Deno.test("km stats has a row with a sparkline for each key, by whatever is asked", async () => {
  verifies("read-stats");
  using home = await recorded();
  const keys = {
    server: "sample-notes",
    tool: "search_notes",
    method: "tools/call",
    client: "km-demo",
    outcome: "tool_error",
  };
  for (const [by, key] of Object.entries(keys)) {
    const { out } = await read(`stats --by ${by}`, home.path, { COLUMNS: "120" });
    const line = out.split("\n").find((line) => line.startsWith(key)) ?? out;
    match(line, /[▁▂▃▄▅▆▇█]/, by);
  }
  match((await read("stats --by day", home.path)).out, /^\d{4}-\d\d-\d\d /m);
  match((await read("stats", home.path)).out, /Listed but never called: 1 tool/);
});

for (const columns of [60, 80, 200]) {
  Deno.test(`km's tables fit ${columns} columns and have no colour in a pipe`, async () => {
    verifies("read-tables");
    using home = await recorded();
    for (const line of ["events", "calls", "stats", "stats --by server", "config show"]) {
      const { out } = await read(line, home.path, { COLUMNS: String(columns), NO_COLOR: "" });
      for (const row of out.split("\n")) {
        if (row.startsWith("file: ")) continue; // a path is not cut
        ok([...row].length <= columns, `km ${line}: ${row}`);
        ok(!row.includes("\x1b"), row);
      }
    }
  });
}

Deno.test("km colours what FORCE_COLOR asks for, and NO_COLOR wins", async () => {
  verifies("read-tables");
  using home = await recorded();
  ok((await read("calls", home.path, { NO_COLOR: "", FORCE_COLOR: "1" })).out.includes("\x1b[32mok\x1b[39m"));
  ok(!(await read("calls", home.path, { NO_COLOR: "1", FORCE_COLOR: "1" })).out.includes("\x1b"));
});

Deno.test("km export --format jsonl holds every event as km events --json has it", async () => {
  verifies("read-export-jsonl");
  using home = await recorded();
  const { out } = await read("export --format jsonl", home.path);
  const exported = out.trim().split("\n").map((line) => JSON.parse(line) as Event);
  deepStrictEqual(exported.toSorted((a, b) => a.id < b.id ? -1 : 1), await readEvents(home.path));
});

Deno.test("km export writes whole files, readable by their user alone", async () => {
  verifies("read-export-csv", "read-export-har", "read-export-otlp");
  using home = await recorded();
  const file = `${home.path}/out`;
  for (
    const [format, said] of [["csv", /events written/], ["har", /9 calls written/], [
      "otlp-json",
      /9 calls written/,
    ]] as const
  ) {
    const { code, out, err } = await read(`export --format ${format} --output ${file}`, home.path);
    deepStrictEqual([code, out], [0, ""]);
    match(err, said);
    if (Deno.build.os !== "windows") equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    const text = await Deno.readTextFile(file);
    if (format !== "csv") JSON.parse(text);
    ok(!text.includes("ghp_"), "a secret left the record");
  }
});

Deno.test("km prune counts first, asks before everything, and deletes", async () => {
  verifies("read-prune");
  using home = await recorded();
  const before = (await readEvents(home.path)).length;
  equal((await read("prune --all", home.path)).code, 2);
  equal((await readEvents(home.path)).length, before);
  equal((await read("prune --older-than 1h", home.path)).out.startsWith("deleted 0 events"), true);
  const [dry] = await readJson<{ deleted: number }>(["prune", "--all", "--dry-run"], home.path);
  equal(dry?.deleted, before);
  match((await read("prune --all --yes", home.path)).out, new RegExp(`^deleted ${before} events`));
  equal((await readEvents(home.path)).length, 0);
  match((await read("stats", home.path)).out, /^no calls since/);
});

Deno.test("km prune refuses to delete as the settings say while they cannot be read", async () => {
  verifies("read-prune");
  using home = await recorded();
  const before = (await readEvents(home.path)).length;
  Deno.writeTextFileSync(`${home.path}/config.jsonc`, '{"retention": {"dayz": 365}}');
  const refused = await read("prune", home.path);
  deepStrictEqual([refused.code, refused.out], [2, ""]);
  match(
    refused.err,
    /Cannot prune as the settings say: Unknown setting "retention\.dayz"\nkm: hint: mend it/,
  );
  Deno.writeTextFileSync(`${home.path}/config.jsonc`, "{}");
  match(
    (await read("prune", home.path, { KM_RETENTION_DAYS: "x" })).err,
    /KM_RETENTION_DAYS: Cannot read "x"/,
  );
  equal((await readEvents(home.path)).length, before);
  equal((await read("prune --older-than 1h", home.path, { KM_RETENTION_DAYS: "x" })).code, 0);
});

testUnless(
  unlessOs("linux", "darwin"),
  "km records on after km prune --all, and finds what it recorded",
  async () => {
    using home = await recorded();
    equal((await read("prune --all --yes", home.path)).code, 0);
    await runKm(["monitor", "--name", "echo", "--", "cat"], {
      home: home.path,
      stdin: '{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
    });
    equal((await readEvents(home.path, "--since", "1h", "--method", "ping")).length, 2);
    equal(JSON.parse((await read("stats --by method --since 1h --json", home.path)).out).totals.calls, 2);
  },
);

Deno.test("km events and calls -n 0 print nothing where there are some", async () => {
  using home = await recorded();
  for (const line of ["events -n 0", "calls -n 0", "events -n 0 --json", "calls -n 0 --json"]) {
    const { code, out, err } = await read(line, home.path);
    deepStrictEqual([line, code, out, err], [line, 0, "", ""]);
  }
});

Deno.test("km doctor finds nothing wrong with a recorded home", async () => {
  verifies("read-doctor");
  using home = await recorded();
  const checks = await readJson<{ check: string; status: string }>(["doctor"], home.path);
  deepStrictEqual(checks.filter(({ status }) => status === "fail"), []);
  for (
    const name of ["runtime", "home", "database.permissions", "database.integrity", "server.sample-notes"]
  ) {
    equal(checks.find(({ check }) => check === name)?.status, "ok", name);
  }
});

Deno.test("km events --follow shows what is recorded while it runs", async () => {
  verifies("read-events-follow");
  using home = new TempFolder();
  await using follow = new Running(["events", "--follow", "--json"], { home: home.path });
  await follow.stderr.text("nothing recorded yet");
  await runKm(["monitor", "--name", "echo", "--", "cat"], { home: home.path, stdin: "not json\n" });
  const seen = await follow.stdout.text('"event":"exit"');
  ok(seen.includes('"not json"'));
  const ids = follow.stdout.lines().map((line) => (JSON.parse(line) as Event).id);
  deepStrictEqual(new Set(ids).size, ids.length, "no event twice");
});

testUnless(
  missingProgram("sh", "head"),
  "km ends quietly with 0 when the reader of its output has had enough",
  async () => {
    using home = await recorded();
    // The sample's large answer does not fit into a pipe.
    const script = `{ "$@"; echo "exit $?" >&2; } | head -c 1`;
    const words = ["-c", script, "sh", ...KM, "export"];
    await using shell = new Running(words, { home: home.path, command: ["sh"] });
    equal((await shell.ended()).err, "exit 0\n");
  },
);

testUnless(
  unlessOs("linux", "darwin"),
  "km events does not let a server's words steer the terminal",
  async () => {
    using home = new TempFolder();
    await runKm(["monitor", "--name", "e\x1b[2Jvil", "--", "cat"], {
      home: home.path,
      stdin: "\x1b]0;owned\x07\u202e\n",
    });
    for (const line of ["events", "calls", "stats --by server", "doctor"]) {
      const { out } = await read(line, home.path);
      // deno-lint-ignore no-control-regex -- these are what must not be there
      equal(/[\x00-\x09\x0b-\x1f\x7f\u202e]/.test(out), false, `${line}: ${JSON.stringify(out)}`);
    }
    match((await read("events", home.path)).out, /\\e\]0;owned\\u\{7\}\\u\{202e\}/);
  },
);

Deno.test("km ends with 12 at a database that a newer km made", async () => {
  using home = new TempFolder();
  openDatabase(`${home.path}/km.db`, {
    mode: "write",
    migrations: Array.from({ length: 99 }, (_, i) => ({ name: String(i), sql: "" })),
  })[Symbol.dispose]();
  const { code, err } = await read("events", home.path);
  deepStrictEqual([code, /^km: error: .*a newer km made it/.test(err)], [12, true]);
});

testUnless(
  unlessOs("linux", "darwin"),
  "km reads back numbers, equal keys and deep nesting as they were sent, in every format",
  async () => {
    verifies("read-json-contract", "read-export-jsonl");
    using home = new TempFolder();
    const deep = "[".repeat(8000) + "]".repeat(8000);
    const argumentsText = `{"big":12345678901234567890,"one":1.0,"huge":1e400,"a":1,"a":2,"deep":${deep}}`;
    const request =
      `{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{"name":"x","arguments":${argumentsText}}}`;
    await runKm(["monitor", "--", "cat"], { home: home.path, stdin: `${deep}\n${request}\n` });
    const { out: events } = await read("events --json --direction client_to_server", home.path);
    const [first = "", second = ""] = events.split("\n");
    ok(first.endsWith(`,"payload":${deep.slice(1, -1)}}`)); // an array is a batch: its elements are messages
    ok(second.includes('"rpcId":9007199254740993,') && second.endsWith(`,"payload":${request}}`));
    equal((await read("export --direction client_to_server", home.path)).out, events);
    for (const { id } of [first, second].map((line) => JSON.parse(line) as Event)) {
      ok((await read(`show ${id}`, home.path)).out.includes(deep.slice(1, -1)));
      ok((await read(`show ${id} --json`, home.path)).out.includes(deep.slice(1, -1)));
    }
    match((await read("events", home.path)).out, /→ invalid .*\n.*→ request .* tools\/call x/);
    for (const format of ["csv", "har", "otlp-json --payloads"]) {
      const { code, out } = await read(`export --format ${format}`, home.path);
      deepStrictEqual([code, /12345678901234567890.{1,9}one.{1,4}1\.0,/.test(out)], [0, true], format);
    }
  },
);

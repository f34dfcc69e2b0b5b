/** `km sessions` and `km run --detached`, as scripts use them. */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import type { SessionBody } from "../../src/client/session_socket.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { type Ended, readJson, runKm, Running, TempFolder } from "./harness.ts";
import { SessionsDaemon } from "./sessions.ts";

const NO_TERMINALS = unlessOs("linux", "darwin");
const SHELL = ["--", "sh", "-c", "PS1='$ ' exec sh"];

/** A daemon, and km beside it. */
async function start(): Promise<
  { readonly home: string; readonly km: (...args: string[]) => Promise<Ended> } & AsyncDisposable
> {
  const daemon = await RunningDaemon.start();
  const { home } = daemon;
  return {
    home,
    km: async (...args) => await runKm(args, { home, cwd: home }),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

/** What was printed, of a command that must succeed. */
function outOf({ code, out, err }: Ended): string {
  equal(code, 0, err);
  return out;
}

testUnless(NO_TERMINALS, "a script starts a session, sends a command, waits and reads", async () => {
  verifies("session-cli");
  await using at = await start();
  equal(outOf(await at.km("run", "--detached", "--name", "job", ...SHELL)), "1\n");
  equal(outOf(await at.km("sessions", "wait", "1")), "idle\n");
  const screen = outOf(await at.km("sessions", "send", "job", "echo", "$((6*7))", "--wait"));
  match(screen, /^\$ echo \$\(\(6\*7\)\)\n42\n\$$/m);
  const piped = await runKm(["sessions", "send", "1", "-", "--wait"], {
    home: at.home,
    stdin: "echo from stdin\n",
  });
  match(outOf(piped), /^from stdin$/m);
  equal(outOf(await at.km("sessions", "screen", "1")), piped.out);
  match(outOf(await at.km("sessions", "screen", "1", "--ansi")), /from stdin/);
  const cells = JSON.parse(outOf(await at.km("sessions", "screen", "1", "--cells")));
  deepEqual([cells.cols, cells.rows, cells.alternate], [120, 40, false]);
});

testUnless(NO_TERMINALS, "a command that is sent again by its id is one command", async () => {
  await using at = await start();
  await at.km("run", "-d", ...SHELL);
  await at.km("sessions", "wait", "1");
  const send = ["sessions", "send", "1", "echo once >> marks", "--id", "mark-1", "--wait"];
  outOf(await at.km(...send));
  outOf(await at.km(...send));
  equal(await Deno.readTextFile(`${at.home}/marks`), "once\n");
  const sent = JSON.parse(outOf(await at.km("sessions", "send", "1", "true", "--id", "t", "--json")));
  deepEqual([sent.id, sent.text], ["t", "true"]);
});

testUnless(NO_TERMINALS, "keys are typed at once, by their names", async () => {
  await using at = await start();
  await at.km("run", "-d", "--", "sh", "-c", "trap 'echo interrupted; exit 3' INT; echo ready; cat");
  await at.km("sessions", "wait", "1", "--timeout", "1s");
  equal(outOf(await at.km("sessions", "send", "1", "--keys", "o k enter")), "typed\n");
  equal(outOf(await at.km("sessions", "send", "1", "--keys", "ctrl-c")), "typed\n");
  equal(outOf(await at.km("sessions", "wait", "1", "--for", "exited")), "exited\n");
  const logs = outOf(await at.km("sessions", "logs", "1"));
  match(logs, /^ready\nok\nok\n\^C.*interrupted$/ms);
  const wrong = await at.km("sessions", "send", "1", "--keys", "entr");
  deepEqual([wrong.code, wrong.err.includes('did you mean "enter"?')], [2, true]);
});

testUnless(
  NO_TERMINALS,
  "wait ends with 28 when it takes too long, with 29 when the program ended",
  async () => {
    verifies("session-cli");
    await using at = await start();
    await at.km("run", "-d", "--", "sleep", "60");
    const late = await at.km("sessions", "wait", "1", "--for", "auth_required", "--timeout", "300ms");
    equal(late.code, 28);
    match(late.err, /was not auth_required within 300 ms/);
    const killed = await at.km("sessions", "kill", "1", "--signal", "KILL");
    equal(killed.out, "sent SIGKILL to session 1 (shell-1)\n");
    const ended = await at.km("sessions", "wait", "1");
    equal(ended.code, 29);
    match(ended.err, /Session 1 ended: SIGKILL/);
    equal((await at.km("sessions", "wait", "1", "--for", "idel")).code, 2);
  },
);

testUnless(NO_TERMINALS, "list shows who waits first, and those that ended when asked", async () => {
  verifies("session-cli");
  await using at = await start();
  const empty = await at.km("sessions");
  deepEqual([empty.code, empty.out], [0, ""]);
  match(empty.err, /no sessions run; "km run claude" starts one/);
  await at.km("run", "-d", "--name", "asks", "--", "sh", "-c", "printf 'Password: '; read x");
  await at.km("run", "-d", "--name", "works", "--", "sleep", "60");
  await at.km("run", "-d", "--name", "over", "--", "true");
  await at.km("sessions", "wait", "asks", "--for", "waiting_input");
  await at.km("sessions", "wait", "over", "--for", "exited");
  const lines = outOf(await at.km("sessions")).trimEnd().split("\n");
  equal(lines.length, 3);
  match(lines[1] ?? "", /^1 +asks +waits for you .*asks for a password/);
  match(lines[2] ?? "", /^2 +works /);
  match(outOf(await at.km("sessions", "list", "--all")), /^3 +over +exited /m);
  const [first] = await readJson<SessionBody>(["sessions"], at.home);
  deepEqual([first?.name, first?.state, first?.provider], ["asks", "waiting_input", "shell"]);
});

testUnless(
  NO_TERMINALS,
  "what sessions left is read without a daemon: list, logs, export, search, history",
  async () => {
    verifies("session-cli");
    using folder = new TempFolder();
    const { path: home } = folder;
    {
      await using daemon = await RunningDaemon.start([], { home });
      await runKm([
        "run",
        "-d",
        "--name",
        "past",
        "--",
        "sh",
        "-c",
        "printf '\\033[31mred\\033[m panic at once\\n'; exit 5",
      ], {
        home,
      });
      await runKm(["sessions", "wait", "past", "--for", "exited"], { home });
      daemon.process.kill("SIGTERM");
      await daemon.process.exit();
    }
    const km = async (...args: string[]) => await runKm(["sessions", ...args], { home });
    match(outOf(await km("list", "--all")), /^1 +past +exited .*exit code 5|^1 +past +exited/m);
    equal(outOf(await km("logs", "past")), "red panic at once\n");
    equal(outOf(await km("export", "1", "--format", "text")), "red panic at once\n");
    equal(outOf(await km("export", "1", "--format", "ansi")), "\x1b[31mred\x1b[m panic at once\r\n");
    const [header, ...events] = outOf(await km("export", "1")).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    deepEqual([header.version, header.term.cols, header.title], [3, 120, "past"]);
    deepEqual(events.at(-1)?.slice(1), ["x", "5"]);
    equal(JSON.parse(outOf(await km("export", "1", "--format", "v2")).split("\n")[0] ?? "").version, 2);
    match(outOf(await km("search", "PANIC")), /^1 .* red panic at once$/m);
    match(outOf(await km("history", "1")), /exited +exit/);
    const unknown = await km("logs", "pats");
    deepEqual([unknown.code, unknown.err.includes('did you mean "past"?')], [3, true]);
    const none = await km("send", "past", "x");
    deepEqual([none.code, none.err.includes('start it with "km serve"')], [3, true]);
  },
);

testUnless(NO_TERMINALS, "logs --follow prints what comes until the program ends", async () => {
  await using at = await start();
  await at.km("run", "-d", "--", "sh", "-c", "echo first; read x; echo then $x");
  await using logs = new Running(["sessions", "logs", "1", "--follow"], { home: at.home });
  await logs.stdout.text("first\n");
  await at.km("sessions", "send", "1", "--keys", "m o r e enter");
  const { code, out } = await logs.ended();
  deepEqual([code, out], [0, "first\nmore\nthen more\n"]);
});

testUnless(
  NO_TERMINALS,
  "kill ends programs, one, several and all; what they wrote stays until it is removed",
  async () => {
    verifies("session-cli");
    await using at = await start();
    for (const name of ["a", "b", "c"]) await at.km("run", "-d", "--name", name, "--", "sleep", "60");
    match(outOf(await at.km("sessions", "kill", "a")), /^session 1 \(a\) ended: SIGHUP$/m);
    match(outOf(await at.km("sessions", "kill", "b", "--force")), /^session 2 \(b\) ended: SIGKILL$/m);
    match(outOf(await at.km("sessions", "kill", "--all")), /^session 3 \(c\) ended: SIGHUP$/m);
    match((await at.km("sessions", "kill", "--all")).err, /no sessions run/);
    equal((await at.km("sessions", "kill", "a")).code, 29);
    equal(
      outOf(await at.km("sessions", "kill", "a", "1", "a", "--remove")),
      "session 1 (a) ended and removed\n",
      "named twice, it is one",
    );
    const unknown = await at.km("sessions", "kill", "b", "dd", "9", "--remove");
    equal(unknown.code, 3);
    match(unknown.err, /Cannot find sessions "dd", "9": there are none/);
    const all = await readJson<SessionBody>(["sessions", "--all"], at.home);
    deepEqual(all.map(({ name }) => name), ["c", "b"]);
  },
);

testUnless(
  NO_TERMINALS,
  "record writes an asciicast of a session that runs, from its beginning on",
  async () => {
    await using at = await start();
    await at.km("run", "-d", "--", "sh", "-c", "echo early; read x; echo late");
    await using recording = new Running(["sessions", "record", "1", "it.cast"], {
      home: at.home,
      cwd: at.home,
    });
    await recording.stderr.text("recording session 1");
    await at.km("sessions", "send", "1", "--keys", "enter");
    equal((await recording.ended()).code, 0);
    const text = await Deno.readTextFile(`${at.home}/it.cast`);
    match(text, /early[^]*late/);
    const again = await at.km("sessions", "record", "1", "it.cast");
    deepEqual([again.code, again.err.includes("there is such a file")], [2, true]);
  },
);

testUnless(NO_TERMINALS, "record says before it starts that the file cannot be written", async () => {
  await using at = await start();
  await at.km("run", "-d", "--", "sleep", "60");
  for (const file of ["nosuch/it.cast", at.home]) {
    for (const words of [["1", file], [file, "--", "touch", "started"]]) {
      const { code, err } = await at.km("sessions", "record", "--force", ...words);
      deepEqual(
        [code > 0, /Cannot write to "/.test(err), /recording session/.test(err)],
        [true, true, false],
        err,
      );
    }
  }
  equal((await readJson<SessionBody>(["sessions", "--all"], at.home)).length, 1, "nothing was started");
  const absent = await at.km("sessions", "record", "9", "it.cast");
  equal(absent.code, 3);
  const names = [...Deno.readDirSync(at.home)].map(({ name }) => name);
  ok(!names.includes("it.cast"), "what cannot be recorded leaves no file");
});

testUnless(NO_TERMINALS, "resume says what it cannot do", async () => {
  await using at = await start();
  await at.km("run", "-d", "--", "true");
  await at.km("sessions", "wait", "1", "--for", "exited");
  const { code, err } = await at.km("sessions", "resume", "1", "--detached");
  equal(code, 30);
  match(err, /Cannot resume session 1/);
});

testUnless(NO_TERMINALS, "km run says what is wrong, and what to do", async () => {
  verifies("session-run");
  await using at = await start();
  const cases: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
    [["codx"], 3, /there is no such provider\nkm: hint: did you mean "codex"\?/],
    [["sleep"], 3, /km: hint: to run the program of that name: km run -- sleep/],
    [["claude", "fix"], 2, /hint: what is for the program goes behind "--": km run claude -- fix/],
    [
      ["claude", "--model", "x"],
      2,
      /Unknown flag "--model".*\nkm: hint: .*flags of the program go after "--"/,
    ],
    [["--", "no-such-program-at-all"], 127, /no-such-program-at-all/],
    [["--cwd", "/no/such/folder", "--", "true"], 3, /there is no such folder/],
    [["--size", "big", "--", "true"], 2, /columns by rows: 120x40/],
    [["--name", "7", "--", "true"], 2, /Cannot name a session/],
  ];
  for (const [args, code, said] of cases) {
    const ended = await at.km("run", "--detached", ...args);
    equal(ended.code, code, `${args.join(" ")}: ${ended.err}`);
    match(ended.err, said);
  }
  const bare = await runKm(["run", "-d", "claude"], { home: at.home, env: { PATH: "/usr/bin:/bin" } });
  if (bare.code === 127) match(bare.err, /hint: install it: npm install -g @anthropic-ai\/claude-code/);
  else ok(bare.code === 0, "claude is installed here");
});

testUnless(
  NO_TERMINALS,
  "the environment of who runs km reaches the program by the allow-list, and nothing else of it",
  async () => {
    await using at = await start();
    const env = { LC_TIME: "here", SECRET_OF_MINE: "not-this-one", EDITOR: "ed-of-mine" };
    await runKm(["run", "-d", "--", "env"], { home: at.home, env });
    await at.km("sessions", "wait", "1", "--for", "exited");
    const logs = outOf(await at.km("sessions", "logs", "1"));
    match(logs, /^LC_TIME=here$/m);
    match(logs, /^EDITOR=ed-of-mine$/m);
    doesNotMatch(logs, /not-this-one/);
    // So that km within the session finds the same daemon.
    deepEqual(logs.match(/^KM_.*$/gm), [`KM_HOME=${at.home}`]);
  },
);

Deno.test("without a terminal, km run says first what is wrong with the name", async () => {
  using home = new TempFolder();
  const providers = { sh: { comand: ["sh"] } };
  await Deno.writeTextFile(`${home.path}/config.jsonc`, JSON.stringify({ providers }));
  for (
    const [words, said] of [
      [["run", "nosuch"], /Cannot start "nosuch": there is no such provider/],
      [
        ["run", "sh"],
        /Cannot start "sh": the config file is wrong about it\nkm: hint: .*providers\.sh\.comand: is unknown/,
      ],
      [["run", "--", "nosuchprog"], /Cannot start "nosuchprog": command not found/],
      [["run", "claude"], /not a terminal\nkm: hint: start it with "km run --detached"/],
      [
        ["sessions", "resume", "1"],
        /not a terminal\nkm: hint: start it with "km sessions resume 1 --detached"/,
      ],
    ] as const
  ) {
    match((await runKm([...words], { home: home.path })).err, said);
  }
});

testUnless(
  NO_TERMINALS,
  "a provider is known as soon as it stands in the config file, for a task too",
  async () => {
    await using km = await SessionsDaemon.start();
    const add = async (name: string) => {
      const providers = { [name]: { command: ["sleep", "60"] } };
      await Deno.writeTextFile(`${km.daemon.home}/config.jsonc`, JSON.stringify({ providers }));
      return { provider: name, cwd: km.daemon.home };
    };
    equal((await km.ask("POST", "/api/sessions", await add("newest"))).status, 201);
    equal((await km.ask("POST", "/api/tasks", { ...await add("newer"), prompt: "do it" })).status, 201);
  },
);

testUnless(
  NO_TERMINALS,
  "a provider with a mistake is named, with the mistake, by km run, a task and the log",
  async () => {
    using home = new TempFolder();
    const providers = { sh: { comand: ["sh"] } };
    await Deno.writeTextFile(`${home.path}/config.jsonc`, JSON.stringify({ providers }));
    await using daemon = await RunningDaemon.start([], { home: home.path });
    for (const words of [["run", "sh", "--detached"], ["tasks", "submit", "sh", "do it"]]) {
      const { code, err } = await runKm(words, { home: home.path });
      equal(code, 3, err);
      match(err, /"sh": the config file is wrong about it\nkm: hint: .*providers\.sh\.comand: is unknown/);
    }
    equal(daemon.process.stderr.lines().filter((line) => line.includes("providers.sh.comand")).length, 1);
  },
);

testUnless(
  NO_TERMINALS,
  "km sessions list and wait say that text which somebody began to type holds commands",
  async () => {
    await using at = await start();
    await at.km("run", "-d", ...SHELL);
    await at.km("sessions", "wait", "1");
    outOf(await at.km("sessions", "send", "1", "--keys", "x"));
    const { code, err } = await at.km("sessions", "send", "1", "echo hi", "--wait", "--timeout", "1s");
    equal(code, 28);
    match(err, /Session 1 is idle \(somebody has begun to type\), but what waits for it was not typed in/);
    match(outOf(await at.km("sessions", "list", "--json")), /"somebody has begun to type"/);
  },
);

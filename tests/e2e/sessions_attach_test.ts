/** A session in the user's own terminal: what is typed, what is seen, and how the terminal is given back. */
import { doesNotMatch, equal, match, notEqual, ok } from "node:assert/strict";
import type { SessionBody } from "../../src/client/session_socket.ts";
import { Ptys } from "../../src/proc/pty.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { KM, PATIENCE_MS, readJson, runKm, TempFolder, until } from "./harness.ts";
import { BreakableProxy } from "./breakable_proxy.ts";
import { UserTerminal } from "./user_terminal.ts";

const NO_TERMINALS = unlessOs("linux", "darwin");
const SHELL = ["sh", "-c", "PS1='ready> ' exec sh"];
const DETACH = "\x1cd";

/** What is typed for a line of sh. */
function line(text: string): string {
  return `${text}\r`;
}

async function sessionsOf(home: string): Promise<SessionBody[]> {
  return await readJson<SessionBody>(["sessions", "list", "--all"], home);
}

testUnless(NO_TERMINALS, "km run shows a program, and ends with its exit code", async () => {
  verifies("session-run");
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  using user = new UserTerminal(ptys, ["run", "--name", "work", "--", ...SHELL], { home: daemon.home });
  await user.shows(/^ready>/m);
  user.type(line("echo $((6*7)); stty size; pwd; tty >/dev/null && echo real"));
  const screen = await user.shows(/^real$/m);
  match(screen, /^42$/m);
  match(screen, /^24 80$/m);
  ok(screen.includes(daemon.home), "it starts in the folder of who ran it");
  user.type(line("exit 7"));
  equal(await user.ended(), 7);
  match(user.screen, /^km: session 1 ended: exit code 7$/m);
  match(user.all, /km: session 1 \(work\); Ctrl-\\ d detaches/);
});

testUnless(
  NO_TERMINALS,
  "how to leave stands in the title of the window, whatever title the program sets",
  async () => {
    await using daemon = await RunningDaemon.start();
    await using ptys = new Ptys();
    const script = "printf '\\033]0;mine\\007title is set'; read x; printf '\\033]2;\\007'; read x";
    using user = new UserTerminal(ptys, ["run", "--name", "work", "--", "sh", "-c", script], {
      home: daemon.home,
    });
    await user.shows(/title is set/);
    await until(
      () => user.title === "mine (Ctrl-\\ d detaches)",
      () => `the program's title, not ${user.title}`,
    );
    user.type(line(""));
    await until(
      () => user.title === "work (Ctrl-\\ d detaches)",
      () => `the session's name, not ${user.title}`,
    );
    user.type(DETACH);
    equal(await user.ended(), 0);
    ok(
      user.output.lastIndexOf("\x1b[23;0t") > user.output.lastIndexOf("\x1b]2;"),
      "the title of before comes back",
    );
  },
);

testUnless(NO_TERMINALS, "km run ends as its program did: by a signal, 128 and its number", async () => {
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  using user = new UserTerminal(ptys, ["run", "--", "sh", "-c", "kill -TERM $$"], { home: daemon.home });
  equal(await user.ended(), 143);
  match(user.screen, /ended: SIGTERM/);
});

testUnless(NO_TERMINALS, "km run starts km serve when none runs, and says so", async () => {
  using folder = new TempFolder();
  await using ptys = new Ptys();
  try {
    using user = new UserTerminal(ptys, ["run", "--", "sh", "-c", "echo is here"], { home: folder.path });
    equal(await user.ended(), 0);
    match(user.all, /^km: started km serve on http:\/\/127\.0\.0\.1:\d+; "km stop" ends it/m);
    match(user.screen, /^is here$/m);
  } finally {
    await runKm(["stop"], { home: folder.path });
  }
});

testUnless(NO_TERMINALS, "a session that is left goes on, and is as it was for who comes back", async () => {
  verifies("session-attach");
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  const { home } = daemon;
  using first = new UserTerminal(ptys, ["run", "--name", "kept", "--", ...SHELL], { home });
  await first.shows(/^ready>/m);
  first.type(line("for i in 1 2 3; do echo line $i; done"));
  await first.shows(/line 3\nready>/);
  first.type(DETACH);
  equal(await first.ended(), 0);
  match(first.screen, /^km: detached from session 1, which goes on; "km sessions attach 1" comes back$/m);
  const [session] = await sessionsOf(home);
  notEqual(session?.state, "exited");

  using second = new UserTerminal(ptys, ["sessions", "attach", "kept"], { home });
  await second.shows(/^line 1\nline 2\nline 3\nready>/m);
  second.type(line("echo still the same: $i"));
  await second.shows(/still the same: 3/);
  second.type(line("exit"));
  equal(await second.ended(), 0);
});

testUnless(
  NO_TERMINALS,
  "what is written reaches the terminal as it is: a line feed alone goes straight down",
  async () => {
    await using daemon = await RunningDaemon.start();
    await using ptys = new Ptys();
    const script = "stty raw; echo ready; head -c1 >/dev/null; printf 'ab\\ncd'";
    using user = new UserTerminal(ptys, ["run", "--", "sh", "-c", script], { home: daemon.home });
    await user.shows(/ready/);
    user.type("x");
    equal(await user.ended(), 0);
    match(user.all, /ab\n +cd/);
  },
);

testUnless(NO_TERMINALS, "attach tells the program each new size of the terminal", async () => {
  verifies("session-attach");
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  const script = "trap 'echo now $(stty size)' WINCH; echo ready; while :; do sleep 0.05; done";
  using user = new UserTerminal(ptys, ["run", "--", "sh", "-c", script], { home: daemon.home });
  await user.shows(/ready/);
  user.resize({ cols: 101, rows: 33 });
  await user.shows(/now 33 101/);
  user.resize({ cols: 60, rows: 20 });
  await user.shows(/now 20 60/);
  user.type(DETACH);
  equal(await user.ended(), 0);
});

testUnless(NO_TERMINALS, "every byte that is typed arrives as it is, but the keys that detach", async () => {
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7 + (i >> 8)) % 256);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const script = `stty raw -echo; echo ready; head -c ${bytes.length} | sha256sum`;
  using user = new UserTerminal(ptys, ["run", "--", "sh", "-c", script], { home: daemon.home });
  await user.shows(/ready/);
  for (let at = 0; at < bytes.length; at += 5000) user.pty.write(bytes.subarray(at, at + 5000));
  await user.wrote(new RegExp(digest));
  equal(await user.ended(), 0);
});

/** Everything that a program can do to a terminal that is still there when the program is not looked at any more. */
const MESS =
  "\\033[?1049h\\033[?25l\\033[?1000h\\033[?1003h\\033[?1006h\\033[?1004h\\033[?2004h\\033[?1h\\033=" +
  "\\033[>7u\\033[>4;2m\\033[5;10r\\033[?6h\\033[?7l\\033[4h\\033[31;7m\\033(0\\033[5 q\\033]11;#000080\\007\\033]2;mess\\007";
const MESSY = ["sh", "-c", `trap '' HUP; stty -echo; printf '${MESS}'; printf 'in a mess'; exec cat`];

/** Ways out of a session, with the exit code that a shell sees. */
const WAYS: readonly (readonly [name: string, code: number, go: (way: Way) => void | Promise<void>])[] = [
  ["it is left", 0, ({ user }) => user.type(DETACH)],
  ["its program ends", 0, ({ user }) => user.type("\x04")],
  [
    "its program is killed",
    137,
    async ({ home }) => void await runKm(["sessions", "kill", "1", "--force"], { home }),
  ],
  ["km is asked to end", 143, ({ kmPid }) => Deno.kill(kmPid, "SIGTERM")],
  ["km's terminal hangs up", 129, ({ kmPid }) => Deno.kill(kmPid, "SIGHUP")],
  ["km serve is killed", 29, ({ daemon }) => daemon.process.kill("SIGKILL")],
];

interface Way {
  readonly user: UserTerminal;
  readonly home: string;
  readonly daemon: RunningDaemon;
  readonly kmPid: number;
}

for (const [name, code, go] of WAYS) {
  testUnless(NO_TERMINALS, `attach gives the terminal back as it was when ${name}`, async () => {
    verifies("session-attach");
    await using daemon = await RunningDaemon.start();
    await using ptys = new Ptys();
    const { home } = daemon;
    const shell =
      'stty -g >before; "$@" & echo $! >pid; fg >/dev/null; echo "code $?"; stty -g >after; echo over';
    const command = ["bash", "-c", `set -m; ${shell}`, "sh", ...KM];
    using fresh = new UserTerminal(ptys, [], { home, command: ["true"] });
    using user = new UserTerminal(ptys, ["run", "--", ...MESSY], { home, command, cwd: home });
    await user.shows(/␋┼ ▒ └␊⎽⎽/); // "in a mess", in line drawing characters.
    equal(user.isAlternate, true);
    notEqual(user.modes, fresh.modes);
    const kmPid = Number(await Deno.readTextFile(`${home}/pid`));
    await go({ user, home, daemon, kmPid });
    await user.shows(/^over$/m);
    match(user.screen, new RegExp(`^code ${code}$`, "m"));
    equal(await user.ended(), 0);
    equal(user.modes, fresh.modes);
    equal(await Deno.readTextFile(`${home}/after`), await Deno.readTextFile(`${home}/before`));
    const book = user.output.slice(user.output.lastIndexOf("\x1b[?1049l"));
    for (
      const undo of ["\x1b[<1u", "\x1b[>4m", "\x1b[0 q", "\x1b[23;0t", "\x1b(B", "\x1b[m"]
    ) {
      ok(user.output.includes(undo), `${JSON.stringify(undo)} in ${JSON.stringify(book)}`);
    }
  });
}

testUnless(
  NO_TERMINALS,
  "what a program asks of its terminal is answered once, by km, and never asked of the user's",
  async () => {
    await using daemon = await RunningDaemon.start();
    await using ptys = new Ptys();
    // Each question, then how many bytes come as an answer within a moment.
    const script = "stty raw -echo min 0 time 5; printf '\\033[c\\033[6n\\033]11;?\\007\\033[>q\\033[?u'; " +
      "cat >got; stty sane; echo; od -An -c got | tr -d ' \\n'; echo; echo asked";
    using user = new UserTerminal(ptys, ["run", "--", "sh", "-c", script], { home: daemon.home });
    await user.wrote(/asked\r/);
    equal(await user.ended(), 0);
    const got = await Deno.readTextFile(`${daemon.home}/got`);
    // deno-lint-ignore no-control-regex -- what terminals answer begins so
    equal(got.match(/\x1b\[\?[\d;]+c/g)?.length, 1, JSON.stringify(got));
    // deno-lint-ignore no-control-regex -- as above
    equal(got.match(/\x1b\[\d+;\d+R/g)?.length, 1, JSON.stringify(got));
    equal(user.answers.length, 0, JSON.stringify(user.answers));
  },
);

testUnless(NO_TERMINALS, "hostile output does not reach the user's terminal", async () => {
  verifies("session-hostile-output");
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  const hostile =
    "\\033]52;c;aGVsbG8=\\007\\033]1337;File=:AAAA\\007\\033]8;;file:///etc/passwd\\007x\\033]8;;\\007" +
    "\\033]8;;https://example.org/\\007y\\033]8;;\\007\\033]2;a\\342\\200\\256b\\007\\033Ptmux;\\033\\033]52;c;aa\\007\\033\\\\ done";
  const script = (output: string) => ["sh", "-c", `echo ready; read x; printf '${output}'`];
  using user = new UserTerminal(ptys, ["run", "--", ...script(hostile)], { home: daemon.home });
  await user.shows(/ready/);
  user.type("\r");
  equal(await user.ended(), 0);
  match(user.screen, /xy done/);
  doesNotMatch(user.output, /\]52;|1337|file:|tmux;|\u202e/);
  match(user.output, /\]8;;https:\/\/example\.org\//);
  const writes = script("\\033]52;c;aGVsbG8=\\007\\033]52;c;?\\007 done");
  using allowed = new UserTerminal(ptys, ["run", "--clipboard", "--", ...writes], { home: daemon.home });
  await allowed.shows(/ready/);
  allowed.type("\r");
  equal(await allowed.ended(), 0);
  match(allowed.output, /\]52;c;aGVsbG8=/);
  doesNotMatch(allowed.output, /\]52;c;\?/);
});

testUnless(NO_TERMINALS, "who only looks types nothing, and decides on no size", async () => {
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  const { home } = daemon;
  using writer = new UserTerminal(ptys, ["run", "--name", "seen", "--", ...SHELL], { home });
  await writer.shows(/^ready>/m);
  using reader = new UserTerminal(ptys, ["sessions", "attach", "seen", "--read-only"], {
    home,
    size: { cols: 120, rows: 40 },
  });
  await reader.shows(/^ready>/m);
  reader.type(line("echo from the reader"));
  writer.type(line("echo from the $((1+1))nd; stty size"));
  await reader.shows(/from the 2nd\n24 80/);
  doesNotMatch(reader.screen, /from the reader/);
  reader.type(DETACH);
  equal(await reader.ended(), 0);
  using taker = new UserTerminal(ptys, ["sessions", "attach", "seen", "--take-size"], {
    home,
    size: { cols: 100, rows: 30 },
  });
  await taker.shows(/^ready>/m);
  taker.type(line("stty size"));
  await taker.shows(/30 100/);
});

testUnless(
  NO_TERMINALS,
  "a connection that breaks comes back by itself, and the screen is as it should be",
  async () => {
    verifies("session-attach");
    await using daemon = await RunningDaemon.start();
    await using ptys = new Ptys();
    const { home, record } = daemon;
    using proxy = new BreakableProxy(record.ports[0] ?? 0);
    const name = `${home}/daemon.json`;
    await Deno.writeTextFile(name, JSON.stringify({ ...record, urls: [`http://127.0.0.1:${proxy.port}`] }));
    using user = new UserTerminal(ptys, ["run", "--", ...SHELL], { home });
    await user.shows(/^ready>/m);
    proxy.breakAll();
    user.type(line("echo $((6*7)) after the cut"));
    await user.shows(/^42 after the cut\nready>/m);
    proxy.isDown = true;
    proxy.breakAll();
    await user.shows(/km: connection lost, trying again; Ctrl-\\ d leaves/);
    user.type(line("echo $((7*7)) typed meanwhile"));
    proxy.isDown = false;
    await user.shows(/^49 typed meanwhile\nready>/m);
    doesNotMatch(user.screen, /connection lost/);
    user.type(line("exit"));
    equal(await user.ended(), 0);
  },
);

testUnless(NO_TERMINALS, "detach makes all terminals leave a session, which goes on", async () => {
  verifies("session-cli");
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  const { home } = daemon;
  using first = new UserTerminal(ptys, ["run", "--name", "shared", "--", ...SHELL], { home });
  await first.shows(/^ready>/m);
  using second = new UserTerminal(ptys, ["sessions", "attach", "shared", "--read-only"], { home });
  await second.shows(/^ready>/m);
  equal((await runKm(["sessions", "detach", "shared"], { home })).code, 0);
  equal(await first.ended(), 0);
  equal(await second.ended(), 0);
  match(first.screen, /^km: detached by "token" from session 1, which goes on/m);
  notEqual((await sessionsOf(home))[0]?.state, "exited");
});

testUnless(NO_TERMINALS, "attach is refused where it cannot be: no terminal, ended, itself", async () => {
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  const { home } = daemon;
  const piped = await runKm(["run", "--", "true"], { home });
  equal(piped.code, 30);
  match(
    piped.err,
    /Cannot show a session here: stdin is not a terminal\nkm: hint: start it with "km run --detached"/,
  );
  using user = new UserTerminal(ptys, ["run", "--name", "self", "--", ...SHELL], { home });
  await user.shows(/^ready>/m);
  user.type(
    line(
      `KM_HOME='${home}' NO_COLOR=1 DENO_DIR='${denoDir()}' ${
        KM.join(" ")
      } sessions attach self; echo code $?`,
    ),
  );
  await user.shows(/Cannot show session 1 within itself/);
  await user.shows(/code 2\n/);
  user.type(line("exit"));
  equal(await user.ended(), 0);
  using late = new UserTerminal(ptys, ["sessions", "attach", "self"], { home });
  equal(await late.ended(), 29);
  match(late.all, /Cannot attach to session 1: its program has ended\s+km: hint: "km sessions logs 1"/);
});

testUnless(missingProgram("vim"), "vim is drawn, edits, and leaves the screen as it was", async () => {
  await using daemon = await RunningDaemon.start();
  await using ptys = new Ptys();
  const { home } = daemon;
  await Deno.writeTextFile(`${home}/text`, "one\ntwo\n");
  const shell = 'echo before; "$@"; echo after';
  using user = new UserTerminal(ptys, ["run", "--", "vim", "-u", "NONE", "-N", "-i", "NONE", "text"], {
    home,
    command: ["sh", "-c", shell, "sh", ...KM],
    cwd: home,
  });
  await user.shows(/^one\ntwo\n~/m);
  equal(user.isAlternate, true);
  user.type("Othree \x1b:wq\r");
  await user.shows(/^after$/m);
  equal(await user.ended(), 0);
  equal(user.isAlternate, false);
  match(user.all, /before/);
  equal(await Deno.readTextFile(`${home}/text`), "three \none\ntwo\n");
  equal(user.answers.length, 0);
});

testUnless(
  missingProgram("tmux"),
  "attach works within tmux: drawn, resized, and the pane given back",
  async () => {
    verifies("session-attach");
    await using daemon = await RunningDaemon.start();
    const { home } = daemon;
    const tmux = async (...args: string[]) => {
      const { stdout } = await new Deno.Command("tmux", {
        args: ["-L", `km-${Deno.pid}-${home.slice(-6)}`, "-f", "/dev/null", ...args],
        env: { TMUX: "", LANG: "C.UTF-8" },
        stderr: "null",
      }).output();
      return new TextDecoder().decode(stdout);
    };
    const shows = async (pattern: RegExp) => {
      let pane = "";
      await until(
        async () => pattern.test(pane = await tmux("capture-pane", "-p")),
        () => `${pattern} in:\n${pane}`,
        PATIENCE_MS,
      );
      return pane;
    };
    try {
      const variables = [`KM_HOME=${home}`, "NO_COLOR=1", "PS1=outer>", `DENO_DIR=${denoDir()}`];
      await tmux("new-session", "-d", "-x", "80", "-y", "24", "env", ...variables, "bash", "--norc");
      await shows(/outer>/);
      await tmux("send-keys", "echo kept on the screen", "Enter");
      await tmux(
        "send-keys",
        `${KM.join(" ")} run --name inner -- ${"sh -c 'PS1=inner\\> exec sh'"}`,
        "Enter",
      );
      await shows(/^inner>/m);
      await tmux("send-keys", "stty size", "Enter");
      await shows(/^24 80$/m);
      await tmux("resize-window", "-x", "100", "-y", "30");
      await tmux("send-keys", "stty size", "Enter");
      await shows(/^30 100$/m);
      await tmux("send-keys", "C-\\", "d");
      await shows(/km: detached from session 1[^]*outer>/);
      match(
        await tmux(
          "display",
          "-p",
          "#{alternate_on} #{mouse_any_flag} #{cursor_flag} #{scroll_region_lower}",
        ),
        /^0 0 1 29$/m,
      );
      match(await tmux("capture-pane", "-p", "-S", "-100"), /kept on the screen/);
    } finally {
      await tmux("kill-server");
    }
  },
);

function denoDir(): string {
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
}

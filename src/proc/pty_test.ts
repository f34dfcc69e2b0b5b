import { verifies } from "../../tests/verifies.ts";
import assert from "node:assert/strict";
import { missingProgram, testUnless, unlessOs } from "../../tests/skip.ts";
import { startTerminal } from "../../tests/terminal.ts";
import { Ptys } from "./pty.ts";

const unlessUnix = unlessOs("linux", "darwin");
const unlessLinux = unlessOs("linux");

testUnless(unlessUnix, "Ptys.spawn() gives all three streams of a program one terminal", async () => {
  await using ptys = new Ptys();
  const { exit, text } = startTerminal(ptys, ["sh", "-c", "test -t 0 && test -t 1 && test -t 2 && tty"]);
  assert.deepEqual(await exit, { code: 0, signal: null });
  assert.match(text(), /^\/dev\/\S+\r\n$/);
});

testUnless(unlessUnix, "Ptys.spawn() makes it the controlling terminal", async () => {
  await using ptys = new Ptys();
  const { exit, text } = startTerminal(ptys, ["sh", "-c", "echo to it > /dev/tty; read -r line < /dev/null"]);
  await exit;
  assert.equal(text(), "to it\r\n");
});

testUnless(
  unlessLinux,
  "Ptys.spawn() makes the program leader of its session and of the foreground",
  async () => {
    verifies("pty-controlling-terminal", "pty-master-by-ffi");
    await using ptys = new Ptys();
    const { exit, text, pty } = startTerminal(ptys, ["cat", "/proc/self/stat"]);
    await exit;
    const [, , , group, session, , foreground] = text().slice(text().lastIndexOf(")") + 1).split(" ").map(
      Number,
    );
    assert.deepEqual([group, session, foreground], [pty.pid, pty.pid, pty.pid]);
    assert.equal(Number.parseInt(text()), pty.pid);
  },
);

testUnless(unlessLinux, "Ptys.spawn() hands on no descriptor and no ignored or blocked signal", async () => {
  await using ptys = new Ptys();
  // What km has open without close-on-exec, as an inherited descriptor would be.
  const libc = Deno.dlopen("libc.so.6", {
    dup: { parameters: ["i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const stray = libc.symbols.dup(2);
  const { exit, text } = startTerminal(ptys, [
    "sh",
    "-c",
    "echo /proc/$$/fd/*; exec grep -E 'Sig(Blk|Ign)' /proc/self/status",
  ]);
  await exit;
  libc.symbols.close(stray);
  libc.close();
  const [fds = "", ...masks] = text().trim().split("\r\n");
  // 3 is what the shell reads the folder with.
  const numbers = fds.split(" ").map((path) => Number(path.split("/").at(-1)));
  assert.deepEqual(numbers, [0, 1, 2, 3]);
  assert.ok(stray > 3);
  // Signals 1 to 31; glibc keeps 32 and 33 for itself.
  assert.deepEqual(masks.map((mask) => BigInt(`0x${mask.split("\t")[1]}`) & 0x7fff_ffffn), [0n, 0n]);
});

testUnless(unlessUnix, "Ptys.spawn() gives it no other environment than the one named", async () => {
  await using ptys = new Ptys();
  const { exit, text } = startTerminal(ptys, ["env"], {
    cwd: "/usr",
    env: { PATH: "/usr/bin:/bin", KM: "a b\nc" },
  });
  await exit;
  const names = text().matchAll(/^([A-Z]+)=/gm).map(([, name]) => name).toArray().sort();
  assert.deepEqual(names.filter((name) => name !== "SHLVL"), ["KM", "PATH", "PWD", "TERM"]);
  assert.match(text(), /^KM=a b\r\nc\r\n/m);
  assert.match(text(), /^TERM=xterm-256color\r$/m);
  assert.match(text(), /^PWD=\/usr\r$/m);
});

testUnless(unlessLinux, "Ptys.spawn() gives it a sane terminal that takes UTF-8", async () => {
  await using ptys = new Ptys();
  const { exit, text } = startTerminal(ptys, ["stty", "-a"]);
  await exit;
  for (const setting of ["iutf8", "icrnl", "onlcr", "isig", "icanon", "echo", "echoe", "cs8"]) {
    assert.match(text(), new RegExp(`(?<!-)\\b${setting}\\b`));
  }
  assert.match(text(), /intr = \^C.*erase = \^\?/);
});

testUnless(unlessUnix, "Ptys.spawn() passes words on as they are", async () => {
  await using ptys = new Ptys();
  const words = ["", "a b", "-n", "$HOME", "'\"\\", "*", "ü"];
  const { exit, text } = startTerminal(ptys, ["printf", "[%s]", ...words]);
  await exit;
  assert.equal(text(), words.map((word) => `[${word}]`).join(""));
});

testUnless(unlessUnix, "Pty.resize() is seen by the program, with SIGWINCH", async () => {
  await using ptys = new Ptys();
  const terminal = startTerminal(
    ptys,
    ["sh", "-c", "stty size; trap 'stty size; exit 7' WINCH; while :; do echo ready; read -r line; done"],
    { size: { cols: 91, rows: 17 } },
  );
  await terminal.until(/17 91\r\nready/);
  terminal.pty.resize({ cols: 132, rows: 43 });
  assert.equal((await terminal.exit).code, 7);
  assert.match(terminal.text(), /43 132\r\n$/);
});

const unlessBash = unlessUnix ?? missingProgram("bash");

testUnless(
  unlessBash,
  "a shell has job control: Ctrl-Z stops, fg goes on, Ctrl-C interrupts, Ctrl-D ends",
  async () => {
    verifies("pty-controlling-terminal");
    await using ptys = new Ptys();
    const terminal = startTerminal(ptys, ["bash", "--norc", "--noprofile", "-i"], {
      env: { PATH: "/usr/bin:/bin", PS1: "<prompt $?>", HISTFILE: "" },
    });
    await terminal.until(/<prompt 0>/);
    assert.doesNotMatch(terminal.text(), /no job control/);
    // bash says that it goes on before that is so: only the program itself knows.
    terminal.write('sh -c \'trap "echo ba"ck CONT; while :; do echo on"e"; read -r line; done\'\r');
    await terminal.until(/\rone\r\n/);
    terminal.write("\x1a");
    await terminal.until(/Stopped[^]*<prompt 148>/);
    terminal.write("fg\r");
    await terminal.until(/\nback\r\n/);
    terminal.write("\x03");
    await terminal.until(/\^C[^]*<prompt 130>/);
    terminal.write("\x04");
    assert.deepEqual(await terminal.exit, { code: 130, signal: null });
  },
);

testUnless(
  unlessBash,
  "Pty.signal() interrupts what stands in the foreground, not the shell behind it",
  async () => {
    await using ptys = new Ptys();
    const terminal = startTerminal(ptys, ["bash", "--norc", "--noprofile", "-i"], {
      env: { PATH: "/usr/bin:/bin", PS1: "<prompt $?>", HISTFILE: "" },
    });
    await terminal.until(/<prompt 0>/);
    // Not sh: dash loses a SIGINT that comes while it starts a program.
    terminal.write("bash -c 'echo on\"e\"; read -r line'\r");
    await terminal.until(/\rone\r\n/);
    terminal.pty.signal("SIGINT");
    await terminal.until(/<prompt 130>/);
    terminal.pty.signal("SIGHUP");
    // bash 5.2 sleeps on when the signal comes right before it waits for a key, and looks at the next one.
    terminal.write("\r");
    assert.deepEqual(await terminal.exit, { code: null, signal: "SIGHUP" });
  },
);

testUnless(unlessUnix, "onExit says the code, or the signal", async () => {
  await using ptys = new Ptys();
  const ends = ["exit 0", "exit 42", "kill -TERM $$", "kill -KILL $$"].map((script) =>
    startTerminal(ptys, ["sh", "-c", script]).exit
  );
  assert.deepEqual(await Promise.all(ends), [
    { code: 0, signal: null },
    { code: 42, signal: null },
    { code: null, signal: "SIGTERM" },
    { code: null, signal: "SIGKILL" },
  ]);
});

testUnless(
  unlessUnix,
  "a program is gone for good after its exit: nothing is taken, nothing throws",
  async () => {
    await using ptys = new Ptys();
    const { pty, exit } = startTerminal(ptys, ["true"]);
    await exit;
    assert.equal(pty.write(new Uint8Array(1)), false);
    assert.equal(pty.queuedBytes, 0);
    pty.resize({ cols: 1, rows: 1 });
    pty.signal("SIGTERM");
    pty.pause();
    pty.resume();
    assert.deepEqual(await ptys.end(pty), { code: 0, signal: null });
  },
);

testUnless(
  unlessUnix,
  "a terminal whose number went to another one since touches nothing of that one",
  async () => {
    verifies("pty-fd-reuse");
    await using ptys = new Ptys();
    const first = startTerminal(ptys, ["true"]);
    await first.exit;
    const second = startTerminal(ptys, ["cat"], { size: { cols: 80, rows: 24 } });
    first.pty.resume();
    first.pty.signal("SIGKILL");
    first.pty.resize({ cols: 10, rows: 10 });
    first.pty.write(new TextEncoder().encode("wrong"));
    second.write("right\n\x04");
    assert.equal((await second.exit).code, 0);
    assert.equal(second.text(), "right\r\nright\r\n");
  },
);

testUnless(unlessUnix, "Pty.lineMode tells how its terminal is read", async () => {
  await using ptys = new Ptys();
  const modes = "echo plain; read x; stty -echo; echo secret; read x; stty -icanon; echo keys; read x";
  const terminal = startTerminal(ptys, ["sh", "-c", modes]);
  const seen: unknown[] = [];
  for (const step of [/plain\r\n/, /secret\r\n/, /keys\r\n/]) {
    await terminal.until(step);
    seen.push(terminal.pty.lineMode);
    terminal.write("\n");
  }
  assert.deepEqual(seen, [
    { isLineByLine: true, hasEcho: true },
    { isLineByLine: true, hasEcho: false },
    { isLineByLine: false, hasEcho: false },
  ]);
  await terminal.exit;
  // Whoever asks must not take this for a prompt.
  assert.deepEqual(terminal.pty.lineMode, { isLineByLine: true, hasEcho: false });
});

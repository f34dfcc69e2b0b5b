import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../src/store/database.ts";
import { checkIntegrity } from "../../src/store/summary.ts";
import { SmallDisk, unlessTmpfs } from "../fakes/small_disk.ts";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { TempFolder, until } from "./harness.ts";
import { SeenText, SessionCalls } from "./session_calls.ts";

/** Writes what no compression makes smaller, with a number after each 88 KB. */
const NOISE =
  "n=0; while :; do head -c 65536 /dev/urandom | base64; n=$((n+1)); echo tick-$n-; sleep 0.02; done";
/** Reads lines into the file $1, with a prompt. Works until there is a file $2, if that was given. */
const READER = `while [ -n "$2" ] && [ ! -e "$2" ]; do sleep 0.05; done
  while printf '\\033]133;A\\007%% '; do
    IFS= read -r line || exit 0
    printf '\\033]133;C\\007'
    printf '%s\\n' "$line" >>"$1"
  done`;

/** Fills the disk to its last byte until it is disposed of. */
function fill(disk: SmallDisk): Disposable {
  const path = `${disk.path}/ballast`;
  using file = Deno.openSync(path, { create: true, append: true });
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
    const piece = new Uint8Array(size);
    try {
      for (;;) if (file.writeSync(piece) < size) break;
    } catch {
      // Full for pieces of this size.
    }
  }
  return { [Symbol.dispose]: () => Deno.removeSync(path) };
}

function linesOf(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

function stderrOf({ process }: RunningDaemon): string {
  return new TextDecoder().decode(process.stderr.bytes());
}

testUnless(
  unlessTmpfs(),
  "a disk that fills up ends no session; what cannot be stored is refused and not typed; recording goes on and says what is missing",
  async () => {
    verifies("session-fault-full-disk");
    using disk = new SmallDisk("48m");
    using folder = new TempFolder();
    await using daemon = await RunningDaemon.start([], { home: `${disk.path}/home` });
    const calls = new SessionCalls(daemon);
    const [file, lateFile, go] = [`${folder.path}/typed`, `${folder.path}/late`, `${folder.path}/go`];
    const noise = await calls.run(["sh", "-c", NOISE]);
    const echo = await calls.run(["cat"]);
    const reader = await calls.run(["sh", "-c", READER, "reader", file]);
    const late = await calls.run(["sh", "-c", READER, "reader", lateFile, go]);
    const victim = await calls.run(["sleep", "1000"]);
    using link = calls.connect();
    const [noiseSeen, echoSeen] = [new SeenText(), new SeenText()];
    await link.attach(noise.id, noiseSeen.view());
    const keys = await link.attach(echo.id, echoSeen.view(true));
    await calls.wait(reader.id);
    assert.equal((await calls.send(late.id, "before", "before")).status, 202);
    assert.equal((await calls.send(reader.id, "first", "first")).status, 202);

    const accepted = ["first"];
    {
      using _ballast = fill(disk);
      await until(() => stderrOf(daemon).includes("cannot store sessions for now"), "the disk to be full");
      // There may be room for some in what the store has already.
      let refusal: string | undefined;
      for (let n = 0; n < 2000 && refusal === undefined; n++) {
        const { status, body } = await calls.send(reader.id, `full-${n}`, `full-${n}`);
        if (status === 202) accepted.push(`full-${n}`);
        else refusal = `${status} ${body.error?.code}`;
      }
      assert.equal(refusal, "507 store_full");
      assert.equal((await calls.call("POST", "/api/sessions", { provider: "shell" })).status, 507);
      // What waited when it filled up is not typed in either: nobody could tell later that it was.
      Deno.writeTextFileSync(go, "");
      await until(
        () => stderrOf(daemon).includes("cannot deliver a command for now"),
        "the delivery to be refused",
      );
      assert.deepEqual(linesOf(lateFile), []);
      // Terminals go on, for those who look and those who come.
      const seen = noiseSeen.bytes;
      await until(() => noiseSeen.bytes > seen + 12_000_000, "12 MB of output to be seen");
      keys.input(new TextEncoder().encode("here;"));
      await echoSeen.shows("here;");
      assert.match(await calls.screen(echo.id), /here;/);
      using another = calls.connect("read");
      const anotherSeen = new SeenText();
      await another.attach(echo.id, anotherSeen.view());
      await anotherSeen.shows("here;");
      const ended = await calls.end(victim.id);
      assert.equal(ended.state, "exited");
      assert.match(stderrOf(daemon), /cannot write down who did session\.end/);
      const states = await Promise.all([noise, echo, reader, late].map(({ id }) => calls.get(id)));
      assert.deepEqual(states.filter(({ state }) => state === "exited" || state === "lost"), []);
    }

    await until(async () => (await calls.send(reader.id, "last", "last")).status === 202, "room to be used");
    accepted.push("last");
    await until(() => linesOf(file).includes("last"), "the last command to be typed");
    assert.deepEqual(linesOf(file), accepted);
    await until(() => linesOf(lateFile).length > 0, "what waited to be typed");
    await until(async () => (await calls.commands(late.id))[0]?.state === "done", "it to be done");
    assert.deepEqual(linesOf(lateFile), ["before"]);
    // The exit is told in the store, too, once it can be.
    const recorded = async () => (await calls.recording(noise.id)).markers.join("\n");
    await until(async () => /bytes of output/.test(await recorded()), "the gap to be told");
    const [, last] = noiseSeen.text.match(/.*tick-(\d+)-/s) ?? [];
    await until(
      async () => (await calls.recording(noise.id)).text.includes(`tick-${last}-`),
      `the recording to go on to tick ${last}`,
    );
    await calls.end(noise.id);
    daemon.process.kill("SIGTERM");
    await daemon.process.exit();
    using db = openDatabase(`${daemon.home}/km.db`, { mode: "read" });
    assert.deepEqual(checkIntegrity(db), []);
    const exits = db.all<{ exit_signal: string | null }>(
      "SELECT exit_signal FROM sessions WHERE number = ?",
      victim.number,
    );
    assert.deepEqual(exits.map(({ exit_signal }) => exit_signal), ["SIGHUP"]);
  },
);

/** Another process that holds the store's lock until it is disposed of: this one. */
function lockStore(home: string): Disposable {
  const db = new DatabaseSync(`${home}/km.db`, { timeout: 5000 });
  db.exec("BEGIN IMMEDIATE");
  return { [Symbol.dispose]: () => db.isOpen ? db.close() : undefined };
}

Deno.test("a store that another process locks delays no terminal; commands wait for it, or are refused and not typed", async () => {
  verifies("session-fault-full-disk");
  await using daemon = await RunningDaemon.start();
  using folder = new TempFolder();
  const calls = new SessionCalls(daemon);
  const file = `${folder.path}/typed`;
  const echo = await calls.run(["cat"]);
  const reader = await calls.run(["sh", "-c", READER, "reader", file]);
  using link = calls.connect();
  const seen = new SeenText();
  const keys = await link.attach(echo.id, seen.view(true));
  await calls.wait(reader.id);
  const echoes = async (from: number) => {
    for (let n = from; n < from + 20; n++) {
      keys.input(new TextEncoder().encode(`echo-${n};`));
      await seen.shows(`echo-${n};`);
    }
  };
  let isAnswered = false;
  let sent: ReturnType<typeof calls.send>;
  {
    using _lock = lockStore(daemon.home);
    sent = calls.send(reader.id, "waits", "waits").finally(() => isAnswered = true);
    await echoes(0);
    assert.equal(isAnswered, false);
  }
  assert.equal((await sent).status, 202);
  await until(() => linesOf(file).includes("waits"), "it to be typed");
  {
    using _lock = lockStore(daemon.home);
    const refused = calls.send(reader.id, "refused", "refused");
    await echoes(20);
    const { status, body } = await refused;
    assert.deepEqual([status, body.error?.code], [503, "store_locked"]);
    await echoes(40);
  }
  await until(
    async () => (await calls.send(reader.id, "after", "after")).status === 202,
    "the store to take it",
  );
  await until(() => linesOf(file).includes("after"), "it to be typed");
  assert.deepEqual(linesOf(file), ["waits", "after"]);
});

Deno.test("km serve that starts while the store is locked looks after earlier sessions as soon as it can, and starts none before", async () => {
  verifies("session-recovery-report");
  await using daemon = await RunningDaemon.start();
  const { id } = await new SessionCalls(daemon).run(["cat"]);
  daemon.process.kill("SIGKILL");
  await daemon.process.exit();
  const lock = lockStore(daemon.home);
  await using again = await RunningDaemon.start([], { home: daemon.home });
  const calls = new SessionCalls(again);
  const { status, body } = await calls.call("POST", "/api/sessions", {
    provider: "shell",
    command: ["cat"],
    cwd: "/",
  });
  assert.deepEqual([status, body.error?.code], [503, "store_locked"]);
  lock[Symbol.dispose]();
  await until(() => stderrOf(again).includes("1 session lost since km serve ended before"), "the look after");
  const started = await calls.run(["cat"]);
  assert.deepEqual([(await calls.get(id)).state, (await calls.get(started.id)).state === "lost"], [
    "lost",
    false,
  ]);
});

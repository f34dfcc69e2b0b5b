import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { SessionBody } from "../../src/api/sessions/session_schemas.ts";
import { openDatabase } from "../../src/store/database.ts";
import { checkIntegrity } from "../../src/store/summary.ts";
import { freshSeed, seededRandom } from "../fakes/random.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { findProcesses, type ProcessInfo, TempFolder, until } from "./harness.ts";
import { SeenText, SessionCalls } from "./session_calls.ts";

const KILLS = 20;
/** Longest life of a daemon under load, in ms. */
const MAX_LIFE_MS = 1000;
/** What a kill may cost of the output: a second between two looks of the recorder, and this machine being slow, in ms. */
const MAX_LOST_MS = 4000;
const APPENDER = fileURLToPath(new URL("../fakes/appender.sh", import.meta.url));
/** Says the time, in ns, again and again. */
const TICKER = "while :; do date +tick-%s%N-; sleep 0.02; done";

/** A home whose config has the programs of these tests. */
class FaultHome implements Disposable {
  readonly #folder = new TempFolder();
  readonly home: string = `${this.#folder.path}/home`;
  readonly typed: string = `${this.#folder.path}/typed`;
  readonly mark: string = crypto.randomUUID();

  constructor() {
    for (const path of [this.home, this.typed]) Deno.mkdirSync(path);
    const setEnv = { FAULT_MARK: this.mark };
    const appender = {
      extends: "shell",
      command: ["sh", APPENDER, this.typed],
      setEnv,
      resume: { args: ["--resume", "{id}"], chooseId: ["--new", "{id}"] },
    };
    const worker = { extends: "claude", command: ["sh", "-c", "sleep 0.3; echo done"], setEnv };
    const providers = {
      appender,
      stubborn: { ...appender, setEnv: { ...setEnv, STUBBORN: "1" } },
      ticker: { extends: "shell", command: ["sh", "-c", TICKER], setEnv },
      worker,
    };
    Deno.writeTextFileSync(`${this.home}/config.jsonc`, JSON.stringify({ providers }));
  }

  /** What runs of it. */
  get processes(): readonly ProcessInfo[] {
    return findProcesses(`FAULT_MARK=${this.mark}`);
  }

  /** How often each line was typed, over all programs. */
  get lines(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { name } of Deno.readDirSync(this.typed)) {
      for (const line of Deno.readTextFileSync(`${this.typed}/${name}`).split("\n")) {
        counts.set(line, (counts.get(line) ?? 0) + 1);
      }
    }
    return counts;
  }

  assertSound(what: string): void {
    using db = openDatabase(`${this.home}/km.db`, { mode: "read" });
    assert.deepEqual([checkIntegrity(db), db.all("PRAGMA foreign_key_check")], [[], []], what);
  }

  [Symbol.dispose](): void {
    for (const { pid } of findProcesses(`FAULT_MARK=${this.mark}`)) Deno.kill(pid, "SIGKILL");
    this.#folder[Symbol.dispose]();
  }
}

/** What was promised: ids of commands and keys of tasks, with their answers. */
interface Promised {
  readonly commands: Set<string>;
  readonly tasks: Set<string>;
}

/** Works the daemon until it is gone: sends, submits, looks. Settles when nothing gets an answer any more. */
async function load(
  calls: SessionCalls,
  sessions: readonly SessionBody[],
  promised: Promised,
): Promise<void> {
  using link = calls.connect();
  const watch = sessions.map(({ id }) => link.attach(id, new SeenText().view(true)).catch(() => {}));
  const send = sessions.filter(({ provider }) => provider !== "ticker").map(async ({ id }) => {
    for (;;) {
      const commandId = `c-${crypto.randomUUID()}`;
      const answer = await calls.send(id, commandId, commandId);
      if (answer.status === 202) promised.commands.add(commandId);
      else assert.equal(answer.status, 429, JSON.stringify(answer.body));
      if (answer.status === 429) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  const submit = async () => {
    for (;;) {
      const key = `t-${crypto.randomUUID()}`;
      const { status } = await calls.call("POST", "/api/tasks", {
        provider: "worker",
        prompt: "work",
        cwd: "/",
        key,
      });
      if (status === 201 || status === 202) promised.tasks.add(key);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const refusal = await Promise.all([...send, submit()]).catch((error) => error);
  if (refusal instanceof assert.AssertionError) throw refusal;
  await Promise.allSettled(send);
  link[Symbol.dispose]();
  await Promise.all(watch);
}

testUnless(
  unlessOs("linux"),
  `kill -9 of km serve at ${KILLS} random moments: the store is sound, the queue intact, no program left`,
  async () => {
    verifies("session-fault-kill-9", "session-lost-resume", "session-recovery-report");
    const seed = freshSeed();
    const random = seededRandom(seed);
    console.log(`seed ${seed}`);
    using home = new FaultHome();
    const promised: Promised = { commands: new Set(), tasks: new Set() };
    const lostMs: number[] = [];
    let waiting: readonly SessionBody[] = [];
    for (let kill = 1; kill <= KILLS; kill++) {
      const what = `kill ${kill} of seed ${seed}`;
      await using daemon = await RunningDaemon.start([], { home: home.home });
      const calls = new SessionCalls(daemon);
      if (kill > 1) {
        const lost = (await calls.list()).filter(({ state }) => state !== "lost");
        assert.deepEqual(lost, [], `sessions that are not lost before ${what}`);
        // One that was killed in its first moments may have started none.
        if (kill % 4 !== 1) {
          assert.match(stderrOf(daemon), /sessions? lost since km serve ended before: \d+/, what);
        }
        waiting = await assertKept(calls, home, promised, what);
        if (kill % 4 !== 1) lostMs.push(...await tickerLoss(calls));
      }
      // Every fourth one while sessions are started and gone on with.
      const lifeMs = random() * (kill % 4 === 0 ? 100 : MAX_LIFE_MS);
      const end = () => {
        tickedNs = Date.now() * 1e6;
        daemon.process.kill("SIGKILL");
      };
      let timer = kill % 4 === 0 ? setTimeout(end, lifeMs) : undefined;
      const sessions = await goOn(calls, waiting, kill % 5 === 1).catch((error) => {
        if (error instanceof assert.AssertionError) throw error;
        return []; // It was killed meanwhile.
      });
      timer ??= setTimeout(end, lifeMs);
      await load(calls, sessions, promised).finally(() => clearTimeout(timer));
      await daemon.process.exit();
      await until(
        () => home.processes.length === 0,
        () => `no program to be left by ${what}, but ${describe(home.processes)}`,
      );
      home.assertSound(what);
    }
    await drain(home, promised, seed);
    assert(Math.max(...lostMs) < MAX_LOST_MS, `${lostMs} ms of output lost, seed ${seed}`);
    console.log(
      `${promised.commands.size} commands, ${promised.tasks.size} tasks promised; ms of output lost: ${lostMs}`,
    );
  },
);

function describe(processes: readonly ProcessInfo[]): string {
  return processes.map(({ pid, command }) => {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return `${command} (state, parent, group, session: ${
      stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(0, 4)
    })`;
  }).join("; ");
}

/** When the last daemon was killed. */
let tickedNs = 0;

/** How much of the last output before the kill is not in the recording of the session that prints the time, in ms. */
async function tickerLoss(calls: SessionCalls): Promise<number[]> {
  const [ticker] = await calls.list();
  if (ticker?.provider !== "ticker") return [];
  const ns = [...(await calls.recording(ticker.id)).text.matchAll(/tick-(\d+)-/g)].at(-1)?.[1];
  return ns === undefined ? [] : [Math.round((tickedNs - Number(ns)) / 1e6)];
}

function stderrOf({ process }: RunningDaemon): string {
  return new TextDecoder().decode(process.stderr.bytes());
}

/** Four sessions that take commands, gone on with where some wait; maybe one that hears no signal; and, last, one that prints the time. */
async function goOn(
  calls: SessionCalls,
  waiting: readonly SessionBody[],
  isStubborn: boolean,
): Promise<SessionBody[]> {
  const resumed = waiting.map(async (before) => {
    assert(before.isResumable, JSON.stringify(before));
    const { status, body } = await calls.call<SessionBody>("POST", `/api/sessions/${before.id}/resume`, {});
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  });
  const others = Array.from(
    { length: Math.max(1, 4 - waiting.length) },
    () => calls.start({ provider: "appender" }),
  );
  const stubborn = isStubborn ? [calls.start({ provider: "stubborn" })] : [];
  const all = await Promise.all([...resumed, ...others, ...stubborn]);
  return [...all, await calls.start({ provider: "ticker" })];
}

/**
 * Every command that was promised is there once, and was typed at most once; every task is there once. Returns sessions in which commands
 * wait.
 */
async function assertKept(
  calls: SessionCalls,
  home: FaultHome,
  promised: Promised,
  what: string,
): Promise<SessionBody[]> {
  const sessions = (await calls.list()).filter(({ provider }) => provider !== "ticker");
  using db = openDatabase(`${home.home}/km.db`, { mode: "read" });
  const commands = db.all<{ id: string; state: string; session: number }>(
    "SELECT id, state, session FROM session_commands",
  );
  const times = new Map<string, number>();
  for (const { id } of commands) times.set(id, (times.get(id) ?? 0) + 1);
  const missing = [...promised.commands].filter((id) => times.get(id) !== 1);
  assert.deepEqual(missing, [], `commands that are not there once, ${what}`);
  const { lines } = home;
  const wrong = commands.filter(({ id, state }) => {
    const count = lines.get(id) ?? 0;
    return count > 1 || (state === "done" && count !== 1) || (state === "queued" && count !== 0);
  });
  assert.deepEqual(wrong, [], `commands that were typed in too often, or not, ${what}`);
  const keys = db.all<{ key: string }>("SELECT key FROM tasks").map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length, `tasks that are there twice, ${what}`);
  assert.deepEqual(
    [...promised.tasks].filter((key) => !keys.includes(key)),
    [],
    `tasks that are gone, ${what}`,
  );
  return sessions.filter(({ number }) =>
    commands.some(({ session, state }) => session === number && state === "queued")
  );
}

/** All that still waits is done at last, once. */
async function drain(
  home: FaultHome,
  promised: Promised,
  seed: number,
): Promise<void> {
  await using daemon = await RunningDaemon.start([], { home: home.home });
  const calls = new SessionCalls(daemon);
  const waiting = await assertKept(calls, home, promised, `after the last kill of seed ${seed}`);
  const sessions = await goOn(calls, waiting, false);
  for (const { id } of sessions.slice(0, waiting.length)) {
    await until(async () => (await calls.get(id)).queuedCommands === 0, "the queue to be empty", 60_000);
    await calls.wait(id);
  }
  assert.deepEqual(await assertKept(calls, home, promised, `at the end of seed ${seed}`), []);
}

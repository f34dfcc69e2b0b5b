import assert from "node:assert/strict";
import type { Session, SessionCommand, SessionState } from "../core/session.ts";
import type { Pty } from "../proc/pty.ts";
import { CommandQueue } from "./command_queue.ts";
import { LiveSession } from "./live_session.ts";
import { loadProviders } from "./providers/providers.ts";
import type { Provider } from "./providers/provider.ts";
import type { SessionRecord } from "./record.ts";
import type { SessionsThread } from "./sessions_thread.ts";

const FACTS = { id: "id", number: 1, state: "idle", stateReason: "", seq: 0 } as Session; // as: no more of it matters here
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A queue of a session whose program echoes; what the sessions thread would say is said by the test. */
class Scene implements Disposable {
  /** What was typed in, write by write. */
  readonly typed: string[] = [];
  readonly changes: SessionCommand[] = [];
  readonly logged: string[] = [];
  /** Answers of the thread, in order; then the last one again. */
  mayType: (() => boolean)[] = [() => true];
  takesKeys: (keys: string) => boolean = () => true;
  readonly live: LiveSession;
  readonly queue: CommandQueue;
  readonly #wakers = new Set<() => void>();

  constructor({ provider: name = "shell", ...facts }: Partial<Session> = {}) {
    const thread = {
      mayType: () => Promise.resolve((this.mayType.length > 1 ? this.mayType.shift() : this.mayType[0])?.()),
      output() {},
      typed() {},
    } as unknown as SessionsThread; // as: what a queue makes use of
    const write = (bytes: Uint8Array): boolean => {
      const keys = text(bytes);
      if (!this.takesKeys(keys)) return false;
      this.typed.push(keys);
      this.live.onData(new TextEncoder().encode(keys));
      this.#wake();
      return true;
    };
    const terminal = { pid: 1, isPaused: false, lineMode: null, write, type: write, pause() {}, resume() {} };
    const pty = terminal as unknown as Pty; // as above
    const provider = loadProviders({}).providers.get(name) as Provider; // as: it is built in
    this.live = new LiveSession({ ...FACTS, ...facts }, provider, { thread, onChange() {} });
    this.live.begin(pty);
    const record = {
      record: (name: string, _id: string, command: SessionCommand) =>
        Promise.resolve(name === "enqueueCommand" ? { isNew: true, command: this.command(command) } : null),
      keep() {},
    } as unknown as SessionRecord; // as above
    this.queue = new CommandQueue(this.live, {
      record,
      onChange: (command) => {
        this.changes.push(command);
        this.#wake();
      },
      log: (line) => this.logged.push(line),
      maxQueued: () => 10,
    });
  }

  command(changes: Partial<SessionCommand>): SessionCommand {
    return { state: "queued", deliveredUs: null, ...changes } as SessionCommand; // as: no more of it matters here
  }

  async send(id: string, text = `do ${id}`): Promise<void> {
    await this.queue.add({ id, text, by: "me" });
  }

  become(state: SessionState): void {
    this.live.change({ state, stateReason: `is ${state}` });
    this.queue.stateChanged();
  }

  /** Types as a person does. */
  type(keys: string): void {
    this.live.type(new TextEncoder().encode(keys));
  }

  outcome(id: string): string | undefined {
    return this.changes.findLast((command) => command.id === id)?.state;
  }

  async until(isThere: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => void (isThere() && resolve());
    this.#wakers.add(look);
    const timer = setTimeout(() => reject(new Error(`never came: ${JSON.stringify(this.typed)}`)), 10_000);
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#wakers.delete(look);
    }
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
  }

  [Symbol.dispose](): void {
    this.queue[Symbol.dispose]();
  }
}

Deno.test("CommandQueue types in one command after the other, each with Enter of its own", async () => {
  using scene = new Scene();
  await scene.send("one");
  await scene.send("two");
  await scene.until(() => scene.typed.length === 2);
  scene.become("running");
  scene.become("idle");
  await scene.until(() => scene.typed.length === 4);
  assert.deepEqual(scene.typed, ["do one", "\r", "do two", "\r"]);
  assert.equal(scene.outcome("one"), "done");
});

for (const [keys, what] of [["\x15", "gives it up"], ["\r", "sends it"]] as const) {
  Deno.test(`CommandQueue types nothing behind what it could not submit, until somebody ${what}`, async () => {
    using scene = new Scene();
    // Before it is begun, when it is stored; then something comes up.
    scene.mayType = [() => true, () => true, () => false, () => true];
    await scene.send("one");
    await scene.send("two");
    await scene.until(() => scene.outcome("one") === "failed");
    assert.match(scene.changes.at(-1)?.outcome ?? "", /stands in its prompt/);
    // What came up is answered, and it is idle again.
    scene.become("waiting_approval");
    scene.type("\r");
    scene.become("running");
    scene.become("idle");
    assert.equal(await scene.live.mayType(), false);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.deepEqual(scene.typed, ["do one", "\r"]);
    scene.type(keys);
    await scene.until(() => scene.typed.at(-1) === "\r" && scene.typed.length === 5);
    assert.deepEqual(scene.typed.slice(2), [keys, "do two", "\r"]);
  });
}

Deno.test("CommandQueue goes on with the next command when one could not be typed in", async () => {
  using scene = new Scene();
  scene.takesKeys = (keys) => keys !== "do one";
  await scene.send("one");
  await scene.send("two");
  await scene.until(() => scene.outcome("one") === "failed");
  await scene.until(() => scene.typed.length === 2);
  assert.deepEqual(scene.typed, ["do two", "\r"]);
});

Deno.test("CommandQueue.restore() knows the command that is under way", async () => {
  using scene = new Scene();
  await scene.send("one");
  await scene.until(() => scene.typed.length === 2);
  scene.queue.restore([
    scene.command({ id: "one", text: "do one" }),
    scene.command({ id: "two", text: "do two" }),
  ]);
  assert.equal(scene.queue.length, 1);
  scene.become("running");
  scene.become("idle");
  await scene.until(() => scene.typed.length === 4);
  assert.deepEqual(scene.typed, ["do one", "\r", "do two", "\r"]);
});

Deno.test("CommandQueue lets no text end the paste that it is typed in as", async () => {
  using scene = new Scene();
  scene.live.isBracketedPaste = true;
  const controls = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code))
    .filter((char) => char < " " || char > "~").join("");
  await scene.send("one", `a\x1b[20\x1b[201~1~b\x9b201~c${controls}d\r\ne\tf`);
  await scene.until(() => scene.typed.length === 2);
  assert.deepEqual(scene.typed, ["\x1b[200~a[20[201~1~b201~c\t\r\rd\re\tf\x1b[201~", "\r"]);
});

for (const lines of ["y = input('Sure? ')\nyes", "one\rtwo", "one\r\ntwo\n"]) {
  Deno.test(`CommandQueue types ${JSON.stringify(lines)} into no program that takes no paste`, async () => {
    using scene = new Scene();
    await scene.send("one", lines);
    await scene.until(() => scene.outcome("one") === "failed");
    assert.match(
      scene.changes.at(-1)?.outcome ?? "",
      /each line would be entered alone: send them one by one/,
    );
    assert.equal(scene.queue.isDone, true);
    assert.equal(scene.changes.some(({ state }) => state === "delivered"), false);
    await scene.send("two", "with a line break at its end\n");
    await scene.until(() => scene.typed.length === 2);
    assert.deepEqual(scene.typed, ["with a line break at its end", "\r"]);
  });
}

Deno.test("CommandQueue fails what waits when its program ends and nothing can go on with it", async () => {
  using scene = new Scene();
  scene.mayType = [() => false];
  await scene.send("one");
  await scene.send("two");
  scene.become("exited");
  assert.deepEqual([scene.outcome("one"), scene.outcome("two"), scene.queue.length], ["failed", "failed", 0]);
  assert.equal(scene.changes.at(-1)?.outcome, "the session ended before it was typed in: is exited");
  scene.queue.restore([scene.command({ id: "three", text: "do three" })]);
  assert.deepEqual([scene.outcome("three"), scene.queue.length], ["failed", 0]);
});

Deno.test("CommandQueue keeps what waits when its session can be resumed, and takes it back or gives it away", async () => {
  using scene = new Scene({ provider: "claude", resumeId: "conversation" });
  scene.mayType = [() => false];
  for (const id of ["one", "two", "three"]) await scene.send(id);
  scene.become("exited");
  assert.equal(scene.queue.length, 3);
  assert.equal(scene.queue.cancel("two", "me"), true);
  assert.deepEqual([scene.outcome("two"), scene.queue.length], ["cancelled", 2]);
  scene.queue.giveAway();
  assert.deepEqual([scene.outcome("one"), scene.queue.length], ["queued", 0]);
});

import { verifies } from "../../../tests/verifies.ts";
import { deepEqual, equal } from "node:assert/strict";
import type { SessionState, StateChange } from "../../core/session.ts";
import { freshSeed, seededRandom } from "../../../tests/fakes/random.ts";
import type { Provider } from "../providers/provider.ts";
import { loadProviders } from "../providers/providers.ts";
import type { TerminalSignal } from "../terminal/terminal_signals.ts";
import { parseHookLine } from "./hooks.ts";
import { QUIET_US, STABLE_US, StateTracker } from "./state_tracker.ts";

const RULE = "─".repeat(40);
const IDLE = ["hello", RULE, "❯ ", RULE, "  ? for shortcuts"];
const WORKING = ["✽ Doodling… (3s)", "", RULE, "❯ ", RULE, "  esc to interrupt"];
const APPROVAL = [RULE, " Do you want to proceed?", " ❯ 1. Yes", "   2. No", " Esc to cancel"];
/** The agent quotes a question while it works. */
const QUOTING = ["● It asks: Do you want to proceed?", "  ❯ 1. Yes", ...WORKING];
const STRANGE = ["Which of these?", "a", "b"];
const MS = 1000;

const { providers } = loadProviders({
  aider: { command: ["aider"] },
  own: { extends: "shell", quiet: "running" },
});

/** A session on which time goes by. */
class Scene {
  nowUs = 1_000_000;
  readonly tracker: StateTracker;
  readonly changes: StateChange[] = [];
  rows: readonly string[] = [];

  constructor(name = "claude", hasHooks = false) {
    const provider = providers.get(name) as Provider; // as: it is there
    this.tracker = new StateTracker({ provider, nowUs: this.nowUs, hasHooks });
    this.#note(this.tracker.started(this.nowUs));
  }

  get states(): SessionState[] {
    return this.changes.map(({ state }) => state);
  }

  /** Draws `rows`. */
  draw(rows: readonly string[]): this {
    this.rows = rows;
    this.#note(this.tracker.output(this.nowUs));
    return this;
  }

  /** Lets `ms` go by, and the tracker look when it wants to. */
  pass(ms: number): this {
    const endUs = this.nowUs + ms * MS;
    for (let at = this.tracker.nextLookUs; at !== null && at <= endUs; at = this.tracker.nextLookUs) {
      this.nowUs = Math.max(this.nowUs, at);
      const y = Math.max(0, this.rows.length - 1);
      this.#note(this.tracker.screen(this.rows, this.nowUs, { x: this.rows[y]?.length ?? 0, y }));
    }
    this.nowUs = endUs;
    return this;
  }

  /** Somebody looks, whether the tracker wanted it or not. */
  look(): this {
    this.#note(this.tracker.screen(this.rows, this.nowUs));
    return this;
  }

  type(submits = true): this {
    this.#note(this.tracker.typed(this.nowUs, submits));
    return this;
  }

  signal(signal: TerminalSignal): this {
    this.#note(this.tracker.signal(signal, this.nowUs));
    return this;
  }

  hook(name: string, more: object = {}): this {
    const event = parseHookLine(JSON.stringify({ hook_event_name: name, ...more }));
    if (event !== null) this.#note(this.tracker.hook(event, this.nowUs));
    return this;
  }

  foreground(isOwn: boolean): this {
    this.#note(this.tracker.foreground(isOwn, this.nowUs));
    return this;
  }

  #note(change: StateChange | null): void {
    if (change !== null) this.changes.push(change);
  }
}

/** A session that is idle. */
function idle(): Scene {
  return new Scene().draw(IDLE).pass(1000);
}

Deno.test("StateTracker believes a screen that was there twice, 150 ms apart", () => {
  verifies("session-hysteresis");
  const scene = idle().draw(APPROVAL);
  const shownUs = scene.nowUs;
  scene.pass(3000);
  deepEqual(scene.states, ["starting", "idle", "waiting_approval"]);
  equal((scene.changes.at(-1)?.timeUs ?? 0) - shownUs >= STABLE_US, true);
});

Deno.test("StateTracker leaves a question at once when somebody types", () => {
  const scene = idle().draw(APPROVAL).pass(1000).type(false);
  equal(scene.tracker.state, "running");
  equal(scene.changes.at(-1)?.source, "input");
});

Deno.test("StateTracker comes back to a question that is still there a second after somebody typed", () => {
  const scene = idle().draw(APPROVAL).pass(1000).type(false);
  equal(scene.pass(900).tracker.state, "running");
  equal(scene.pass(400).tracker.state, "waiting_approval");
});

Deno.test("StateTracker takes proof of work for more than a question on the same screen", () => {
  equal(idle().draw(QUOTING).pass(1000).tracker.state, "running");
});

Deno.test("StateTracker does not take the prompt of before for the end of work", () => {
  const scene = idle().type();
  equal(scene.pass(800).tracker.state, "running");
  equal(scene.draw(WORKING).pass(1000).tracker.state, "running");
  equal(scene.draw(IDLE).pass(500).tracker.state, "idle");
});

Deno.test("StateTracker gives an agent with hooks more time to begin", () => {
  const scene = new Scene("claude", true).draw(IDLE).pass(1000).type();
  equal(scene.pass(2800).tracker.state, "running");
  equal(scene.pass(600).tracker.state, "idle");
});

Deno.test("StateTracker never calls an agent idle on a screen that it does not know", () => {
  equal(idle().type().draw(STRANGE).pass(60_000).tracker.state, "running");
});

Deno.test("StateTracker goes from idle to running on a screen that it does not know", () => {
  const scene = idle().draw(STRANGE).pass(2000);
  deepEqual([scene.tracker.state, scene.changes.at(-1)?.reason], [
    "running",
    "shows a screen that km does not know",
  ]);
});

Deno.test("StateTracker takes no title alone for idle", () => {
  const scene = new Scene("gemini").draw(STRANGE).signal({ kind: "title", text: "◇  Ready (project)" });
  equal(scene.pass(60_000).tracker.state, "starting");
});

Deno.test("StateTracker takes back what a title said when the next one does not say it", () => {
  const scene = idle().signal({ kind: "title", text: "⠂ Claude Code" });
  equal(scene.tracker.state, "running");
  equal(scene.signal({ kind: "title", text: "✳ Claude Code" }).tracker.state, "idle");
});

Deno.test("StateTracker follows hooks at once", () => {
  const scene = idle().type().hook("UserPromptSubmit").pass(100).hook("PermissionRequest");
  equal(scene.tracker.state, "waiting_approval");
  equal(scene.type().hook("PostToolUse").tracker.state, "running");
  equal(scene.hook("Stop").pass(400).tracker.state, "idle");
  equal(scene.changes.at(-1)?.source, "hook");
});

Deno.test("StateTracker does not take a hook's end of a turn for idle while the screen shows work", () => {
  const scene = new Scene("claude", true).draw(IDLE).pass(1000).type().hook("UserPromptSubmit").draw(WORKING);
  equal(scene.pass(100).hook("Stop").tracker.state, "running");
  equal(scene.pass(5000).tracker.state, "running");
  equal(scene.draw(["hello", "● an answer", ...IDLE]).pass(400).tracker.state, "idle");
});

Deno.test("StateTracker takes a hook's end of a turn for idle once what it draws then is there", () => {
  const scene = new Scene("claude", true).draw(IDLE).pass(1000).type().hook("UserPromptSubmit");
  scene.pass(100).hook("Stop");
  for (let at = 0; at < 5; at++) {
    equal(scene.pass(100).tracker.state, "running", `piece ${at}`);
    scene.draw([`● answer ${at}`, ...IDLE]);
  }
  equal(scene.pass(100).tracker.state, "running");
  equal(scene.pass(300).tracker.state, "idle");
});

Deno.test("StateTracker takes a hook's end of a turn for idle after a while, on a screen that goes on to change", () => {
  const scene = new Scene("claude", true).draw(IDLE).pass(1000).type().hook("UserPromptSubmit");
  scene.pass(100).hook("Stop");
  for (let at = 0; at < 30; at++) scene.pass(100).draw([`● clock ${at}`, ...IDLE]);
  equal(scene.tracker.state, "idle");
  const strange = new Scene("claude", true).draw(IDLE).pass(1000).type().draw(STRANGE).pass(3000);
  equal(strange.hook("Stop").pass(400).tracker.state, "idle");
});

Deno.test("StateTracker keeps a question of a hook while the title goes on to turn", () => {
  const scene = idle().type().hook("PermissionRequest").signal({ kind: "title", text: "⠂ Claude Code" });
  equal(scene.tracker.state, "waiting_approval");
});

Deno.test("StateTracker finds out that work was interrupted, which no hook says", () => {
  const scene = idle().type().hook("UserPromptSubmit").draw(WORKING).pass(1000);
  scene.draw(IDLE).pass(QUIET_US / MS - 100);
  equal(scene.tracker.state, "running");
  equal(scene.pass(500).tracker.state, "idle");
});

Deno.test("StateTracker may type only at a prompt at which nobody began to", () => {
  const scene = idle();
  equal(scene.tracker.mayType, true);
  equal(scene.type(false).tracker.mayType, false);
  equal(scene.tracker.state, "idle");
  scene.tracker.typed(scene.nowUs, false, true);
  equal(scene.tracker.mayType, true);
  equal(scene.type(true).tracker.mayType, false);
  equal(scene.pass(3000).tracker.mayType, true);
});

Deno.test("StateTracker takes keys that are no text for nothing that was begun", () => {
  const scene = idle();
  scene.tracker.typed(scene.nowUs, false, false, { isMove: true });
  equal(scene.tracker.mayType, true);
  scene.type(false).tracker.typed(scene.nowUs, false, false, { isMove: true });
  equal(scene.tracker.mayType, false);
});

Deno.test("StateTracker says who typed: km or somebody", () => {
  equal(idle().type().changes.at(-1)?.reason, "somebody typed");
  const scene = idle();
  equal(scene.tracker.typed(scene.nowUs, true, false, { byKm: true })?.reason, "km typed a command");
});

Deno.test("StateTracker calls a user's program idle once it is quiet", () => {
  const scene = new Scene("aider").draw(["> "]).pass(QUIET_US / MS - 100);
  equal(scene.tracker.state, "starting");
  deepEqual([scene.pass(200).tracker.state, scene.changes.at(-1)?.source], ["idle", "quiet"]);
});

Deno.test("StateTracker never calls a quiet program idle whose quiet means that it runs", () => {
  const scene = new Scene("own").draw(["Press Enter to delete everything"]).pass(60_000);
  deepEqual([scene.tracker.state, scene.foreground(true).tracker.state], ["running", "running"]);
  equal(scene.draw(["$ "]).pass(1000).tracker.state, "idle");
});

Deno.test("StateTracker calls a shell idle at its prompt, and not while a program is quiet", () => {
  const scene = new Scene("shell").draw(["$ "]).pass(1000);
  equal(scene.tracker.state, "idle");
  equal(scene.type().draw(["$ sleep 100", ""]).pass(60_000).tracker.state, "running");
  equal(scene.draw(["$ sleep 100", "me@here:~$ "]).pass(1000).tracker.state, "idle");
});

Deno.test("StateTracker calls a quiet shell with another prompt idle when it is in the foreground", () => {
  const scene = new Scene("shell").draw(["~/project ▶"]).pass(5000);
  equal(scene.tracker.state, "starting");
  equal(scene.foreground(true).tracker.state, "idle");
  equal(scene.type().draw(["sleep"]).foreground(false).pass(60_000).tracker.state, "running");
});

for (const name of ["shell", "own"]) {
  Deno.test(`StateTracker leaves ${name} idle while somebody types a line, though the prompt looks like none then`, () => {
    const scene = new Scene(name).draw(["$ "]).pass(1000);
    scene.type(false).draw(["$ x"]);
    for (let ms = 0; ms < 5000; ms += 100) scene.pass(100).look();
    deepEqual([scene.tracker.state, scene.tracker.mayType], ["idle", false]);
    equal(scene.type().draw(["$ xterm", "usage"]).pass(500).tracker.state, "running");
  });
}

Deno.test("StateTracker takes no answer of before about what is in a shell's foreground", () => {
  const scene = new Scene("shell").draw(["~/project ▶"]).pass(5000).foreground(true);
  equal(
    scene.type().draw(["~/project ▶ sleep"]).pass(500).foreground(true).pass(60_000).tracker.state,
    "running",
  );
  equal(scene.foreground(false).tracker.state, "running");
  equal(scene.foreground(true).tracker.state, "idle");
  scene.draw(["~/project ▶ sleep", "something"]).pass(60_000);
  equal(scene.tracker.state, "running");
});

for (
  const [rows, state] of [
    [["Password: "], "waiting_input"],
    [["Are you sure you want to continue connecting (yes/no/[fingerprint])? "], "waiting_input"],
    [["Do you want to continue? [Y/n] "], "waiting_input"],
    [["50% done"], "starting"],
  ] as const
) {
  Deno.test(`StateTracker takes ${rows[0]} in a shell for ${state}`, () => {
    equal(new Scene("shell").draw(rows).pass(1500).tracker.state, state);
  });
}

Deno.test("StateTracker follows the marks of a shell", () => {
  const mark = (letter: "A" | "C", exitCode = null) => ({ kind: "prompt", mark: letter, exitCode }) as const;
  const scene = new Scene("shell").signal(mark("A")).signal(mark("C")).signal(mark("A"));
  deepEqual(scene.states, ["starting", "idle", "running", "idle"]);
});

Deno.test("StateTracker says nothing any more after the end", () => {
  const scene = idle();
  scene.tracker.exited({ code: null, signal: "SIGKILL" }, scene.nowUs);
  const after = scene.changes.length;
  scene.type().draw(APPROVAL).hook("Stop").pass(10_000);
  deepEqual([scene.tracker.state, scene.changes.length, scene.tracker.nextLookUs], ["exited", after, null]);
});

Deno.test("StateTracker does not mind a screen that it does not know for less than a second", () => {
  const scene = idle().draw(STRANGE);
  for (let at = 0; at < 9; at++) scene.look().pass(100);
  scene.draw(IDLE).pass(3000);
  deepEqual(scene.states, ["starting", "idle"]);
});

Deno.test("StateTracker does not believe an agent's first prompt at once", () => {
  equal(new Scene().draw(IDLE).look().pass(400).look().tracker.state, "starting");
});

Deno.test("StateTracker does not flicker: frames that are half drawn change nothing", () => {
  verifies("session-hysteresis");
  const seed = freshSeed();
  const random = seededRandom(seed);
  for (let run = 0; run < 200; run++) {
    const scene = idle();
    const story = [APPROVAL, WORKING, IDLE, APPROVAL, IDLE];
    for (const rows of story) {
      scene.draw(rows);
      for (let frame = 0; frame < 20; frame++) {
        // Every true screen stands for 400 ms at least, every broken frame for 100 ms at most.
        scene.draw(halfDrawn(rows, random)).look().pass(random() * 100).look();
        scene.draw(rows).look().pass(400 + random() * 200);
      }
    }
    const expected = ["waiting_approval", "running", "idle", "waiting_approval", "idle"];
    deepEqual(scene.states, ["starting", "idle", ...expected], `seed ${seed}, run ${run}`);
  }
});

/** What is there between clearing a screen and having drawn it, or another screen's leftover. */
function halfDrawn(rows: readonly string[], random: () => number): string[] {
  const other = [IDLE, WORKING, APPROVAL, STRANGE][Math.floor(random() * 4)] ?? [];
  const cut = Math.floor(random() * (rows.length + 1));
  return random() < 0.5 ? rows.slice(0, cut) : [...rows.slice(0, cut), ...other.slice(cut)];
}

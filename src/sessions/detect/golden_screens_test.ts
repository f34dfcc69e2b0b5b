/** Recorded screens of the real agents (`scripts/record_screens.ts`), played through the terminal into the tracker. @module */
import { verifies } from "../../../tests/verifies.ts";
import { deepEqual, equal, ok } from "node:assert/strict";
import type { SessionState, StateChange } from "../../core/session.ts";
import { loadProviders } from "../providers/providers.ts";
import type { Provider } from "../providers/provider.ts";
import { TerminalState } from "../terminal/terminal_state.ts";
import { ScreenMatcher } from "./screen_match.ts";
import { StateTracker } from "./state_tracker.ts";

const SCREENS = new URL("../../../tests/fixtures/screens/", import.meta.url);

/** What each recording shows at its end, by the id of the rule for it, and all states on the way there. */
const EXPECTED: Readonly<Record<string, readonly [string | null, ...SessionState[]]>> = {
  "claude-2.1.197/offline": [null, "starting", "exited"],
  "claude-2.1.197/trust": ["trust", "starting", "waiting_input"],
  "claude-2.1.197/idle_signed_out": [
    "not-signed-in",
    "starting",
    "waiting_input",
    "running",
    "auth_required",
  ],
  "claude-2.1.197/prompt_signed_out": [
    "not-signed-in",
    "starting",
    "auth_required",
    "running",
    "auth_required",
  ],
  "claude-2.1.197/login": ["sign-in", "starting", "auth_required", "running", "auth_required"],
  "claude-2.1.197/bypass": ["bypass", "starting", "waiting_input"],
  "claude-2.1.197/api_key": ["api-key", "starting", "waiting_input"],
  "claude-2.1.197/idle": ["idle", "starting", "idle", "running", "idle"],
  "claude-2.1.197/working": ["working", "starting", "idle", "running"],
  "claude-2.1.197/approval_run": ["approval", "starting", "idle", "running", "waiting_approval"],
  "claude-2.1.197/approval_edit": ["approval", "starting", "idle", "running", "waiting_approval"],
  "codex-0.169.0/sign_in": ["sign-in", "starting", "auth_required"],
  "codex-0.169.0/idle": ["idle", "starting", "idle"],
  "codex-0.169.0/answered": ["idle", "starting", "idle", "running", "idle"],
  "codex-0.169.0/working": ["working", "starting", "idle", "running"],
  "codex-0.169.0/approval_run": ["approval", "starting", "idle", "running", "waiting_approval"],
  "gemini-0.61.0/trust": ["trust", "starting", "waiting_input"],
  "gemini-0.61.0/sign_in": ["sign-in", "starting", "auth_required"],
  "gemini-0.61.0/idle": ["idle", "starting", "idle"],
  "gemini-0.61.0/working": ["working", "starting", "idle", "running"],
  "gemini-0.61.0/approval_run": ["approval", "starting", "idle", "running", "waiting_approval"],
};

interface Played {
  readonly changes: readonly StateChange[];
  readonly rows: readonly string[];
}

/** Plays a cast with its own times, and then a while of nothing. `hears`: signals reach the tracker. */
async function play(name: string, provider: Provider, hears = true): Promise<Played> {
  const lines = (await Deno.readTextFile(new URL(`${name}.cast`, SCREENS))).trim().split("\n");
  const { term } = JSON.parse(lines[0] ?? "");
  let nowUs = 1_000_000;
  const tracker = new StateTracker({ provider, nowUs, hasHooks: false });
  const changes: StateChange[] = [];
  const note = (change: StateChange | null) => void (change !== null && changes.push(change));
  using terminal = new TerminalState({
    size: { cols: term.cols, rows: term.rows },
    answer: () => {},
    signal: (signal) => void (hears && note(tracker.signal(signal, nowUs))),
  });
  const passUntil = (endUs: number) => {
    for (let at = tracker.nextLookUs; at !== null && at <= endUs; at = tracker.nextLookUs) {
      nowUs = Math.max(nowUs, at);
      note(tracker.screen(terminal.screenText(), nowUs, terminal.cursor));
    }
    nowUs = endUs;
  };
  note(tracker.started(nowUs));
  for (const line of lines.slice(1)) {
    const [seconds, kind, data]: [number, string, string] = JSON.parse(line);
    passUntil(nowUs + seconds * 1e6);
    if (kind === "o") {
      terminal.write(new TextEncoder().encode(data));
      note(tracker.output(nowUs));
    }
    if (kind === "x") note(tracker.exited({ code: Number(data), signal: null }, nowUs));
    if (kind === "i") note(tracker.typed(nowUs, data.endsWith("\r")));
  }
  passUntil(nowUs + 1_500_000);
  return { changes, rows: terminal.screenText() };
}

/** Agents work while they start, and show it or not, as fast as they are: no business of these tests. */
function withoutStartUp(changes: readonly StateChange[]): SessionState[] {
  const states = changes.map(({ state }) => state);
  return states.filter((state, at) => !(at === 1 && state === "running"));
}

const { providers } = loadProviders(undefined);

function providerOf(name: string): Provider {
  const provider = providers.get(name.split("-")[0] ?? "");
  ok(provider);
  return provider;
}

for (const [name, [rule, ...states]] of Object.entries(EXPECTED)) {
  Deno.test(`StateTracker tells the story of ${name}`, async () => {
    verifies("session-golden-screens");
    const { changes } = await play(name, providerOf(name));
    deepEqual(withoutStartUp(changes), states);
  });

  Deno.test(`StateTracker tells the story of ${name} without a word of the agent`, async () => {
    const { changes } = await play(name, providerOf(name), false);
    deepEqual(withoutStartUp(changes), states);
  });

  Deno.test(`ScreenMatcher knows what ${name} shows`, async () => {
    const { rows } = await play(name, providerOf(name));
    const match = new ScreenMatcher(providerOf(name).screens).match(rows, null);
    equal(match?.rule.id ?? null, rule);
  });

  Deno.test(`TerminalState shows ${name} as the terminal did that recorded it`, async () => {
    const { rows } = await play(name, providerOf(name));
    const recorded = await Deno.readTextFile(new URL(`${name}.txt`, SCREENS));
    const trimmed = (text: string) => text.split("\n").map((row) => row.trimEnd()).join("\n").trimEnd();
    equal(trimmed(rows.join("\n")), trimmed(recorded));
  });
}

Deno.test("every recorded screen is expected to mean something", async () => {
  const found: string[] = [];
  for await (const folder of Deno.readDir(SCREENS)) {
    for await (const file of Deno.readDir(new URL(`${folder.name}/`, SCREENS))) {
      if (file.name.endsWith(".cast")) found.push(`${folder.name}/${file.name.replace(".cast", "")}`);
    }
  }
  deepEqual(found.sort(), Object.keys(EXPECTED).sort());
});

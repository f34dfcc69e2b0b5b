import { deepEqual, equal } from "node:assert/strict";
import { SESSION_STATES, type SessionState } from "../../core/session.ts";
import { inOrder, lookOf, outcomeOf, type SessionBody, wantsAttention } from "./session_states.ts";
import { testingSession } from "./testing_session.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");

Deno.test("inOrder() puts who waits first, the longest wait before the others", () => {
  const groups = inOrder([
    of(1, "running"),
    of(2, "waiting_input", { stateSince: "2026-11-22T11:59:00Z" }),
    of(3, "idle"),
    of(4, "waiting_approval", { stateSince: "2026-11-22T11:00:00Z" }),
    of(5, "exited", { endedAt: "2026-11-22T10:00:00Z" }),
    of(6, "lost", { endedAt: "2026-11-22T11:00:00Z" }),
    of(7, "starting"),
    of(8, "auth_required", { stateSince: "2026-11-22T11:30:00Z" }),
  ]);
  const numbers = [...groups].map(([group, sessions]) => [group, sessions.map(({ number }) => number)]);
  deepEqual(numbers, [["waiting", [4, 8, 2]], ["running", [7, 1]], ["idle", [3]], ["ended", [6, 5]]]);
});

Deno.test("lookOf() says every state in words and by a sign, not by colour alone", () => {
  const looks = SESSION_STATES.map(lookOf);
  equal(new Set(looks.map(({ label }) => label)).size, SESSION_STATES.length);
  equal(new Set(looks.map(({ sign }) => sign)).size, SESSION_STATES.length);
});

Deno.test("wantsAttention() counts what waits or ended lately, until it is seen", () => {
  const ended = { endedAt: "2026-11-22T11:00:00Z" };
  equal(wantsAttention(of(1, "waiting_input", { seen: false }), NOW), true);
  equal(wantsAttention(of(1, "waiting_input", { seen: true }), NOW), false);
  equal(wantsAttention(of(1, "idle", { seen: false }), NOW), false);
  equal(wantsAttention(of(1, "exited", { seen: false, ...ended }), NOW), true);
  equal(wantsAttention(of(1, "exited", { seen: false, endedAt: "2026-11-20T11:00:00Z" }), NOW), false);
});

Deno.test("outcomeOf() tells the signal, else the code, and nothing of what runs", () => {
  equal(outcomeOf({ state: "exited", exitCode: 3, exitSignal: null }), "exit code 3");
  equal(outcomeOf({ state: "exited", exitCode: null, exitSignal: "SIGTERM" }), "SIGTERM");
  equal(outcomeOf({ state: "lost", exitCode: null, exitSignal: null }), null);
  equal(outcomeOf({ state: "running", exitCode: null, exitSignal: null }), null);
});

function of(number: number, state: SessionState, more: Partial<SessionBody> = {}): SessionBody {
  return testingSession({ number, state, ...more });
}

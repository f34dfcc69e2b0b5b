import { deepEqual, equal } from "node:assert/strict";
import { noticeOf } from "./notices.ts";
import { testingSession } from "./testing_session.ts";

Deno.test("noticeOf() tells that a session starts to wait, once", () => {
  const waits = testingSession({ state: "waiting_approval", stateReason: "asks: proceed?" });
  deepEqual(noticeOf("running", waits, false), {
    title: "claude-1 waits for approval",
    body: "asks: proceed?",
  });
  equal(noticeOf("waiting_approval", waits, false), null, "it waits already");
});

Deno.test("noticeOf() says nothing of what is seen, and of what was so when the page came", () => {
  const waits = testingSession({ state: "waiting_input" });
  equal(noticeOf("running", waits, true), null);
  equal(noticeOf(undefined, waits, false), null);
});

Deno.test("noticeOf() tells an end with its code, and nothing of work", () => {
  const ended = testingSession({ state: "exited", exitCode: 1 });
  deepEqual(noticeOf("running", ended, false), { title: "claude-1 has ended", body: "exit code 1" });
  equal(noticeOf("idle", testingSession({ state: "running" }), false), null);
});

Deno.test("noticeOf() shows what a program wrote without what cannot be seen", () => {
  const waits = testingSession({ state: "waiting_input", stateReason: "asks: \u202egnp.exe" });
  equal(noticeOf("running", waits, false)?.body, "asks: \\u{202e}gnp.exe");
});

import assert from "node:assert/strict";
import { addRemoved, describeRemoved, NOTHING_REMOVED } from "./removed.ts";

Deno.test("describeRemoved() names what went, and only that", () => {
  assert.equal(describeRemoved(NOTHING_REMOVED, "event"), "0 events");
  assert.equal(describeRemoved({ deleted: 1, tasks: 2 }, "message"), "1 message and 2 tasks");
  assert.equal(
    describeRemoved({ deleted: 1000, sessions: 1, tasks: 1 }, "event"),
    "1,000 events, 1 session and 1 task",
  );
});

Deno.test("addRemoved() leaves out what there was none of", () => {
  const step = { deleted: 2, sessions: 1 };
  assert.deepEqual(addRemoved(NOTHING_REMOVED, { deleted: 1 }), { deleted: 1 });
  assert.deepEqual(addRemoved(step, step), { deleted: 4, sessions: 2 });
  assert.deepEqual(addRemoved(step, { deleted: 0, tasks: 3 }), { deleted: 2, sessions: 1, tasks: 3 });
});

import assert from "node:assert/strict";
import type { TaskChanges } from "../../store/task_rows.ts";
import { ChangeQueue } from "./change_queue.ts";

Deno.test("ChangeQueue stores changes in order, and together what comes meanwhile", async () => {
  const stored: TaskChanges[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const queue = new ChangeQueue(async (changes) => {
    stored.push(changes);
    await gates[stored.length - 1]?.promise;
  });
  queue.add({ reason: "one" });
  queue.add({ reason: "two", sessionId: "id" });
  queue.add({ reason: "three" });
  assert.deepEqual(stored, [{ reason: "one" }]);
  gates.forEach(({ resolve }) => resolve());
  await queue.idle;
  assert.deepEqual(stored, [{ reason: "one" }, { reason: "three", sessionId: "id" }]);
});

Deno.test("ChangeQueue.end() settles when the last change under way is stored, hands back what waits, and takes nothing more", async () => {
  const stored: TaskChanges[] = [];
  const gate = Promise.withResolvers<void>();
  const queue = new ChangeQueue(async (changes) => {
    await gate.promise;
    stored.push(changes);
  });
  queue.add({ reason: "old" });
  queue.add({ conversationId: "c" });
  const ended = queue.end();
  queue.add({ reason: "too late" });
  gate.resolve();
  assert.deepEqual(await ended, { conversationId: "c" });
  assert.deepEqual(stored, [{ reason: "old" }]);
});

/** A process of its own that writes of a session until it is killed: `testing_session_writer.ts <database> <session id>`. Not part of the program. @module */
import { openDatabase } from "./database.ts";
import { enqueueCommand, updateCommand } from "./session_commands.ts";
import { appendOutput } from "./session_output.ts";
import { appendStateChange, updateSession } from "./session_writer.ts";
import { appendTaskEvents, insertTask } from "./task_store.ts";
import { NOON_US, randomFrom } from "./testing.ts";
import { makeTask, outputFrame } from "./testing_session.ts";

if (import.meta.main) {
  const [path = "", id = ""] = Deno.args;
  using db = openDatabase(path, { mode: "write", busyTimeoutMs: 5000 });
  const random = randomFrom(Deno.pid);
  const task = insertTask(db, makeTask({ state: "running" }));
  let seq = 0;
  for (let i = 0;; i++) {
    const bytes = Uint8Array.from({ length: 30_000 }, () => random() * 256);
    appendOutput(db, id, { firstSeq: seq, frames: [outputFrame(bytes)] });
    seq += bytes.length;
    updateSession(db, id, { seq });
    appendStateChange(db, id, {
      state: i % 2 ? "idle" : "running",
      reason: "",
      source: "screen",
      timeUs: NOON_US,
    });
    enqueueCommand(db, id, { id: `${i}`, text: "go", by: "u", queuedUs: NOON_US });
    if (i % 2) updateCommand(db, id, `${i}`, { state: "delivered" });
    appendTaskEvents(db, task.id, [{ timeUs: NOON_US, kind: "output", text: `${i}` }]);
    Deno.stdout.writeSync(Uint8Array.of(46));
  }
}

/** A sessions thread that dies of the output "die now", for tests: no program is known to make the real one die. Not part of the program. @module */
import { SessionsDesk } from "./sessions_desk.ts";
import type { ToThread } from "./thread_messages.ts";

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToThread>) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope; // as: this module runs only as a worker
const desk = new SessionsDesk({ post: (message) => scope.postMessage(message) });
scope.onmessage = ({ data }) => {
  desk.handle(data);
  if (isDeadly(data)) throw new Error("broken on purpose");
};

function isDeadly(message: unknown): boolean {
  if (message instanceof Uint8Array) return new TextDecoder().decode(message).includes("die now");
  return typeof message === "object" && message !== null && Object.values(message).some(isDeadly);
}

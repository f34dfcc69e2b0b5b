/** Runs in the sessions thread. @module */
import { SessionsDesk } from "./sessions_desk.ts";
import type { ToThread } from "./thread_messages.ts";

/** What a worker's global has, which the types of a window lack. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToThread>) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope; // as: this module runs only as a worker
const desk = new SessionsDesk({ post: (message) => scope.postMessage(message) });
scope.onmessage = ({ data }) => desk.handle(data);

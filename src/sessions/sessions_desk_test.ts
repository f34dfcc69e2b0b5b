import assert from "node:assert/strict";
import type { Session } from "../core/session.ts";
import { loadProviders } from "./providers/providers.ts";
import type { Provider } from "./providers/provider.ts";
import { SessionsDesk } from "./sessions_desk.ts";
import type { FromThread, Opening } from "./thread_messages.ts";

const PROVIDER = loadProviders({}).providers.get("shell") as Provider; // as: it is built in

function opening(number: number, changes: Partial<Opening>): Opening {
  const session = { id: `id ${number}`, number, size: { cols: 80, rows: 24 } } as Session; // as: what a terminal needs
  return { session, provider: PROVIDER, hooksFile: null, fromSeq: 0, ...changes };
}

Deno.test("SessionsDesk.handle() says what is wrong with one session, once, and goes on with the others", () => {
  const told: FromThread[] = [];
  const desk = new SessionsDesk({ post: (message) => told.push(message) });
  const broken = null as unknown as Provider; // as: nothing that is known to be wrong gets as far as here
  desk.handle({ kind: "start", opening: opening(1, { provider: broken }) });
  desk.handle({ kind: "start", opening: opening(2, {}) });
  const bytes = null as unknown as Uint8Array<ArrayBuffer>; // as above
  const good = new TextEncoder().encode("good");
  const output = (number: number, bytes: Uint8Array<ArrayBuffer>) =>
    ({ kind: "output", number, seq: 0, bytes, timeUs: 0 }) as const;
  desk.handle({ kind: "gathered", messages: [output(2, bytes), output(2, bytes), output(2, good)] });
  desk.handle({ kind: "exit", number: 2, exit: { code: 3, signal: null } });
  const lines = told.flatMap((message) => message.kind === "log" ? [message.line] : []);
  assert.equal(lines.length, 2, lines.join("\n"));
  for (const line of lines) assert.match(line, /^the sessions thread goes on after an error: TypeError/);
  assert(told.some((message) => message.kind === "state" && message.change.state === "exited"));
  desk.handle({ kind: "stop" });
});

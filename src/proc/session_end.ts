/** Ending all processes of a session, by harder and harder means. @module */
import { KmError } from "../core/error.ts";
import { sessionMembers } from "./session_members.ts";

export interface EndOptions {
  /** What is sent to each process, and if some are left, what is sent then; the last one has SIGKILL. */
  readonly rounds: readonly (readonly Deno.Signal[])[];
  /** How long a round waits before the next one, in ms. */
  readonly graceMs: number;
  /** How long the last one waits, in ms. */
  readonly killMs?: number;
  /** After which it is looked at once whether somebody is left. */
  readonly leaderEnd?: Promise<unknown>;
  /** Who is in the session. */
  readonly look?: (sid: number) => Promise<readonly number[]>;
}

/** How often it is looked whether somebody is left, in ms. */
const LOOK_MS = 20;
/** How long SIGKILL may take, in ms: who waits in the kernel, for a disk that does not answer, ends when that does, if ever. */
const KILL_MS = 5000;

/** Signals all of session `sid` until none is left; returns who is left nevertheless. */
export async function endMembers(sid: number, options: EndOptions): Promise<readonly number[]> {
  const { rounds, graceMs, killMs = KILL_MS, leaderEnd, look = sessionMembers } = options;
  let isGone = leaderEnd === undefined;
  void leaderEnd?.then(() => isGone = true, () => {}); // Why it failed is told to who waits for it.
  let members: readonly number[] = [];
  for (const [index, signals] of rounds.entries()) {
    members = await look(sid);
    for (const member of members) for (const signal of signals) kill(member, signal);
    const deadlineMs = performance.now() + (index === rounds.length - 1 ? killMs : graceMs);
    while (members.length > 0 && performance.now() < deadlineMs) {
      await delay(LOOK_MS, isGone ? null : leaderEnd ?? null);
      members = await look(sid);
    }
    if (members.length === 0) break;
  }
  return members;
}

/** What those are told who wait for the end of a program that has none. */
export function cannotEnd(pid: number): KmError {
  return new KmError("busy", `Cannot end the program: process ${pid} was killed, and waits in the kernel`, {
    hint: "it ends when the disk or device answers that it waits for",
  });
}

/** Waits `ms`, or until `sooner`. */
async function delay(ms: number, sooner: Promise<unknown> | null): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await (sooner ? Promise.race([promise, sooner]) : promise);
  clearTimeout(timer);
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

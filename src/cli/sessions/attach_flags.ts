/** Flags of the commands that show a session, and how its end is told. @module */
import { constants } from "node:os";
import type { SessionBody } from "../../client/session_socket.ts";
import type { Flag } from "../command.ts";
import { writeError } from "../terminal.ts";
import { wantsColor } from "../terminal.ts";
import { painter } from "../../core/paint.ts";
import { printable } from "../../core/printable.ts";
import { KmError } from "../../core/error.ts";
import type { AttachEnd } from "./attach_session.ts";
import { DEFAULT_DETACH_KEYS, describeKeys, parseDetachKeys } from "./detach_keys.ts";

export const ATTACH_FLAGS = [
  { name: "read-only", type: "boolean", help: "Look, and type nothing" },
  {
    name: "take-size",
    type: "boolean",
    help: "Make the session as large as this terminal, also when somebody else decides on its size",
  },
  {
    name: "detach-keys",
    type: "string",
    default: DEFAULT_DETACH_KEYS,
    placeholder: "keys",
    help: "Keys that leave the session and let it run, with commas between",
  },
  {
    name: "clipboard",
    type: "boolean",
    help: "Let the program put text into the clipboard (OSC 52); it can never read it",
  },
] as const satisfies readonly Flag[];

/** What is shown is drawn over it at once: it is for who scrolls back, and while a slow program starts. */
export function tellAttached(session: SessionBody, detachKeys: string): void {
  const paint = painter(wantsColor(Deno.stderr));
  const keys = describeKeys(parseDetachKeys(detachKeys));
  const { number, name, fullAccess, provider } = session;
  writeError(paint("dim", `km: session ${number} (${printable(name)}); ${keys} detaches`) + "\n");
  if (!fullAccess) return;
  writeError(
    paint(
      "red",
      `km: full access: ${printable(provider)} asks nobody before it runs commands or changes files`,
    ) +
      "\n",
  );
}

/** Tells why the session is not shown any more; returns the exit code. @throws {KmError} when it was lost */
export function tellEnd(end: AttachEnd, session: SessionBody): number {
  const { number } = session;
  switch (end.kind) {
    case "ended":
      writeError(`km: session ${number} ended: ${howEnded(end.session)}\n`);
      return exitCodeOf(end.session);
    case "detached": {
      const by = end.by === undefined ? "" : ` by "${printable(end.by)}"`;
      writeError(
        `km: detached${by} from session ${number}, which goes on; "km sessions attach ${number}" comes back\n`,
      );
      return 0;
    }
    case "signal":
      return end.exitCode;
    case "lost":
      throw new KmError("session_ended", `Cannot show session ${number} any longer: ${end.reason}`, {
        hint: `"km sessions list" says what became of it`,
      });
  }
}

/** `exit code 0`, `SIGTERM`. */
export function howEnded({ exitCode, exitSignal, state }: SessionBody): string {
  if (state === "lost") return "lost, for km serve ended";
  return exitSignal ?? `exit code ${exitCode ?? "unknown"}`;
}

/** As a shell says it: 128 and the number for who died by a signal. */
export function exitCodeOf({ exitCode, exitSignal, state }: SessionBody): number {
  if (exitSignal === null) return exitCode ?? (state === "lost" ? 1 : 0);
  const number = Object.entries(constants.signals).find(([name]) => name === exitSignal)?.[1] ?? 0;
  return 128 + number;
}

/** What a client asks for over a WebSocket of sessions: its words, checked. @module */
import { z } from "zod";
import { COMMAND_ID, MAX_COLS, MAX_ROWS } from "../../core/session.ts";
import type { SessionMessage } from "../../core/session_wire.ts";
import { ApiError } from "../errors.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { Caller } from "../../sessions/start_options.ts";
import type { Answer, ClientMemory } from "./client_memory.ts";
import { commandBody } from "./session_bodies.ts";
import { SIGNALS } from "./signal_names.ts";

const size = { cols: z.number().int().min(2).max(MAX_COLS), rows: z.number().int().min(1).max(MAX_ROWS) };
/** Longest command, in characters. */
export const MAX_COMMAND_CHARS = 256 * 1024;
/** What a command is called by who sends it. */
export const commandId: z.ZodString = z.string().regex(
  COMMAND_ID,
  "1 to 64 printable ASCII characters without blanks",
);

const Command = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("attach"),
    since: z.number().int().min(0).nullish(),
    write: z.boolean().default(false),
    format: z.enum(["binary", "json"]).default("binary"),
    cols: size.cols.optional(),
    rows: size.rows.optional(),
  }).transform(({ cols, rows, since, ...rest }) => ({
    ...rest,
    since: since ?? null,
    size: cols !== undefined && rows !== undefined ? { cols, rows } : null,
  })),
  z.object({ action: z.literal("detach") }),
  z.object({ action: z.literal("watch") }),
  z.object({
    action: z.literal("send"),
    text: z.string().min(1).max(MAX_COMMAND_CHARS),
    id: commandId.optional(),
  }),
  z.object({ action: z.literal("input"), keys: z.string().min(1).max(MAX_COMMAND_CHARS) }),
  z.object({ action: z.literal("cancel"), id: commandId }),
  z.object({ action: z.literal("resize"), ...size, take: z.boolean().default(false) })
    .transform(({ cols, rows, take }) => ({ action: "resize" as const, size: { cols, rows }, takes: take })),
  z.object({ action: z.literal("signal"), signal: z.enum(SIGNALS) }),
]);
export type SocketCommand = z.infer<typeof Command>;

/** @throws {ApiError} 400 */
export function parseCommand(message: SessionMessage): SocketCommand {
  const data = message.type === "cancel" ? { action: "cancel", ...message.data } : message.data;
  const parsed = Command.safeParse(data ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ApiError(400, "invalid", `This command is not understood: ${issue?.path.join(".") || "data"}`, {
    hint: issue?.message ?? "see the OpenAPI document",
  });
}

/** What a command works with. */
export interface CommandContext {
  readonly sessions: Sessions;
  readonly memory: ClientMemory;
  readonly caller: Caller;
  readonly sessionId: string;
  readonly messageId: string | undefined;
}

/** Commands that change something. */
type Change = Extract<SocketCommand, { action: "send" | "input" | "cancel" | "signal" }>;

/** Does what a client that may write asks for; sent again with the same id, it is done once. @throws {KmError} as `Sessions`; {ApiError} 400 */
export async function runCommand(command: Change, context: CommandContext): Promise<Answer> {
  const { sessions, memory, caller, sessionId, messageId } = context;
  switch (command.action) {
    case "send": {
      // Remembered by the store, for as long as the session is.
      const id = command.id ?? messageId;
      if (id === undefined || !commandId.safeParse(id).success) throw noId();
      const sent = await sessions.send(sessionId, { id, text: command.text }, caller);
      return { event: "command", command: commandBody(sent) };
    }
    case "input":
      if (messageId === undefined) throw noId();
      return await memory.once(messageId, async () => {
        await sessions.input(sessionId, new TextEncoder().encode(command.keys));
        return { event: "typed" };
      });
    case "cancel":
      return await memory.once(messageId, async () => {
        const isCancelled = await sessions.cancelCommand(sessionId, command.id, caller);
        return { event: "cancelled", id: command.id, cancelled: isCancelled };
      });
    case "signal":
      return await memory.once(messageId, async () => {
        await sessions.signal(sessionId, command.signal, caller);
        return { event: "signalled" };
      });
  }
}

function noId(): ApiError {
  return new ApiError(400, "invalid", 'This needs a "message_id", or an "id" in its data', {
    field: "message_id",
    hint: "1 to 64 printable ASCII characters; sent again with the same, it is done once",
  });
}

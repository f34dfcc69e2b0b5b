/** What a client asks for over a WebSocket of sessions: its words, checked. @module */
import { z } from "zod";
import { MAX_COLS, MAX_ROWS } from "../../core/session.ts";
import type { SessionMessage } from "../../core/session_wire.ts";
import { ApiError } from "../errors.ts";
import { SIGNALS } from "./signal_names.ts";

const size = { cols: z.number().int().min(2).max(MAX_COLS), rows: z.number().int().min(1).max(MAX_ROWS) };
/** Longest command, in characters. */
export const MAX_COMMAND_CHARS = 256 * 1024;
const commandId = z.string().regex(/^[\x21-\x7e]{1,64}$/);

const Command = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("attach"),
    since: z.number().int().min(0).nullish(),
    write: z.boolean().default(false),
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

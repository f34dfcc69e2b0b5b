/**
 * Claude Code's hooks: the settings that make it append a line of JSON to a file for each, and what such a line means. Hooks say things
 * that no screen does, but they begin only after the trust dialog, are silent about interrupts, and may be lost: they are one layer of three.
 * @module
 */
import { printableStart } from "../../core/printable.ts";
import type { SessionState } from "../../core/session.ts";

/** What a hook said. */
export interface HookEvent {
  readonly name: string;
  /** What it says of the state; null: nothing. */
  readonly state: SessionState | null;
  /** One printable line. */
  readonly reason: string;
  /** The agent's own id of the conversation; null: not said. */
  readonly conversationId: string | null;
}

/** Hooks of which the whole input is kept: it is short, and says more than the name. */
const WHOLE = ["SessionStart", "Notification", "StopFailure"];
/** Of these only the name is written: the input has prompts, tools' input and output in it, which are nobody's business here. */
const NAME_ONLY = ["UserPromptSubmit", "PreToolUse", "PostToolUse", "PermissionRequest", "Stop"];

const MAX_REASON_CHARS = 200;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a settings file for `--settings` holds whose hooks append to `filePath`, an absolute path. */
export function hookSettings(filePath: string): Readonly<Record<string, unknown>> {
  const file = shellQuoted(filePath);
  // One printf is one write: lines of hooks that run at the same time do not mix.
  const whole = `line=$(tr -d '\\r\\n'); printf '%s\\n' "$line" >> ${file}`;
  const nameOnly = (name: string) =>
    `cat >/dev/null; printf '%s\\n' '{"hook_event_name":"${name}"}' >> ${file}`;
  const entries = [
    ...WHOLE.map((name) => [name, hookOf(whole)]),
    ...NAME_ONLY.map((name) => [name, hookOf(nameOnly(name))]),
  ];
  return { hooks: Object.fromEntries(entries) };
}

function hookOf(command: string): unknown {
  return [{ hooks: [{ type: "command", command, timeout: 5 }] }];
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What a line of the file says; null: nothing that km knows. */
export function parseHookLine(line: string): HookEvent | null {
  const input = objectOf(line);
  const name = input?.["hook_event_name"];
  if (input === null || typeof name !== "string") return null;
  const meaning = meaningOf(name, input);
  if (meaning === null) return null;
  const id = input["session_id"];
  return {
    name,
    state: meaning.state,
    reason: printableStart(meaning.reason, MAX_REASON_CHARS),
    conversationId: typeof id === "string" && UUID.test(id) ? id : null,
  };
}

function objectOf(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    // As: an object, by the question before it.
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : null;
  } catch {
    return null; // Half a line, or somebody else's.
  }
}

interface Meaning {
  readonly state: SessionState | null;
  readonly reason: string;
}

function meaningOf(name: string, input: Record<string, unknown>): Meaning | null {
  switch (name) {
    case "SessionStart":
      return { state: null, reason: "began a conversation" };
    case "UserPromptSubmit":
      return { state: "running", reason: "took a prompt" };
    case "PreToolUse":
      return { state: "running", reason: "uses a tool" };
    case "PostToolUse":
      return { state: "running", reason: "used a tool" };
    case "PermissionRequest":
      return { state: "waiting_approval", reason: "asks for approval" };
    case "Stop":
      return { state: "idle", reason: "finished its turn" };
    case "StopFailure":
      return failureOf(input);
    case "Notification":
      return notificationOf(input);
    default:
      return null;
  }
}

function failureOf(input: Record<string, unknown>): Meaning {
  const error = textOf(input["error"]) || textOf(input["error_details"]) || "an error";
  return error === "authentication_failed"
    ? { state: "auth_required", reason: "its turn failed: not signed in" }
    : { state: "idle", reason: `its turn failed: ${error}` };
}

function notificationOf(input: Record<string, unknown>): Meaning {
  const [kind, message] = [textOf(input["notification_type"]), textOf(input["message"])];
  if (kind === "permission_prompt" || /needs your (?:permission|approval)/i.test(message)) {
    return { state: "waiting_approval", reason: `asks for approval: "${message}"` };
  }
  if (kind === "elicitation_dialog") return { state: "waiting_input", reason: `asks: "${message}"` };
  // "Claude is waiting for your input" comes a minute after the end of a turn: by then the screen has said so.
  return { state: null, reason: message };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

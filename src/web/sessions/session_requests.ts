/** What the pages of sessions ask km. @module */
import { answer, api, type JsonResponse } from "../shell/api.ts";
import type { CommandBody, SessionBody, StateBody } from "../../client/session_socket.ts";

/** A kind of program that can be started. */
export interface ProviderChoice {
  readonly name: string;
  readonly title: string;
  /** It has flags that switch its safeguards off. */
  readonly hasFullAccess: boolean;
  readonly isInstalled: boolean;
}

export interface StartRequest {
  readonly provider: string;
  readonly name?: string;
  readonly cwd?: string;
  readonly args?: string[];
  readonly fullAccess?: boolean;
}

export interface SessionHistory {
  readonly states: readonly StateBody[];
  readonly commands: readonly CommandBody[];
}

/** Newest first, also those that ended. */
export async function askSessions(signal: AbortSignal): Promise<readonly SessionBody[]> {
  return (await answer(api.sessions.$get({ query: { limit: "200" } }, { init: { signal } }))).sessions;
}

/** For the socket; for reading where the user may not write. */
export async function askToken(access: "read" | "write"): Promise<string> {
  return (await answer(api.sessions.tokens.$post({ json: { access } }))).token;
}

export async function startSession(request: StartRequest): Promise<SessionBody> {
  return await answer(api.sessions.$post({ json: request }) as Promise<JsonResponse<SessionBody>>); // as: `answer` throws for every other status
}

export async function endSession(id: string): Promise<void> {
  await answer(api.sessions[":id"].$delete({ param: { id }, query: {} }) as Promise<JsonResponse<unknown>>); // as: see above
}

export async function removeSession(id: string): Promise<void> {
  await answer(
    api.sessions[":id"].$delete({ param: { id }, query: { remove: "true" } }) as Promise<
      JsonResponse<unknown>
    >, // as: see above
  );
}

/** Somebody has looked at it since it began to wait, or since it ended. */
export async function markSeen(id: string): Promise<void> {
  await request(`${id}/seen`, { method: "POST" });
}

/** Starts a session that goes on with the conversation of an ended one. */
export async function resumeSession(id: string, fullAccess: boolean): Promise<SessionBody> {
  return await request(`${id}/resume`, { method: "POST", body: { fullAccess } });
}

/** Commands oldest first, as states are. */
export async function askHistory(id: string, signal?: AbortSignal): Promise<SessionHistory> {
  const { states, commands } = await request<SessionHistory>(`${id}/history`, { ...(signal && { signal }) });
  return { states, commands: commands.toReversed() };
}

/** Typed in when the session is idle; the same `commandId` again is the same command. */
export async function sendCommand(id: string, text: string, commandId: string): Promise<CommandBody> {
  const { command } = await request<{ command: CommandBody }>(`${id}/input`, {
    method: "POST",
    body: { command: text, id: commandId },
  });
  return command;
}

/** Takes a command back that still waits. */
export async function cancelCommand(id: string, commandId: string): Promise<void> {
  await request(`${id}/commands/${encodeURIComponent(commandId)}`, { method: "DELETE" });
}

export async function sendSignal(id: string, signal: string): Promise<void> {
  await request(`${id}/signal`, { method: "POST", body: { signal } });
}

/** What the terminal shows and remembers, as text. */
export async function askText(id: string): Promise<string> {
  const { screen } = await request<{ screen: readonly string[] }>(
    `${id}/screen?format=text&scrollback=true`,
    {},
  );
  return `${screen.join("\n").trimEnd()}\n`;
}

/** Where a browser downloads the recording. */
export function recordingHref(id: string): string {
  return `/api/sessions/${encodeURIComponent(id)}/recording`;
}

/** What can be started. */
export async function askProviders(signal: AbortSignal): Promise<readonly ProviderChoice[]> {
  const { providers } = await answer(api.sessions.providers.$get({ query: {} }, { init: { signal } }));
  return providers.map(({ name, title, path, fullAccess }) => ({
    name,
    title,
    hasFullAccess: fullAccess,
    isInstalled: path !== null,
  }));
}

interface Request {
  readonly method?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

async function request<Body>(path: string, { method = "GET", body, signal }: Request): Promise<Body> {
  const response = fetch(`/api/sessions/${path}`, {
    method,
    ...(signal && { signal }),
    ...(method !== "GET" &&
      { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) }),
  });
  return await answer(response as Promise<JsonResponse<Body>>); // as: what the API says it answers
}

/** What a session was sent. @module */
import type { CommandBody } from "../../client/session_socket.ts";
import { answerOf } from "./api_answer.ts";
import type { DaemonClient } from "./daemon_client.ts";

/** Commands of one page: each may be 256 KiB long. */
const PAGE = "50";

/** All that is remembered, newest first, page by page. @throws {KmError} as the API */
export async function* readCommands({ client }: DaemonClient, id: string): AsyncGenerator<CommandBody> {
  for (let cursor: string | null = "";;) {
    const query = { kind: "commands" as const, limit: PAGE, ...(cursor !== "" && { cursor }) };
    const page: { commands: CommandBody[]; nextCursor: string | null } = await answerOf(
      client.api.sessions[":id"].history.$get({ param: { id }, query }),
    );
    yield* page.commands;
    cursor = page.nextCursor;
    if (cursor === null) return;
  }
}

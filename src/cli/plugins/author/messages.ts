/** Where the messages come from that a plugin is tried with: a fixture, or what was recorded. @module */
import { join, resolve } from "node:path";
import { KmError } from "../../../core/error.ts";
import type { EventFilter } from "../../../core/filter.ts";
import { offeredMessages, readFixture } from "../../../plugins/author/fixture.ts";
import type { OfferedMessage } from "../../../plugins/host/scope.ts";
import { NOTHING_RECORDED } from "../../read_store.ts";
import { withSource } from "../../source.ts";
import { FIXTURE_FILE } from "./prepare.ts";

/** Messages, and what they are called. */
export interface Tried {
  readonly messages: readonly OfferedMessage[];
  readonly from: string;
}

/** The fixture's messages. @throws {KmError} not_found, usage */
export async function fixtureMessages(folder: string, events: string | undefined): Promise<Tried> {
  const path = events === undefined ? join(resolve(folder), FIXTURE_FILE) : resolve(events);
  try {
    return {
      messages: readFixture(await Deno.readTextFile(path), events ?? FIXTURE_FILE),
      from: events ?? FIXTURE_FILE,
    };
  } catch (error) {
    if (error instanceof KmError) throw error;
    throw new KmError("not_found", `Cannot read the messages in "${path}": ${(error as Error).message}`, {
      hint:
        `km events --json --limit 100 > ${FIXTURE_FILE} records some; or --recorded takes them from what km has recorded`,
      cause: error,
    });
  }
}

/** The newest recorded messages that `filter` lets through, oldest first. @throws {KmError} not_found when there are none */
export async function recordedMessages(filter: EventFilter, limit: number): Promise<Tried> {
  let messages: OfferedMessage[] = [];
  await withSource(async (source) => {
    messages = offeredMessages((await source.events(filter, limit)).reverse(), "recorded message");
    return 0;
  }, () => 0);
  if (messages.length > 0) return { messages, from: "what was recorded" };
  throw new KmError("not_found", "No recorded message to try the plugin with", { hint: NOTHING_RECORDED });
}

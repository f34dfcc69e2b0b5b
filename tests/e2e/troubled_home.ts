/** A home where something is wrong: a tool that always fails, one whose definition changed, and one that is well. @module */
import type { Batch, EventRecord, Outcome } from "../../src/core/event.ts";
import { openDatabase } from "../../src/store/database.ts";
import { EventWriter } from "../../src/store/event_writer.ts";
import { makeChange, makeEvent, makeRun, makeTool } from "../../src/store/testing.ts";

const MINUTE_US = 60 * 1e6;
const DAY_US = 24 * 60 * MINUTE_US;

/** What the home holds: all of it in the last half hour. */
export const TROUBLED = {
  server: "github",
  failing: { tool: "create_issue", calls: 6, message: "Bad credentials" },
  changed: { tool: "search_code", calls: 8 },
  calls: 14,
} as const;

/** What its server, its tools and the client call themselves. */
export interface TroubledNames {
  readonly server: string;
  readonly failing: string;
  readonly changed: string;
  readonly client: string;
}

const NAMES: TroubledNames = {
  server: TROUBLED.server,
  failing: TROUBLED.failing.tool,
  changed: TROUBLED.changed.tool,
  client: "claude-code",
};

/** Records it, as monitors would have. */
export function recordTroubledRuns(home: string, names: TroubledNames = NAMES): Promise<void> {
  using db = openDatabase(`${home}/km.db`, { mode: "write" });
  const writer = new EventWriter(db);
  const { server } = names;
  const [failing, changed] = [{ ...TROUBLED.failing, tool: names.failing }, {
    ...TROUBLED.changed,
    tool: names.changed,
  }];
  const nowUs = Date.now() * 1000;
  const run = makeRun({
    server,
    client: names.client,
    correlationId: "run-troubled",
    startedUs: nowUs - 3 * DAY_US,
  });
  const append = (batch: Partial<Batch>) =>
    writer.append({ run, events: [], calls: [], tools: [], ...batch });
  const listing = makeTool(changed.tool, nowUs - 3 * DAY_US);
  append({ tools: [listing, makeTool(failing.tool, nowUs - 3 * DAY_US)] });
  append({ tools: [{ ...listing, timeUs: nowUs - 20 * MINUTE_US, sha256: "0b".repeat(32) }] });
  for (let n = 0; n < changed.calls; n++) {
    append(
      exchange(
        nowUs - (28 - n) * MINUTE_US,
        changed.tool,
        "ok",
        `{"content":[{"type":"text","text":"hit ${n}"}]}`,
      ),
    );
  }
  for (let n = 0; n < failing.calls; n++) {
    const result = `{"isError":true,"content":[{"type":"text","text":"${failing.message}"}]}`;
    append(exchange(nowUs - (18 - n) * MINUTE_US, failing.tool, "tool_error", result));
  }
  append({
    events: [
      makeEvent("log", nowUs - 5 * MINUTE_US, {
        method: null,
        tool: null,
        rpcId: null,
        text: '"token expired"',
      }),
    ],
  });
  return Promise.resolve();
}

function exchange(timeUs: number, tool: string, outcome: Outcome, result: string): Partial<Batch> {
  const durationUs = 40_000;
  const about: Partial<EventRecord> = { tool, rpcId: String(timeUs) };
  const params = `{"name":${JSON.stringify(tool)},"arguments":{"at":${timeUs}}}`;
  const request = makeEvent("request", timeUs, {
    ...about,
    text: `{"jsonrpc":"2.0","id":${timeUs},"method":"tools/call","params":${params}}`,
  });
  const response = makeEvent("response", timeUs + durationUs, {
    ...about,
    answersId: request.id,
    durationUs,
    text: `{"jsonrpc":"2.0","id":${timeUs},"result":${result}}`,
  });
  const change = makeChange(request, outcome, {
    responseId: response.id,
    durationUs,
    responseBytes: response.sizeBytes,
  });
  return { events: [request, response], calls: [change] };
}

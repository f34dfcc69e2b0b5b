/** The API's reading side with everything real: a daemon, a monitor that records beside it, requests over a socket. @module */
import { deepEqual, equal } from "node:assert/strict";
import type { Call, Event } from "../../src/core/event.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { runKm } from "./harness.ts";

/** A server that tells of its progress before it answers. */
const SERVER = [
  Deno.execPath(),
  "eval",
  `import { createInterface } from "node:readline";
   const say = (message) => console.log(JSON.stringify({ jsonrpc: "2.0", ...message }));
   for await (const line of createInterface({ input: process.stdin })) {
     const { id, params } = JSON.parse(line);
     const progressToken = params?._meta?.progressToken;
     for (const progress of progressToken === undefined ? [] : [1, 2]) {
       say({ method: "notifications/progress", params: { progressToken, progress, total: 2 } });
     }
     if (id !== undefined) say({ id, result: { content: [{ type: "text", text: "a quick fox" }] } });
   }`,
];

function callTool(id: number, tool: string, progressToken?: string): string {
  const meta = progressToken === undefined ? {} : { _meta: { progressToken } };
  const params = { name: tool, arguments: {}, ...meta };
  return `${JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params })}\n`;
}

async function json<T>(response: Response): Promise<T> {
  equal(response.status, 200);
  return await response.json() as T; // as: the caller names the route's schema
}

/** A daemon, and what one run of a monitor beside it recorded: a call with progress, one without. */
async function recorded(): Promise<RunningDaemon> {
  const daemon = await RunningDaemon.start();
  const stdin = callTool(1, "slow", "job-1") + callTool(2, "quick");
  const { code, err } = await runKm(["monitor", "--name", "jobs", "--", ...SERVER], {
    home: daemon.home,
    stdin,
  });
  equal(code, 0, err);
  return daemon;
}

Deno.test("a daemon tells the story of a call that a monitor recorded beside it", async () => {
  verifies("api-calls", "api-event", "api-search");
  await using daemon = await recorded();
  const { calls } = await json<{ calls: Call[] }>(await daemon.get("/api/calls?server=jobs&tool=slow"));
  equal(calls.length, 1);
  const { timeline } = await json<{ timeline: { event: Event; offsetMs: number }[] }>(
    await daemon.get(`/api/calls/${calls[0]?.id}`),
  );
  deepEqual(timeline.map(({ event }) => event.kind), ["request", "notification", "notification", "response"]);
  equal(timeline[0]?.offsetMs, 0);
  const detail = await json<{ counterpart: Event | null }>(await daemon.get(`/api/events/${calls[0]?.id}`));
  equal(detail.counterpart?.id, calls[0]?.responseId);
  const { hits } = await json<{ hits: { event: Event }[] }>(
    await daemon.get("/api/search?q=quick%20fox&ranked=true&kind=response"),
  );
  deepEqual(hits.map(({ event }) => event.kind), ["response", "response"]);
});

Deno.test("GET /api/activity as NDJSON is what km events --json prints, newest first, page by page", async () => {
  verifies("api-activity", "api-activity-cursor");
  await using daemon = await recorded();
  const { out } = await runKm(["events", "--json", "--limit", "1000"], { home: daemon.home });
  const lines: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const query = cursor === "" ? "" : `&cursor=${cursor}`;
    const page = await daemon.get(`/api/activity?limit=3${query}`, { Accept: "application/x-ndjson" });
    lines.push(...(await page.text()).split("\n").slice(0, -1));
    cursor = page.headers.get("Km-Next-Cursor");
  }
  // Commands print the newest last.
  deepEqual(lines.toReversed(), out.split("\n").slice(0, -1));
});

Deno.test("POST /api/prune empties the store of a running daemon, which reads and records on", async () => {
  await using daemon = await recorded();
  const before = await json<{ events: Event[] }>(await daemon.get("/api/activity?limit=1000"));
  const pruned = await fetch(`${daemon.url}/api/prune`, {
    method: "POST",
    headers: { Authorization: `Bearer ${daemon.token}`, "Content-Type": "application/json" },
    body: '{"all": true}',
  });
  const { deleted } = await json<{ deleted: number }>(pruned);
  equal(deleted, before.events.length);
  deepEqual((await json<{ events: Event[] }>(await daemon.get("/api/activity"))).events, []);
  const { code } = await runKm(["monitor", "--name", "again", "--", ...SERVER], {
    home: daemon.home,
    stdin: callTool(1, "quick"),
  });
  equal(code, 0);
  const { calls } = await json<{ calls: Call[] }>(await daemon.get("/api/calls"));
  deepEqual(calls.map(({ server, outcome }) => [server, outcome]), [["again", "ok"]]);
});

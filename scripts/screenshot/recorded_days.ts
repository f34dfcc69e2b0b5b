/**
 * Two days of a developer's work as monitors would have recorded it: the traffic of the README's picture. The same numbers on every run
 * (one seed), up to the time of day.
 * @module
 */
import type { Batch, Outcome } from "../../src/core/event.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { EventWriter } from "../../src/store/event_writer.ts";
import { DAY_US, makeCall, makeRun, makeTool, MINUTE_US, randomFrom } from "../../src/store/testing.ts";
import { type ServerPlan, SERVERS, type ToolPlan } from "./servers.ts";

/** Share of the busiest hour's calls, by hour of the day from midnight: a night, a morning, lunch, an afternoon. */
const BUSY = [2, 0, 0, 0, 0, 0, 0, 6, 28, 62, 88, 100, 58, 34, 76, 96, 92, 70, 44, 18, 24, 30, 14, 5];

/** Fills `home`; `nowUs` is the last moment of the picture and `hour` what a clock shows there, in hours with their fraction. */
export function recordDays(home: string, nowUs: number, hour: number): void {
  using db = openDatabase(`${home}/km.db`, { mode: "write" });
  const random = randomFrom(42);
  for (const server of SERVERS) new Recording(db, server, random, nowUs, hour).record();
}

/** The runs of one server: one a day, the last of which still runs. */
class Recording {
  readonly #writer: EventWriter;
  readonly #plan: ServerPlan;
  readonly #random: () => number;
  readonly #nowUs: number;
  readonly #midnightUs: number;

  constructor(db: Database, plan: ServerPlan, random: () => number, nowUs: number, hour: number) {
    this.#writer = new EventWriter(db);
    this.#plan = plan;
    this.#random = random;
    this.#nowUs = nowUs;
    this.#midnightUs = nowUs - hour * 60 * MINUTE_US;
  }

  record(): void {
    for (const daysAgo of [1, 0]) this.#recordDay(daysAgo);
  }

  #recordDay(daysAgo: number): void {
    const startUs = this.#midnightUs - daysAgo * DAY_US;
    const { name, client, version } = this.#plan;
    const run = makeRun({
      server: name,
      client,
      correlationId: `${name}-${daysAgo}`,
      startedUs: startUs + 6.5 * 60 * MINUTE_US,
      endedUs: daysAgo === 0 ? null : startUs + DAY_US,
      exitCode: daysAgo === 0 ? null : 0,
      serverVersion: version,
    });
    const tools = this.#plan.tools.map(({ name }) => makeTool(name, startUs));
    let batch: Collected = { events: [], calls: [] };
    this.#writer.append({ run, tools, events: [], calls: [] });
    for (let minute = 0; minute < 24 * 60; minute++) {
      const minuteUs = startUs + minute * MINUTE_US;
      if (minuteUs + MINUTE_US > this.#nowUs) break;
      for (const tool of this.#plan.tools) this.#recordMinute(tool, minute, minuteUs, batch);
      if (batch.events.length < 500) continue;
      this.#writer.append({ run, tools: [], ...batch });
      batch = { events: [], calls: [] };
    }
    this.#writer.append({ run, tools: [], ...batch });
  }

  #recordMinute(tool: ToolPlan, minute: number, minuteUs: number, batch: Collected): void {
    const hour = Math.floor(minute / 60);
    // People work in bursts, and not with everything at once: hours and quarters are busy or quiet.
    const mood = (0.4 + 1.2 * this.#waveOf(`${tool.name} ${hour}`)) *
      (0.6 + 0.8 * this.#waveOf(`quarter ${Math.floor(minute / 15)}`));
    const expected = tool.callsPerBusyHour / 60 * (BUSY[hour] ?? 0) / 100 * mood;
    const calls = Math.floor(expected) + (this.#random() < expected % 1 ? 1 : 0);
    for (let n = 0; n < calls; n++) {
      const timeUs = Math.round(minuteUs + this.#random() * 50e6);
      const { batch: one } = this.#makeCall(tool, timeUs);
      batch.events.push(...one.events ?? []);
      batch.calls.push(...one.calls ?? []);
    }
  }

  /** From 0 to 1, the same for the same words. */
  #waveOf(words: string): number {
    let seed = this.#plan.name.length;
    for (const letter of words) seed = (seed * 31 + letter.charCodeAt(0)) | 0;
    return randomFrom(seed)();
  }

  #makeCall(tool: ToolPlan, timeUs: number): ReturnType<typeof makeCall> {
    const outcome: Outcome = this.#random() < tool.errorRate ? "tool_error" : "ok";
    // Log-normal, as latencies are: most near the median, a long tail.
    const normal = Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
    const durationUs = Math.round(tool.medianMs * 1000 * Math.exp(tool.spread * normal));
    const call = makeCall(timeUs, outcome, {
      tool: tool.name,
      rpcId: String(timeUs),
      text: JSON.stringify({
        jsonrpc: "2.0",
        id: timeUs,
        method: "tools/call",
        params: { name: tool.name, arguments: {} },
      }),
    }, durationUs);
    const tokens = Math.round(tool.tokens * (0.5 + this.#random()));
    const change = { ...call.change, client: this.#plan.client, tokens, responseBytes: tokens * 4 };
    return { ...call, change, batch: { ...call.batch, calls: [change] } };
  }
}

interface Collected {
  readonly events: Batch["events"][number][];
  readonly calls: Batch["calls"][number][];
}

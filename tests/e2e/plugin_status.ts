/** What a plugin host would have written, for tests of what shows it. @module */
import type { HostStatus } from "../../src/plugins/host/status.ts";

const TIME = "2026-11-21T11:59:00.000Z";

/** Of a host that has ended; `tried` is what the plugin was refused, twelve times. */
export function hostStatus(name: string, tried: string): HostStatus {
  return {
    schema: 1,
    pid: 1,
    kmVersion: "0.1.0",
    startedAt: TIME,
    writtenAt: TIME,
    endedAt: TIME,
    monitors: 0,
    shedMessages: 0,
    shedBytes: 0,
    deno: null,
    licence: { tier: "free", customerId: null, problem: null },
    problem: null,
    emitsLost: 0,
    plugins: [{
      name,
      version: "1.0.0",
      state: "running",
      reason: null,
      since: TIME,
      retryAt: null,
      pid: null,
      protocolVersion: 2,
      lastEnd: { time: TIME, why: "exit", detail: tried },
      counts: {
        messages: 1234,
        bytes: 99_000,
        batches: 40,
        failed: 1,
        droppedMessages: 2,
        droppedBytes: 20,
        lostMessages: 3,
        findings: 1,
        metrics: 2,
        annotations: 0,
        emitsRefused: 0,
        logLines: 5,
        logLinesCut: 0,
        starts: 1,
        crashes: 0,
      },
      queue: { messages: 0, bytes: 0 },
      usage: { residentBytes: null, cpuMs: null },
      handling: null,
      refused: [{ permission: "read", value: tried, count: 12, firstTime: TIME, lastTime: TIME }],
      refusedOthers: 0,
      stderr: tried,
    }],
  };
}

/** A log with words that would steer a terminal, and half a line. */
export const LOGGED = [
  {
    time: TIME,
    source: "plugin",
    level: "info",
    text: "hi\x1b[2J\x07",
    console: "\x1b[32mhi\x1b[2J\x07\u202e",
  },
  { time: TIME, source: "host", level: "warning", text: "it was refused read \u202e" },
].map((entry) => `${JSON.stringify(entry)}\n`).join("") + '{"time":"2026';

/** A day of calls for the tests of figures: two servers, three tools, one of which fails. Not part of the program. @module */
import type { TestApi } from "../testing_api.ts";
import { makeCall, makeRun, makeTool } from "../../store/testing.ts";

export const HOUR_US = 3600 * 1e6;
export const DAY_US = 24 * HOUR_US;

/** Now to the minute, in µs since the Unix epoch. */
export function thisMinuteUs(): number {
  return Math.floor(Date.now() / 60_000) * 60 * 1e6;
}

/** Six calls an hour of `files`, two of `web`, over the day before `nowUs`; every other call of `web` fails. */
export function fillDay(api: TestApi, nowUs: number): void {
  for (let hour = 1; hour <= 24; hour++) {
    for (let n = 0; n < 8; n++) {
      const server = n < 6 ? "files" : "web";
      const tool = n < 6 ? (n % 2 ? "read" : "write") : "fetch";
      api.store.append({
        run: makeRun({
          server,
          correlationId: `${server}-1`,
          startedUs: nowUs - DAY_US,
          client: "tester",
          clientVersion: "1.0",
          serverTitle: `The ${server}`,
          serverVersion: "2.1",
          protocolVersion: "2025-11-25",
          command: JSON.stringify(["node", `${server}.js`]),
        }),
        tools: hour === 24 && n % 2 === 0 ? [makeTool(tool, nowUs - DAY_US + n)] : [],
        ...makeCall(
          nowUs - hour * HOUR_US + n * 60 * 1e6,
          n === 7 ? "error" : "ok",
          { tool },
          1000 * (n + 1),
        ).batch,
      });
    }
  }
}

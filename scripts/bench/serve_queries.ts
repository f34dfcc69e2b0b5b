/** How long the dashboard's questions take on a large store, one at a time, from another process. @module */
import { percentile } from "./figures.ts";
import { atMost, type Section } from "./report.ts";
import { startBenchDaemon } from "./serve_daemon.ts";
import type { ServeBench } from "./serve.ts";
import { fillLargeStore, RARE_TOOL, RARE_WORD } from "./store_fill.ts";

/** Bars in ms. Source: issue "km serve", section 4. */
const QUESTION_MS = 50;
const SEARCH_MS = 150;

const QUESTIONS: readonly string[] = [
  "/api/activity?limit=50",
  `/api/activity?limit=50&tool=${RARE_TOOL}`,
  "/api/activity?limit=50&kind=error&since=24h",
  "/api/calls?limit=50&outcome=tool_error",
  "/api/stats?since=1h",
  "/api/stats?since=24h",
  "/api/stats?since=7d&by=server",
  "/api/overview",
  "/api/servers?since=7d",
  "/api/tools?since=7d",
  "/api/latency?since=7d",
  "/metrics",
];
const SEARCHES: readonly string[] = [
  `/api/search?q=${RARE_WORD}`,
  "/api/search?q=timeout",
  "/api/search?q=connection+refused",
  "/api/search?q=connection+refused&ranked=true",
  "/api/search?q=nothinghassuchaword",
];

/** Asks each question many times and takes p50 and p95. */
export async function measureQueries({ quick, events, home, progress }: ServeBench): Promise<Section> {
  progress(`a store of ${events} events`);
  fillLargeStore(home, events);
  await using daemon = await startBenchDaemon(home);
  const rows: string[][] = [];
  let slowest = 0;
  let slowestSearch = 0;
  for (const path of [...QUESTIONS, ...SEARCHES]) {
    progress(path);
    const times = await ask(`${daemon.url}${path}`, daemon.token, quick ? 5 : 60);
    const p95 = percentile(times, 0.95);
    rows.push([`\`${path}\``, percentile(times, 0.5).toFixed(1), p95.toFixed(1)]);
    if (SEARCHES.includes(path)) slowestSearch = Math.max(slowestSearch, p95);
    else slowest = Math.max(slowest, p95);
  }
  return {
    title: "Questions",
    note: `On ${
      events.toLocaleString("en-US")
    } events, in ms, one at a time, after three that are not counted.`,
    columns: ["", "p50", "p95"],
    rows,
    bars: [
      atMost(`stats, activity and the rest: p95 ≤ ${QUESTION_MS} ms`, slowest, QUESTION_MS, ms),
      atMost(`search: p95 ≤ ${SEARCH_MS} ms`, slowestSearch, SEARCH_MS, ms),
    ],
  };
}

async function ask(url: string, token: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = -3; i < count; i++) {
    const started = performance.now();
    const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
    const body = await response.text();
    if (!response.ok) throw new Error(`${url}: ${response.status} ${body}`);
    if (i >= 0) times.push(performance.now() - started);
  }
  return times;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

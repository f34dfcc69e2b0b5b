/**
 * The dashboard in a real Chromium: how much its first load takes, how soon the Overview can be used, and whether Live stays smooth at
 * 500 rows/s, also with as many rows as it holds. Browser, daemon and writer share the machine.
 * @module
 */
import { join } from "node:path";
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { openDatabase } from "../../src/store/database.ts";
import { LAPTOP } from "../../tests/e2e/dashboard.ts";
import { NO_BROWSER, startBrowser } from "../../tests/e2e/browser.ts";
import { count, median, percentile } from "./figures.ts";
import { atMost, type Section } from "./report.ts";
import type { ServeBench } from "./serve.ts";
import { type BenchDaemon, startBenchDaemon } from "./serve_daemon.ts";
import { fill } from "./store_fill.ts";
import { Traffic } from "./store_traffic.ts";

const ROWS_PER_SECOND = 500;
/** As fast as the table is filled without its stream falling behind. */
const FILLING_ROWS_PER_SECOND = 3000;
const MAX_FIRST_LOAD_BYTES = 250_000;
const MAX_INTERACTIVE_MS = 1000;
/** Frames longer than this are seen as a jerk. Source: the longest task that leaves room for an answer within 100 ms (web.dev, RAIL). */
const LONG_FRAME_MS = 50;
/** A frame takes whole turns of the screen, and three of them are told as 50.0 ms or 50.1 ms. */
const ROUNDING_MS = 0.5;
/** What the main thread must be idle for to count as idle, in ms. */
const IDLE_MS = 300;

interface FirstLoad {
  readonly bytes: number;
  readonly interactiveMs: number;
}

interface Smoothness {
  readonly rowsHeld: number;
  readonly rowsPerSecond: number;
  readonly frames: number;
  readonly p95Ms: number;
  readonly longFrames: number;
  readonly heapMb: number;
  readonly rowsInPage: number;
}

/** Measures both and gives the section of the report. @throws when there is no Chromium */
export async function measurePage({ rounds, quick, progress }: ServeBench): Promise<Section> {
  if (NO_BROWSER !== null) throw new Error(`Cannot measure the page: ${NO_BROWSER}`);
  const [seconds, rowsHeld, events] = quick ? [3, 5000, 2000] : [20, 100_000, 20_000];
  const home = await Deno.makeTempDir({ prefix: "km-bench-page-" });
  try {
    fillDay(home, events);
    await using daemon = await startBenchDaemon(home);
    await using browser = await startBrowser();
    const loads: FirstLoad[] = [];
    for (let round = 0; round < rounds; round++) {
      progress(`page, first load ${round + 1} of ${rounds}`);
      const context = await browser.newContext({ viewport: LAPTOP });
      loads.push(await measureFirstLoad(context, daemon));
      await context.close();
    }
    progress(`page, Live for ${seconds} s, then with ${count(rowsHeld)} rows`);
    const context = await browser.newContext({ viewport: LAPTOP });
    const [fresh, full] = await measureLive(context, daemon, {
      database: join(home, "km.db"),
      seconds,
      rowsHeld,
    });
    return describe(loads, [fresh, full], { events, rounds, seconds });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function fillDay(home: string, events: number): void {
  using db = openDatabase(join(home, "km.db"), { mode: "write" });
  const dayUs = 86_400 * 1e6;
  fill(
    db,
    new Traffic({ startUs: Date.now() * 1000 - dayUs, stepUs: Math.floor(dayUs / events) }),
    events,
    500,
  );
}

/** Signs the context in and opens the Overview as if for the first time: no cache. */
async function measureFirstLoad(context: BrowserContext, daemon: BenchDaemon): Promise<FirstLoad> {
  await signIn(context, daemon);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const bytes = await countFileBytes(session);
  await page.addInitScript(watchLoad);
  await page.goto(daemon.url);
  await page.waitForFunction((idleMs) => {
    const { drawnMs, busyUntilMs } = (globalThis as unknown as LoadingPage).load; // as: watchLoad defines it
    return drawnMs !== null && performance.now() - Math.max(drawnMs, busyUntilMs) > idleMs;
  }, IDLE_MS);
  const interactiveMs = await page.evaluate(() => {
    const { drawnMs, busyUntilMs } = (globalThis as unknown as LoadingPage).load; // as: see above
    return Math.max(drawnMs ?? NaN, busyUntilMs);
  });
  return { bytes: bytes(), interactiveMs };
}

/** Counts what the page's own files take on the wire, with the heads of the answers; what the API answers is data. */
async function countFileBytes(session: CDPSession): Promise<() => number> {
  const files = new Set<string>();
  let bytes = 0;
  session.on("Network.responseReceived", ({ requestId, response }) => {
    if (/^\/(?:$|assets\/)/.test(new URL(response.url).pathname)) files.add(requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (files.has(requestId)) bytes += encodedDataLength;
  });
  await session.send("Network.enable");
  return () => bytes;
}

interface LoadingPage {
  load: { drawnMs: number | null; busyUntilMs: number };
}

/** Runs in the page before anything of it: when the Overview stands there with its data, and how long the main thread was busy. */
function watchLoad(): void {
  const load: LoadingPage["load"] = { drawnMs: null, busyUntilMs: 0 };
  (globalThis as unknown as LoadingPage).load = load; // as: this is what defines it
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      load.busyUntilMs = Math.max(load.busyUntilMs, startTime + duration);
    }
  }).observe({ type: "longtask", buffered: true });
  const look = () => {
    const isDrawn = document.querySelectorAll(".plot canvas").length === 2 &&
      document.querySelector(".odometer .digits") !== null &&
      document.querySelector('[aria-busy="true"]') === null;
    if (isDrawn) requestAnimationFrame(() => load.drawnMs = performance.now());
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Live with the rows that came while it was looked at, and with `rowsHeld`. */
async function measureLive(
  context: BrowserContext,
  daemon: BenchDaemon,
  { database, seconds, rowsHeld }: {
    readonly database: string;
    readonly seconds: number;
    readonly rowsHeld: number;
  },
): Promise<readonly [Smoothness, Smoothness]> {
  await signIn(context, daemon);
  const page = await context.newPage();
  await page.goto(`${daemon.url}/live`);
  await page.locator(".live-rows .live-row").first().waitFor();
  const steady = async () => {
    await using _writer = startWriter(database, ROWS_PER_SECOND);
    await page.waitForFunction(() =>
      parseFloat(document.querySelector(".live-rate")?.textContent ?? "") > 100
    );
    return await measureFrames(context, page, seconds);
  };
  const fresh = await steady();
  {
    await using _writer = startWriter(database, FILLING_ROWS_PER_SECOND);
    await page.waitForFunction(
      (rows) => Number(document.querySelector("[role=grid]")?.getAttribute("aria-rowcount")) > rows,
      rowsHeld,
      { timeout: 180_000 },
    );
  }
  return [fresh, await steady()];
}

async function measureFrames(context: BrowserContext, page: Page, seconds: number): Promise<Smoothness> {
  const before = await lastNumber(page);
  const gapsMs = await page.evaluate(async (durationMs) => {
    const gaps: number[] = [];
    const startedMs = performance.now();
    let lastMs = await new Promise<number>(requestAnimationFrame);
    while (lastMs - startedMs < durationMs) {
      const nextMs = await new Promise<number>(requestAnimationFrame);
      gaps.push(nextMs - lastMs);
      lastMs = nextMs;
    }
    return gaps;
  }, seconds * 1000);
  const rows = await lastNumber(page) - before;
  const session = await context.newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return {
    rowsHeld: Number(await page.getByRole("grid").getAttribute("aria-rowcount")) - 1,
    rowsPerSecond: rows / seconds,
    frames: gapsMs.length,
    p95Ms: percentile(gapsMs, 0.95),
    longFrames: gapsMs.filter((gapMs) => gapMs > LONG_FRAME_MS + ROUNDING_MS).length,
    heapMb: usedSize / 1e6,
    rowsInPage: await page.locator(".live-rows .live-row").count(),
  };
}

/** Number of the newest row that is drawn: it grows by one with each row, whatever the table lets go. */
async function lastNumber(page: Page): Promise<number> {
  return await page.evaluate(() =>
    Number(document.querySelector(".live-rows")?.lastElementChild?.id.replace("live-row-", ""))
  );
}

/** By a one-time link, as a user. */
async function signIn(context: BrowserContext, { url, token }: BenchDaemon): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` };
  const { code } = await (await fetch(`${url}/api/auth/links`, { method: "POST", headers })).json();
  const page = await context.newPage();
  await page.goto(`${url}/#token=${code}`);
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  await page.close();
}

/** A recorder in a process of its own. */
function startWriter(database: string, rowsPerSecond: number): AsyncDisposable {
  const script = join(import.meta.dirname ?? "", "serve_streams_writer.ts");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, database, String(rowsPerSecond)],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

function describe(
  loads: readonly FirstLoad[],
  [fresh, full]: readonly [Smoothness, Smoothness],
  { events, rounds, seconds }: { readonly events: number; readonly rounds: number; readonly seconds: number },
): Section {
  const bytes = median(loads.map((load) => load.bytes));
  const interactiveMs = median(loads.map((load) => load.interactiveMs));
  const row = (name: string, show: (at: Smoothness) => string) => [name, show(fresh), show(full)];
  return {
    title: "Dashboard",
    note:
      `Chromium without a GPU, 1440 × 900. First load of the Overview over ${
        count(events)
      } events of a day, no cache, from the start of the navigation until its data is drawn and the main thread idle; medians of ${rounds}. ` +
      `Live at ${ROWS_PER_SECOND} rows/s for ${seconds} s, first as it is opened, then with ${
        count(full.rowsHeld)
      } rows held.`,
    columns: ["Live", "as opened", "full"],
    rows: [
      row("rows held in the end", ({ rowsHeld }) => count(rowsHeld)),
      row("rows/s", ({ rowsPerSecond }) => rowsPerSecond.toFixed(0)),
      row("frames", ({ frames }) => count(frames)),
      row("frame p95 ms", ({ p95Ms }) => p95Ms.toFixed(1)),
      row(`frames over ${LONG_FRAME_MS} ms`, ({ longFrames }) => count(longFrames)),
      row("heap MB", ({ heapMb }) => heapMb.toFixed(1)),
      row("rows in the page", ({ rowsInPage }) => count(rowsInPage)),
    ],
    bars: [
      atMost(
        "first load at most 250 KB gzipped",
        bytes,
        MAX_FIRST_LOAD_BYTES,
        (n) => `${(n / 1000).toFixed(1)} KB`,
      ),
      atMost("interactive within 1 s", interactiveMs, MAX_INTERACTIVE_MS, ms),
      atMost("p95 frame of Live at most 50 ms", fresh.p95Ms, LONG_FRAME_MS + ROUNDING_MS, ms),
      atMost(
        `p95 frame with ${count(full.rowsHeld)} rows at most 50 ms`,
        full.p95Ms,
        LONG_FRAME_MS + ROUNDING_MS,
        ms,
      ),
    ],
  };
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

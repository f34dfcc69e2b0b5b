/** The dashboard as a user has it: a home with real recorded runs, a daemon on it, a browser signed in by its one-time link. @module */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { testUnless } from "../skip.ts";
import { NO_BROWSER, startBrowser } from "./browser.ts";
import { RunningDaemon } from "./daemon.ts";
import { readCalls, runKm, TempFolder, within } from "./harness.ts";
import { drive, missingPackages, monitored, serverCommand } from "./real_programs.ts";

/** A laptop's screen, and a phone's. */
export const LAPTOP = { width: 1440, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;

/** Registers a test with a browser, a daemon and real runs; fails after three minutes. */
export function testDashboard(name: string, run: () => Promise<void>): void {
  testUnless(NO_BROWSER ?? missingPackages(), name, () => within(run(), 180_000, () => name));
}

/** Waits until the page has nothing more to ask (Live's stream never ends) and shows no skeleton. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).first().waitFor({ state: "attached" });
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
}

/** Records one run of each of two real servers into `home`. */
export async function recordRealRuns(home: string): Promise<void> {
  using folder = new TempFolder();
  for (const scenario of ["memory", "everything"] as const) {
    const server = monitored(["--name", scenario], serverCommand(scenario, folder.path));
    await drive("1.x", scenario, server, { folder: folder.path, home });
  }
  // Pages without anything on them would pass too easily.
  if ((await readCalls(home)).length === 0) throw new Error("Nothing of the real runs was recorded");
}

/** What the browser and the daemon are started with. */
type StartOptions = NonNullable<Parameters<typeof startBrowser>[0]> & {
  /** Added to the daemon's environment. */
  readonly env?: Readonly<Record<string, string>>;
};

/** A running daemon and a browser. */
export class Dashboard implements AsyncDisposable {
  readonly home: TempFolder;
  readonly #daemon: RunningDaemon;
  readonly #browser: Browser;
  readonly url: string;
  /** Requests of any page to anywhere but the daemon. */
  readonly foreignRequests: string[] = [];
  /** What pages wrote to the browser's console as errors, and what they threw. */
  readonly pageErrors: string[] = [];

  private constructor(home: TempFolder, daemon: RunningDaemon, browser: Browser) {
    this.home = home;
    this.#daemon = daemon;
    this.#browser = browser;
    this.url = daemon.url;
  }

  /** Starts both; `record` fills the home before. */
  static async start(
    record: (home: string) => Promise<void> = recordRealRuns,
    { env, ...browser }: StartOptions = {},
  ): Promise<Dashboard> {
    const home = new TempFolder();
    await record(home.path);
    const daemon = await RunningDaemon.start([], { home: home.path, ...(env && { env }) });
    return new Dashboard(home, daemon, await startBrowser(browser));
  }

  /** A page in a profile of its own, signed in and at `path`. */
  async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: LAPTOP, ...options });
    const page = await context.newPage();
    page.on("request", (request) => {
      if (!request.url().startsWith(this.url)) this.foreignRequests.push(request.url());
    });
    page.on("pageerror", (error) => this.pageErrors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.pageErrors.push(message.text());
    });
    await page.goto(await this.signInLink());
    await page.getByRole("navigation").first().waitFor();
    if (path !== "/") await page.goto(this.url + path);
    return page;
  }

  /** Asks the daemon with its token; with a body it is a POST. */
  async ask(path: string, body?: unknown): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.#daemon.token}`, "Content-Type": "application/json" };
    return await fetch(this.url + path, {
      headers,
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    });
  }

  /** A fresh one-time link, as `km open --print` gives it. */
  async signInLink(): Promise<string> {
    const { out, err } = await runKm(["open", "--print"], { home: this.home.path });
    const link = /http:\/\/\S+#token=\S+/.exec(out)?.[0];
    if (link === undefined) throw new Error(`km open --print gave no link: ${out}${err}`);
    return link;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#daemon[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}

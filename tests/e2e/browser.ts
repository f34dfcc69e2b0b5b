/** A real browser for tests of the dashboard: Debian's Chromium, driven by playwright-core, with a profile of its own. @module */
import axe, { type AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { findProgram, missingProgram } from "../skip.ts";
import { ROOT } from "./harness.ts";

/** Why tests in a browser cannot run here; null when they can. */
export const NO_BROWSER: string | null = missingProgram("chromium");

/** Screenshots of the last run: artifacts to look at, not to compare. */
const SCREENSHOTS = `${ROOT}.cache/screenshots`;

/** Nothing but the page itself may want to talk to anybody. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a browser; `await using` ends it. Scrollbars take room only where `hasScrollbars` says so, as on a desktop. */
export async function startBrowser(
  { hasScrollbars = false }: { readonly hasScrollbars?: boolean } = {},
): Promise<Browser & AsyncDisposable> {
  return await chromium.launch({
    executablePath: findProgram("chromium") ?? "chromium",
    args: FLAGS,
    ...(hasScrollbars && { ignoreDefaultArgs: ["--hide-scrollbars"] }),
  });
}

/** Keeps what the page shows as `.cache/screenshots/<name>.png`. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await Deno.mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
}

/** What axe-core finds serious or critical on the page, in words. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Not addScriptTag: the page's policy refuses scripts that are not its own.
  await page.evaluate(axe.source);
  // As: the script above defined it.
  const { violations } = await page.evaluate(() => (globalThis as unknown as AxePage).axe.run());
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map((violation) =>
    `${violation.id}: ${violation.help}: ${violation.nodes.map((node) => node.target.join(" ")).join(", ")}`
  );
}

/** Adds up how far what stands on a page jumps, on every page that is opened from now on. */
export async function watchLayout(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched = globalThis as unknown as WatchedPage; // as: this script is what defines it
    watched.layoutShift = { score: 0, moved: [] };
    new PerformanceObserver((list) => {
      // As: the library does not know these entries yet.
      for (const entry of list.getEntries() as unknown as LayoutShiftEntry[]) {
        if (entry.hadRecentInput) continue;
        watched.layoutShift.score += entry.value;
        for (const { node } of entry.sources) {
          watched.layoutShift.moved.push(node instanceof Element ? node.outerHTML.slice(0, 80) : "");
        }
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** How far things jumped so far, and which; `watchLayout` must have been called before. */
export async function layoutShift(page: Page): Promise<LayoutShift> {
  return await page.evaluate(async () => {
    // Shifts are told after the frame that they belong to.
    for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
    return (globalThis as unknown as WatchedPage).layoutShift; // as: see above
  });
}

export interface LayoutShift {
  score: number;
  readonly moved: string[];
}

interface WatchedPage {
  layoutShift: LayoutShift;
}

interface LayoutShiftEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
  readonly sources: readonly { readonly node: Node | null }[];
}

interface AxePage {
  readonly axe: { run(): Promise<AxeResults> };
}

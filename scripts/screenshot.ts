/**
 * `deno task screenshot`: takes the README's pictures of the dashboard, light and dark: a real `km serve` over recorded traffic, in
 * Debian's Chromium. Needs `chromium`.
 * @module
 */
import { fileURLToPath } from "node:url";
import { NO_BROWSER } from "../tests/e2e/browser.ts";
import { Dashboard, settled } from "../tests/e2e/dashboard.ts";
import { runKm } from "../tests/e2e/harness.ts";
import { recordDays } from "./screenshot/recorded_days.ts";

const FOLDER = fileURLToPath(new URL("../.github/", import.meta.url));

/** The picture's place and what it is for, in CSS pixels; twice as many are taken. */
const VIEW = { width: 1280, height: 800 } as const;

/** What stays below the last row of cards, in CSS pixels: as much as between two cards at most. */
const MARGIN = 12;

/** What a clock in the picture shows, in hours: a working day far enough on to fill the plots. */
const HOUR = 16;

if (import.meta.main) await main();

async function main(): Promise<void> {
  if (NO_BROWSER !== null) throw new Error(`Cannot take a picture: ${NO_BROWSER}`);
  const zone = zoneAt(HOUR);
  await Deno.mkdir(FOLDER, { recursive: true });
  await using dashboard = await Dashboard.start(record, { env: { TZ: zone } });
  for (const scheme of ["light", "dark"] as const) {
    const page = await dashboard.open("/", {
      viewport: VIEW,
      deviceScaleFactor: 2,
      colorScheme: scheme,
      reducedMotion: "reduce",
      timezoneId: zone,
    });
    await settled(page);
    // The picture ends below a row of cards, not within the next.
    const lists = await page.getByRole("region", { name: "Top tools" }).boundingBox();
    await page.setViewportSize({
      ...VIEW,
      height: lists === null ? VIEW.height : Math.round(lists.y + lists.height) + MARGIN,
    });
    await page.screenshot({ path: `${FOLDER}dashboard${scheme === "dark" ? "-dark" : ""}.png` });
  }
}

async function record(home: string): Promise<void> {
  const now = new Date();
  recordDays(home, now.getTime() * 1000, HOUR + now.getUTCMinutes() / 60 + now.getUTCSeconds() / 3600);
  const { code, err } = await runKm(["config", "set", "model", "claude-sonnet-4-5"], { home });
  if (code !== 0) throw new Error(err);
}

/** The zone of whole hours where a clock shows `hour` now; its names count backwards. */
function zoneAt(hour: number): string {
  const ahead = (hour - new Date().getUTCHours() + 36) % 24 - 12;
  return ahead === 0 ? "Etc/GMT" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

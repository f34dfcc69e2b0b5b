/** The dashboard with servers, tools and clients that call themselves what deceives or does not fit. @module */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { verifies } from "../verifies.ts";
import { keepScreenshot } from "./browser.ts";
import { Dashboard, settled, testDashboard } from "./dashboard.ts";
import { recordTroubledRuns, type TroubledNames } from "./troubled_home.ts";

const SPOOFED: TroubledNames = {
  server: "git\u200bhub\u202e\u0007",
  failing: "del\u202eete\u2066",
  changed: "se\u202aarch\u2069",
  client: "clau\u200bde\u202e",
};
const LONG: TroubledNames = {
  server: "s".repeat(127),
  failing: "f".repeat(127),
  changed: "c".repeat(127),
  client: "k".repeat(127),
};
/** What no name may bring into a page: what steers or hides (U+202A–202E, U+2066–2069, U+200B …), controls but for those of lines. */
const DECEIVING = /\p{Cf}|[^\P{Cc}\t\n\r]/u;
/** A small laptop. */
const SMALL = { width: 1280, height: 800 } as const;

testDashboard("names that steer or hide letters are written out on every page, links lead on", async () => {
  verifies("web-overview", "web-servers-tools");
  await using dashboard = await Dashboard.start((home) => recordTroubledRuns(home, SPOOFED));
  const page = await dashboard.open("/");
  for (const path of pathsOf(SPOOFED)) {
    await page.goto(dashboard.url + path);
    await page.getByText("del\\u{202e}ete\\u{2066}").or(page.getByText("git\\u{200b}hub\\u{202e}\\u{7}"))
      .first().waitFor({ state: "attached" });
    await settled(page);
    assert.deepEqual(await deceivingTexts(page), [], path);
  }
  await page.goto(`${dashboard.url}/tools`);
  await page.getByRole("link", { name: "del\\u{202e}ete\\u{2066}" }).click();
  await page.waitForFunction(() => document.title === "del\\u{202e}ete\\u{2066} · Tools · km");
  assert.equal(new URL(page.url()).searchParams.get("tool"), SPOOFED.failing);
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("names of any length leave every column of a list in sight", async () => {
  verifies("web-overview", "web-servers-tools");
  await using dashboard = await Dashboard.start((home) => recordTroubledRuns(home, LONG));
  const page = await dashboard.open("/", { viewport: SMALL });
  for (const path of pathsOf(LONG)) {
    await page.goto(dashboard.url + path);
    await page.locator(".table td").first().or(page.locator(".live-row").first()).waitFor();
    await settled(page);
    await keepScreenshot(page, `long-names-${path.slice(1).replace(/\?.*/, "-detail") || "overview"}`);
    assert.deepEqual(await widerThanTheirPlace(page), [], path);
  }
});

function pathsOf({ server, failing }: TroubledNames): string[] {
  const name = encodeURIComponent(server);
  const tool = encodeURIComponent(failing);
  return ["/", "/live", "/servers", `/servers?server=${name}`, "/tools", `/tools?of=${name}&tool=${tool}`];
}

/** Texts, labels and titles of the page that hold what deceives. */
async function deceivingTexts(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => [
    document.title,
    document.body.textContent ?? "",
    ...[...document.querySelectorAll("[title], [aria-label], [label]")].flatMap((element) =>
      ["title", "aria-label", "label"].map((name) => element.getAttribute(name) ?? "")
    ),
  ]);
  return texts.filter((text) => DECEIVING.test(text));
}

/** What scrolls sideways: the page, or a table in it. */
async function widerThanTheirPlace(page: Page): Promise<string[]> {
  return await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll(".table-scroll")]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map((element) =>
        `${element.getAttribute("aria-label") ?? "page"}: ${element.scrollWidth} > ${element.clientWidth}`
      )
  );
}

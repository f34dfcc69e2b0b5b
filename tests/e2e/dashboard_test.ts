/** The dashboard in a real browser, on runs of real MCP servers. Screenshots stay in `.cache/screenshots` to be looked at. @module */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { keepScreenshot, NO_BROWSER, seriousFindings } from "./browser.ts";
import { Dashboard, LAPTOP, PHONE } from "./dashboard.ts";
import { runKm, TempFolder, within } from "./harness.ts";
import { drive, missingPackages, monitored, serverCommand } from "./real_programs.ts";

const PAGES = ["/", "/live", "/servers", "/tools", "/settings", "/docs"] as const;

/** A browser, a daemon and real runs; fails after three minutes. */
function testDashboard(name: string, run: () => Promise<void>): void {
  testUnless(NO_BROWSER ?? missingPackages(), name, () => within(run(), 180_000, () => name));
}

testDashboard(
  "every page shows what was recorded, in both schemes and on a phone, with no serious finding of axe",
  async () => {
    verifies("web-accessible", "web-phone", "web-overview", "web-servers-tools", "web-settings", "web-small");
    await using dashboard = await Dashboard.start();
    for (const [screen, viewport] of [["laptop", LAPTOP], ["phone", PHONE]] as const) {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await dashboard.open("/", { viewport, colorScheme });
        for (const path of PAGES) {
          await page.goto(dashboard.url + path);
          await settled(page);
          await keepScreenshot(page, `${path.slice(1) || "overview"}-${screen}-${colorScheme}`);
          assert.deepEqual(await seriousFindings(page), [], `${path} ${screen} ${colorScheme}`);
          const [wanted, had] = await page.evaluate(() => {
            const { scrollWidth, clientWidth } = document.documentElement;
            return [scrollWidth, clientWidth] as const;
          });
          assert.ok(wanted <= had, `${path} is wider than the ${screen}: ${wanted} > ${had}`);
        }
        await page.context().close();
      }
    }
    assert.deepEqual(dashboard.foreignRequests, [], "nothing is asked of another machine");
    assert.deepEqual(dashboard.pageErrors, []);
  },
);

testDashboard("the pages tell the figures that km stats tells", async () => {
  verifies("web-overview", "web-servers-tools");
  await using dashboard = await Dashboard.start();
  const { out } = await runKm(["stats", "--by", "server", "--json"], { home: dashboard.home.path });
  const { totals, rows } = JSON.parse(out);
  const page = await dashboard.open("/");
  const odometer = page.getByRole("region", { name: "Odometer" });
  await odometer.getByText(String(totals.calls), { exact: true }).first().waitFor();
  await page.getByRole("link", { name: "Servers", exact: true }).click();
  for (const { key, calls } of rows) {
    const row = page.getByRole("row", { name: new RegExp(key) });
    await row.getByText(String(calls), { exact: true }).first().waitFor();
  }
  await page.getByRole("link", { name: "Tools", exact: true }).click();
  await page.getByRole("link", { name: "echo", exact: true }).first().click();
  await page.getByRole("complementary", { name: "echo" }).getByText("Latency").waitFor();
  await keepScreenshot(page, "tool-detail");
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard(
  "Live follows a monitor that writes beside it, filters by URL and keys, and opens the inspector",
  async () => {
    verifies("web-live", "web-inspector");
    await using dashboard = await Dashboard.start();
    const page = await dashboard.open("/live");
    const grid = page.getByRole("grid");
    await grid.getByRole("row").nth(3).waitFor();
    const before = Number(await grid.getAttribute("aria-rowcount"));

    using folder = new TempFolder();
    const server = monitored(["--name", "latecomer"], serverCommand("memory", folder.path));
    await drive("1.x", "memory", server, { folder: folder.path, home: dashboard.home.path });
    await grid.getByRole("row", { name: /latecomer/ }).first().waitFor();
    assert.ok(Number(await grid.getAttribute("aria-rowcount")) > before);
    await keepScreenshot(page, "live-follows");

    await page.goto(`${dashboard.url}/live?server=latecomer&kind=response`);
    await grid.getByRole("row", { name: /response/ }).first().waitFor();
    assert.equal(await grid.getByRole("row", { name: /request/ }).count(), 0, "filtered by the URL");

    await grid.focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    const inspector = page.getByRole("complementary", { name: "Inspector" });
    await inspector.getByText("jsonrpc").first().waitFor();
    await keepScreenshot(page, "live-inspector");
    await page.keyboard.press("Escape");
    await inspector.waitFor({ state: "hidden" });
    assert.deepEqual(dashboard.pageErrors, []);
  },
);

testDashboard("a link works once, and without a session the page says what to do", async () => {
  verifies("auth-cookie", "serve-open");
  await using dashboard = await Dashboard.start();
  const link = await dashboard.signInLink();
  const first = await dashboard.open("/");
  const stranger = await first.context().browser()?.newContext();
  const page = await stranger?.newPage() as Page; // as: a page of a running browser has one
  await page.goto(dashboard.url);
  await page.getByText("km open").first().waitFor();
  await page.goto(link);
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  assert.doesNotMatch(page.url(), /token/, "the secret is gone from the address");
  const other = await (await first.context().browser()?.newContext())?.newPage() as Page; // as: see above
  await other.goto(link);
  await other.getByText("This link did not work").waitFor();
  await keepScreenshot(other, "link-used");
});

testDashboard("empty pages say what to do next", async () => {
  verifies("web-empty");
  await using dashboard = await Dashboard.start(async () => {});
  const page = await dashboard.open("/");
  for (const path of ["/", "/live", "/servers", "/tools"]) {
    await page.goto(dashboard.url + path);
    await page.getByText(/km monitor|km demo/).first().waitFor();
    await settled(page);
    await keepScreenshot(page, `empty-${path.slice(1) || "overview"}`);
  }
  assert.deepEqual(dashboard.pageErrors, []);
});

/** Waits until the page has nothing more to ask (Live's stream never ends) and shows no skeleton. */
async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).first().waitFor({ state: "attached" });
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
}

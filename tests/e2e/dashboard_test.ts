/** The dashboard in a real browser, on runs of real MCP servers: every page. Screenshots stay in `.cache/screenshots` to be looked at. @module */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { verifies } from "../verifies.ts";
import { keepScreenshot, layoutShift, seriousFindings, watchLayout } from "./browser.ts";
import { Dashboard, LAPTOP, PHONE, settled, testDashboard } from "./dashboard.ts";
import { runKm } from "./harness.ts";

const PAGES = ["/", "/live", "/sessions", "/servers", "/tools", "/settings", "/docs"] as const;
/** A fifth of what is called good: https://web.dev/articles/cls */
const MAX_SHIFT = 0.02;

testDashboard(
  "every page shows what was recorded, in both schemes and on a phone, with no serious finding of axe",
  async () => {
    verifies("web-accessible", "web-phone", "web-overview", "web-servers-tools", "web-settings", "web-small");
    await using dashboard = await Dashboard.start();
    for (const [screen, viewport] of [["laptop", LAPTOP], ["phone", PHONE]] as const) {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await dashboard.open("/", { viewport, colorScheme });
        await watchLayout(page);
        for (const path of PAGES) {
          await page.goto(dashboard.url + path);
          await settled(page);
          const shift = await layoutShift(page);
          assert.ok(shift.score <= MAX_SHIFT, `${path} jumps on the ${screen}: ${JSON.stringify(shift)}`);
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

testDashboard("an address that names no page shows the way back, and tells programs as JSON", async () => {
  verifies("web-empty");
  await using dashboard = await Dashboard.start(async () => {});
  const page = await dashboard.open("/");
  const response = await page.goto(`${dashboard.url}/nowhere`);
  assert.equal(response?.status(), 404);
  await page.getByText("There is no such page").waitFor();
  assert.equal(await page.title(), "Not found · km");
  await page.getByRole("link", { name: "Go to the overview" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  for (const [path, accept] of [["/nowhere", "*/*"], ["/api/nowhere", "text/html"]] as const) {
    const told = await fetch(dashboard.url + path, { headers: { Accept: accept } });
    assert.equal(told.status, 404);
    assert.equal((await told.json()).error.code, "not_found");
  }
});

testDashboard("the title of the window names what is looked at", async () => {
  verifies("web-servers-tools");
  await using dashboard = await Dashboard.start();
  const page = await dashboard.open("/tools");
  await page.getByRole("link", { name: "echo", exact: true }).first().click();
  await page.waitForFunction(() => document.title === "echo · Tools · km");
  await page.getByRole("button", { name: "Close" }).click();
  await page.waitForFunction(() => document.title === "Tools · km");
  assert.deepEqual(dashboard.pageErrors, []);
});

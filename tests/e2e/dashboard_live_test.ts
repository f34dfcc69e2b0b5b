/** Live in a real browser, beside a monitor that writes. @module */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { keepScreenshot } from "./browser.ts";
import { Dashboard, PHONE, testDashboard } from "./dashboard.ts";
import { TempFolder } from "./harness.ts";
import { drive, monitored, serverCommand } from "./real_programs.ts";
import { recordTroubledRuns, TROUBLED } from "./troubled_home.ts";

testDashboard(
  "Live follows a monitor that writes beside it, filters by URL and keys, and opens the inspector",
  async () => {
    verifies("web-live", "web-inspector");
    await using dashboard = await Dashboard.start();
    const page = await dashboard.open("/live");
    const grid = page.getByRole("grid");
    await grid.getByRole("row").nth(3).waitFor();
    const before = Number(await grid.getAttribute("aria-rowcount"));

    await monitorMore(dashboard, "latecomer");
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

testDashboard("Live holds its rows while it is paused, and goes on with all that came", async () => {
  verifies("web-live");
  await using dashboard = await Dashboard.start();
  const page = await dashboard.open("/live");
  const grid = page.getByRole("grid");
  await grid.getByRole("row").nth(3).waitFor();
  await page.getByText("Connected").waitFor();
  const before = await grid.getAttribute("aria-rowcount");
  await page.keyboard.press("Space");
  await page.getByText("Paused").waitFor();
  await monitorMore(dashboard, "waiting");
  const goOn = page.getByRole("button", { name: /^Go on \(\d+\)$/ });
  await goOn.waitFor();
  assert.equal(await grid.getAttribute("aria-rowcount"), before, "nothing moves");
  assert.equal(await grid.getByRole("row", { name: /waiting/ }).count(), 0);
  await goOn.click();
  await grid.getByRole("row", { name: /waiting/ }).first().waitFor();
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("Live searches payloads and chooses failures, and its keys work", async () => {
  verifies("web-live");
  await using dashboard = await Dashboard.start(recordTroubledRuns);
  const page = await dashboard.open("/live");
  const grid = page.getByRole("grid");
  const rows = grid.locator(".live-rows").getByRole("row");
  await rows.nth(3).waitFor();

  await page.keyboard.press("/");
  await page.keyboard.type(TROUBLED.failing.message);
  await page.waitForFunction(
    (count) => document.querySelectorAll(".live-rows [role=row]").length === count,
    6,
  );
  assert.match(page.url(), /search=Bad\+credentials/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  const inspector = page.getByRole("complementary", { name: "Inspector" });
  await inspector.getByRole("heading", { name: TROUBLED.failing.tool }).waitFor();
  assert.equal(await page.title(), `${TROUBLED.failing.tool} · Live · km`);
  await page.keyboard.press("Escape");
  await inspector.waitFor({ state: "hidden" });

  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).getByText("next message").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  await page.goto(`${dashboard.url}/live`);
  await page.getByText("failures only").click();
  await page.waitForFunction(
    (count) => document.querySelectorAll(".live-rows [role=row]").length === count,
    6,
  );
  assert.equal(await grid.locator(".live-row.failed").count(), 6);
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("on a phone, rows without a method say what they are, and failures can be chosen", async () => {
  verifies("web-live", "web-phone");
  await using dashboard = await Dashboard.start(recordTroubledRuns);
  const page = await dashboard.open("/live", { viewport: PHONE });
  const log = page.getByRole("grid").getByRole("row", { name: /token expired/ });
  await log.getByText("log", { exact: true }).waitFor({ state: "visible" });
  const box = await page.getByText("failures only").boundingBox();
  assert.ok(box && box.x >= 0 && box.x + box.width <= PHONE.width, "failures only is in sight");
  await keepScreenshot(page, "live-phone-kinds");
});

/** Runs one more real server under km monitor. */
async function monitorMore(dashboard: Dashboard, name: string): Promise<void> {
  using folder = new TempFolder();
  const server = monitored(["--name", name], serverCommand("memory", folder.path));
  await drive("1.x", "memory", server, { folder: folder.path, home: dashboard.home.path });
}

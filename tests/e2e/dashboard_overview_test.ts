/** The Overview in a real browser: plots, a change, a finding, and where they lead. @module */
import assert from "node:assert/strict";
import { FAILING_CALLS } from "../../src/risk/rules.ts";
import { verifies } from "../verifies.ts";
import { keepScreenshot } from "./browser.ts";
import { Dashboard, settled, testDashboard } from "./dashboard.ts";
import { recordTroubledRuns, TROUBLED } from "./troubled_home.ts";

const { server, failing, changed, calls } = TROUBLED;

testDashboard(
  "the Overview draws the calls, tells the change and the finding, and leads to the failures",
  async () => {
    verifies("web-overview");
    await using dashboard = await Dashboard.start(recordTroubledRuns);
    const page = await dashboard.open("/");
    await page.getByRole("img", {
      name: `${calls} calls in the last 24 hours, ${failing.calls} errors (43 %)`,
    }).waitFor();
    const latency = page.getByRole("img", { name: "half of the calls took at most 40 ms" });
    await latency.waitFor();
    assert.ok(await drawnPixels(page.locator(".plot canvas").first()) > 100, "bars are drawn");
    assert.ok(await drawnPixels(page.locator(".plot canvas").nth(1)) > 100, "lines are drawn");

    const findings = page.getByRole("region", { name: "Open findings" });
    await findings.getByText(`${failing.tool} fails 100 % of the time`).waitFor();
    await findings.getByText(`The definition of ${changed.tool} changed`).waitFor();
    const changes = page.getByRole("region", { name: "Changed since yesterday" });
    await changes.getByRole("link", { name: `${server} / ${changed.tool}` }).first().waitFor();
    await keepScreenshot(page, "overview-troubled");

    const errors = page.getByRole("region", { name: "Top tools" }).getByRole("link", {
      name: "6 errors, 100 %",
    });
    await errors.click();
    await page.waitForURL((url) => url.pathname === "/live" && url.searchParams.get("outcome") === "errors");
    await page.locator(".live-row.failed").nth(failing.calls - 1).waitFor();

    await page.goto(`${dashboard.url}/tools?of=${server}&tool=${failing.tool}`);
    const detail = page.getByRole("complementary", { name: failing.tool });
    await detail.getByRole("heading", { name: "Slowest calls" }).waitFor();
    await detail.locator(".slowest li").nth(4).waitFor();
    await settled(page);
    await keepScreenshot(page, "tool-detail-failing");
    await detail.getByRole("link", { name: "See failures" }).click();
    await page.locator(".live-row.failed").nth(failing.calls - 1).waitFor();
    assert.equal(await page.locator(".live-rows .live-row:not(.failed)").count(), 0);
    assert.deepEqual(dashboard.pageErrors, []);
  },
);

testDashboard(
  "without findings the Overview says what was looked for, with the rule's own numbers",
  async () => {
    verifies("web-overview");
    await using dashboard = await Dashboard.start(async () => {});
    const page = await dashboard.open("/");
    const findings = page.getByRole("region", { name: "Open findings" });
    await findings.getByText(`fail in at least half of ${FAILING_CALLS} or more calls`).waitFor();
  },
);

/** How many pixels of a canvas are not empty. */
async function drawnPixels(canvas: ReturnType<import("playwright-core").Page["locator"]>): Promise<number> {
  return await canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement; // as: the locator names a canvas
    const data = (element as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data ??
      [];
    return data.filter((value, at) => at % 4 === 3 && value > 0).length;
  });
}

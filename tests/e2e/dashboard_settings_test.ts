/** Settings in a real browser: what is changed there holds for km. @module */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { verifies } from "../verifies.ts";
import { keepScreenshot } from "./browser.ts";
import { Dashboard, settled, testDashboard } from "./dashboard.ts";
import { readEvents, runKm } from "./harness.ts";
import { recordTroubledRuns } from "./troubled_home.ts";

testDashboard(
  "a changed setting is km's, less is kept only after a question, a refused value stays to be mended",
  async () => {
    verifies("web-settings");
    await using dashboard = await Dashboard.start(recordTroubledRuns);
    const shown = async () => (await runKm(["config", "show"], { home: dashboard.home.path })).out;
    const page = await dashboard.open("/settings");
    await settled(page);
    const days = page.getByRole("textbox", { name: /retention\.days/ });

    await days.fill("30");
    await days.press("Enter");
    await page.getByText("saved").waitFor();
    assert.match(await shown(), /retention\.days\s+30\s/);

    await days.fill("3");
    await days.press("Enter");
    const question = page.getByRole("dialog", { name: "Keep less than now?" });
    await keepScreenshot(page, "settings-keep-less");
    await question.getByRole("button", { name: "Cancel" }).click();
    await question.waitFor({ state: "hidden" });
    assert.match(await shown(), /retention\.days\s+30\s/, "nothing changed");
    await days.press("Enter");
    await question.getByRole("button", { name: "Keep less" }).click();
    await page.getByText("saved").waitFor();
    assert.match(await shown(), /retention\.days\s+3\s/);

    await days.fill("soon");
    await days.press("Enter");
    await page.getByRole("alert").waitFor();
    assert.equal(await days.inputValue(), "soon");
    assert.deepEqual(dashboard.pageErrors.filter((error) => !error.includes("400")), []);
  },
);

testDashboard("a key that was made there works until it is revoked there", async () => {
  verifies("web-settings", "auth-keys");
  await using dashboard = await Dashboard.start(async () => {});
  const page = await dashboard.open("/settings");
  await page.getByLabel("New key for").fill("build-server");
  await page.getByRole("checkbox", { name: /^read/ }).check();
  await page.getByRole("button", { name: "Make key" }).click();
  const key = await page.locator(".key-made code").textContent();
  const ask = async () => {
    const response = await fetch(`${dashboard.url}/api/activity`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await ask(), 200);
  await page.getByRole("button", { name: /Revoke/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("No keys yet").waitFor();
  assert.equal(await ask(), 401);
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("everything is deleted once that was typed, and signing out ends the session", async () => {
  verifies("web-settings", "auth-cookie");
  await using dashboard = await Dashboard.start(recordTroubledRuns);
  const home = dashboard.home.path;
  assert.notEqual((await readEvents(home)).length, 0);
  const page = await dashboard.open("/settings");
  await page.getByRole("button", { name: "Delete everything…" }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Delete everything" });
  assert.equal(await confirm.isDisabled(), true);
  await keepScreenshot(page, "settings-delete-everything");
  await dialog.getByRole("textbox").fill("delete everything");
  await confirm.click();
  await page.getByText(/messages deleted/).waitFor();
  assert.deepEqual(await readEvents(home), []);

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in from your terminal" }).waitFor();
  const status = await page.evaluate(async () => (await fetch("/api/activity")).status);
  assert.equal(status, 401);
});

testDashboard("a dialog dims all of the page, the place of a scrollbar too, and moves nothing", async () => {
  verifies("web-settings");
  await using dashboard = await Dashboard.start(async () => {}, { hasScrollbars: true });
  for (const path of ["/settings", "/live"]) {
    const page = await dashboard.open(path);
    await settled(page);
    assert.ok(await scrollbarPx(page) > 0, "there is place for a scrollbar");
    const before = await page.locator("main").boundingBox();
    if (path === "/live") await page.keyboard.press("?");
    else await page.getByRole("button", { name: "Delete everything…" }).click();
    await page.getByRole("dialog").waitFor();
    assert.equal(await scrollbarPx(page), 0, path);
    assert.equal((await page.locator("main").boundingBox())?.width, before?.width, path);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    // And it is back.
    await page.waitForFunction(() => innerWidth > document.body.getBoundingClientRect().right);
  }
});

/** Width at the right edge that the page does not reach. */
async function scrollbarPx(page: Page): Promise<number> {
  return await page.evaluate(() => innerWidth - document.body.getBoundingClientRect().right);
}

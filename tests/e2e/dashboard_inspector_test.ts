/** The inspector in a real browser: one call of a real server. @module */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { keepScreenshot } from "./browser.ts";
import { Dashboard, testDashboard } from "./dashboard.ts";
import { readCalls, runKm } from "./harness.ts";

testDashboard(
  "the inspector shows the counterpart and the timeline, and copies what works elsewhere",
  async () => {
    verifies("web-inspector");
    await using dashboard = await Dashboard.start();
    const home = dashboard.home.path;
    const call = (await readCalls(home)).find(({ tool, outcome }) => tool === "echo" && outcome === "ok");
    assert.ok(call, "the runs have a call of echo");
    const page = await dashboard.open("/");
    // The clipboard of a test machine may be nobody's: what is copied is kept instead.
    await page.addInitScript(() => {
      Object.defineProperty(navigator, "clipboard", {
        value: {
          writeText: (text: string) => Promise.resolve(void document.body.setAttribute("data-copied", text)),
        },
      });
    });
    const copied = () => page.locator("body").getAttribute("data-copied");
    await page.goto(`${dashboard.url}/inspect/${call.id}`);
    await page.waitForFunction(() => document.title === "echo · Inspector · km");

    const timeline = page.getByRole("region", { name: "The call over time" }).getByRole("listitem");
    await timeline.filter({ hasText: "request" }).waitFor();
    await timeline.filter({ hasText: "answer" }).waitFor();
    const request = page.getByRole("region", { name: "Request" });
    const answer = page.getByRole("region", { name: "Answer" });
    await request.getByText("jsonrpc").first().waitFor();
    await answer.getByText("jsonrpc").first().waitFor();
    await keepScreenshot(page, "inspector");

    await answer.getByRole("button", { name: "Copy JSON" }).click();
    await answer.getByText("Copied").waitFor();
    const shown = JSON.parse((await runKm(["show", call.id, "--json"], { home })).out);
    assert.deepEqual(JSON.parse(await copied() ?? ""), shown.counterpart.payload);

    await page.getByRole("button", { name: "Copy curl" }).click();
    await page.waitForFunction(() => document.body.getAttribute("data-copied")?.startsWith("curl"));
    const { out, err } = await runKm([await copied() ?? ""], { home, command: ["sh", "-c"] });
    assert.deepEqual(JSON.parse(out), shown, err);

    await answer.getByRole("button", { name: "Go to it" }).click();
    await page.waitForURL((url) => url.pathname !== `/inspect/${call.id}`);
    await page.goBack();
    await page.getByRole("link", { name: "Find similar" }).click();
    await page.waitForURL((url) => url.pathname === "/live" && url.searchParams.get("tool") === "echo");
    const rows = page.getByRole("grid").locator(".live-rows").getByRole("row");
    await rows.first().waitFor();
    assert.equal(await rows.filter({ hasText: "echo" }).count(), await rows.count());
    assert.deepEqual(dashboard.pageErrors, []);
  },
);

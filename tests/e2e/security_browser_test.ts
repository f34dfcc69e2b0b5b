import { deepEqual, equal } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { NO_BROWSER, startBrowser } from "./browser.ts";
import { RunningDaemon } from "./daemon.ts";
import { runKm } from "./harness.ts";

Deno.test({
  name: "a browser signs in by the link, and its pages break no rule of their own policy",
  ignore: NO_BROWSER !== null,
  async fn() {
    verifies("guard-headers", "auth-cookie", "serve-open");
    await using daemon = await RunningDaemon.start(["--also", "off"]);
    const link = (await runKm(["open", "--print"], { home: daemon.home })).out.trim();
    const { origin } = new URL(link);
    await using browser = await startBrowser();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
    });
    const signedIn = page.waitForResponse((response) => response.url() === `${origin}/api/auth/session`);
    await page.goto(link);
    equal((await signedIn).status(), 204);
    const me = await page.evaluate(async () => await (await fetch("/api/auth/me")).json());
    deepEqual(me, { name: "browser", via: "cookie", scopes: ["admin"] });
    equal(await page.evaluate(() => document.cookie), "", "no script sees the cookie");
    equal(page.url().includes("token="), false, "the code is gone from the address");
    for (const path of ["/", "/live", "/servers", "/tools", "/settings", "/docs"]) {
      await page.goto(origin + path, { waitUntil: "load" });
      await page.waitForSelector("h1");
    }
    deepEqual(complaints, []);
    await page.evaluate(() => fetch("/api/auth/session", { method: "DELETE" }));
    equal(await page.evaluate(async () => (await fetch("/api/auth/me")).status), 401);
  },
});

/** Sessions in a real browser: real programs in real terminals, on a real daemon. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { verifies } from "../verifies.ts";
import { structuredAgent } from "../fakes/structured_agent.ts";
import { keepScreenshot, seriousFindings } from "./browser.ts";
import { Dashboard, LAPTOP, PHONE, testDashboard } from "./dashboard.ts";
import { within } from "./harness.ts";

/** A shell without a user's settings, whose prompt is always the same. */
const SHELL = ["sh", "-c", "PS1='km> ' exec sh"];
/** Waits for a line, then says something that a person must answer. */
const ASKS = [
  "sh",
  "-c",
  "echo working; read x; printf 'Do you want to go on? (y/n) '; read y; echo said $y",
];

testDashboard("a terminal takes what is typed, shows its echo, and is the same after a reload", async () => {
  verifies("session-dashboard");
  await using dashboard = await Dashboard.start(async () => {});
  const { number } = await start(dashboard, { name: "typed", command: SHELL });
  const page = await dashboard.open(`/sessions/${number}`);
  await sees(page, "km>");
  await page.keyboard.type("echo sum $((40+2))\n");
  await sees(page, "sum 42");
  await page.reload();
  await sees(page, "echo sum $((40+2))");
  await sees(page, "sum 42");
  await page.keyboard.type("echo again $((40+3))\n");
  await sees(page, "again 43");
  assert.deepEqual(dashboard.pageErrors, []);
  assert.deepEqual(dashboard.foreignRequests, []);
});

testDashboard("a session that starts to wait comes first, with a badge in words and a count", async () => {
  verifies("session-dashboard");
  await using dashboard = await Dashboard.start(async () => {});
  const asks = await start(dashboard, { name: "asks", command: ASKS });
  await start(dashboard, { name: "works", command: SHELL });
  const page = await dashboard.open("/sessions");
  await page.getByRole("link", { name: /^asks/ }).waitFor();
  await isIn(dashboard, asks, "idle,running");
  await post(dashboard, `/api/sessions/${asks.number}/input`, { keys: "\r" });
  const waiting = page.getByRole("region", { name: "Waits for you" });
  await waiting.getByRole("link", { name: /asks.*Waits for you/ }).waitFor();
  const first = await page.locator(".sessions-group").first().getAttribute("aria-label");
  assert.equal(first, "Waits for you");
  await page.waitForFunction(() => document.title === "(1) Sessions · km");
  await page.getByRole("navigation", { name: "Pages" }).getByText("1want to be looked at").waitFor();
  await keepScreenshot(page, "sessions-waiting");

  await waiting.getByRole("link", { name: /asks/ }).click();
  await page.waitForFunction(() => document.title === "asks · Sessions · km");
  await sees(page, "(y/n)");
  await page.keyboard.type("yes\n");
  await sees(page, "said yes");
  await page.getByText("Ended, exit code 0").waitFor();
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("a session that waits unseen is notified once, and not while it is looked at", async () => {
  verifies("session-notifications");
  await using dashboard = await Dashboard.start(async () => {});
  const asks = await start(dashboard, { name: "asks", command: ASKS });
  const page = await dashboard.open("/", { permissions: ["notifications"] });
  await page.addInitScript(() => {
    const told: string[] = [];
    class Told {
      static permission = "granted";
      static requestPermission = () => Promise.resolve("granted");
      constructor(title: string) {
        told.push(title);
      }
      close() {}
    }
    Object.assign(globalThis, { Notification: Told, told });
  });
  await page.goto(`${dashboard.url}/servers`);
  const told = () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told); // as: the script above made it
  await isIn(dashboard, asks, "idle,running");
  await page.waitForFunction(() => document.title === "Servers · km");
  await post(dashboard, `/api/sessions/${asks.number}/input`, { keys: "\r" });
  await page.waitForFunction(() => document.title === "(1) Servers · km");
  assert.deepEqual(await told(), ["asks waits for you"]);

  await page.goto(`${dashboard.url}/sessions/${asks.number}`);
  await sees(page, "(y/n)");
  await page.waitForFunction(() => document.title === "asks · Sessions · km");
  await page.keyboard.type("yes\n");
  await page.getByText("Ended, exit code 0").waitFor();
  assert.deepEqual(await told(), [], "it ended before the user's eyes");
});

testDashboard(
  "two browsers: one has the size, the other sees all of it, and takes it when asked",
  async () => {
    verifies("session-size-owner");
    await using dashboard = await Dashboard.start(async () => {});
    const { number } = await start(dashboard, { name: "shared", command: SHELL });
    const large = await dashboard.open(`/sessions/${number}`);
    await sees(large, "km>");
    const size = large.locator(".terminal-size");
    await large.waitForFunction(() => document.querySelector(".terminal-size")?.textContent !== "120 × 40");
    const before = await size.textContent();

    const phone = await dashboard.open(`/sessions/${number}`, {
      viewport: PHONE,
      hasTouch: true,
      isMobile: true,
    });
    await sees(phone, "km>");
    assert.equal(await phone.locator(".terminal-size").textContent(), before, "the phone changes nothing");
    assert.equal(await size.textContent(), before);
    const [wanted, had] = await phone.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth] as const;
    });
    assert.ok(wanted <= had, `the page is wider than the phone: ${wanted} > ${had}`);
    await keepScreenshot(phone, "session-phone");

    await phone.getByRole("button", { name: "Take size" }).click();
    await large.waitForFunction(
      (before) => document.querySelector(".terminal-size")?.textContent !== before,
      before,
    );
    const taken = Number.parseInt(await size.textContent() ?? "");
    assert.ok(taken < Number.parseInt(before ?? ""), `${taken} columns fit on a phone`);
    await large.getByRole("button", { name: "Take size" }).click();
    await large.waitForFunction(
      (before) => document.querySelector(".terminal-size")?.textContent === before,
      before,
    );
    assert.deepEqual(dashboard.pageErrors, []);
  },
);

testDashboard("on a phone, keys that its keyboard has not are there", async () => {
  verifies("session-dashboard");
  await using dashboard = await Dashboard.start(async () => {});
  const { number } = await start(dashboard, {
    name: "keys",
    command: ["sh", "-c", "echo ready; exec cat -v"],
  });
  const page = await dashboard.open(`/sessions/${number}`, {
    viewport: PHONE,
    hasTouch: true,
    isMobile: true,
  });
  await sees(page, "ready");
  const keys = page.getByRole("toolbar", { name: "Keys" });
  for (const name of ["Esc", "Up", "Pipe", "Slash", "Dash"]) {
    await keys.getByRole("button", { name, exact: true }).click();
  }
  await keys.getByRole("button", { name: "Enter", exact: true }).click();
  await sees(page, "^[^[[A|/-");
  await keys.getByRole("button", { name: "Ctrl", exact: true }).click();
  await page.locator(".xterm-helper-textarea").press("c");
  await page.getByText("Ended, SIGINT").first().waitFor();
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("full access is red and said in words, and must be confirmed", async () => {
  verifies("session-dashboard");
  await using dashboard = await Dashboard.start(withAgent);
  const page = await dashboard.open("/sessions", { colorScheme: "dark" });
  await page.getByRole("button", { name: "Start a session" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Start a session" });
  await dialog.getByText("Fake agent").click();
  await dialog.getByLabel("Name").fill("dangerous");
  await dialog.getByLabel("Folder").fill(dashboard.home.path);
  await dialog.getByLabel("Full access").check();
  const button = dialog.getByRole("button", { name: "Start with full access" });
  assert.equal(await button.isDisabled(), true, "once is not enough");
  await dialog.getByLabel(/^Yes, it may do anything/).check();
  await keepScreenshot(page, "sessions-start-full");
  await button.click();
  await page.getByRole("heading", { name: "dangerous" }).waitFor();
  const tag = page.getByText("Full access").first();
  await tag.waitFor();
  assert.deepEqual(await colors(tag), await palette(page, "--bad"));
  await page.getByRole("link", { name: "All sessions" }).click();
  await page.locator(".tile.is-full").getByText("Full access").waitFor();
  await keepScreenshot(page, "sessions-full");
});

testDashboard("hostile output: no clipboard, no link without a word, no title but text", async () => {
  verifies("session-hostile-output");
  await using dashboard = await Dashboard.start(async () => {});
  const evil = [
    "printf '\\033]52;c;aGFja2Vk\\007'",
    "printf '\\033]8;;https://evil.example/a?b=<i>\\033\\\\Click_here\\033]8;;\\033\\\\ '",
    "printf '\\033]8;;javascript:alert(1)\\033\\\\Bad_link\\033]8;;\\033\\\\\\n'",
    "printf '\\033]0;<img src=x onerror=alert(1)>\\007'",
    "exec cat",
  ].join("; ");
  const { number } = await start(dashboard, { name: "evil", command: ["sh", "-c", evil] });
  const page = await dashboard.open(`/sessions/${number}`, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.evaluate(() => navigator.clipboard.writeText("mine"));
  await sees(page, "Bad_link");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "mine");
  await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
  assert.equal(await page.locator("main img, main b:not(.nav-count)").count(), 0);

  await clickWord(page, "Click_here");
  const question = page.getByRole("dialog", { name: "Follow a link of this program?" });
  await question.getByText("https://evil.example/a?b=<i>").waitFor();
  assert.deepEqual(await seriousFindings(page), []);
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "hidden" });
  await clickWord(page, "Bad_link");
  await clickWord(page, "Click_here");
  await question.getByText("https://evil.example/a?b=<i>").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 1, "what is no link of the web is none");
  assert.deepEqual(dialogs, []);
  assert.equal(page.context().pages().length, 1);
  assert.deepEqual(dashboard.foreignRequests, []);
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("what a program asks its terminal is answered once, however many look", async () => {
  verifies("session-terminal-answers");
  await using dashboard = await Dashboard.start(async () => {});
  // Raw, so that answers come as they are; each query waits for a key, so that all viewers are there.
  const asks = "stty raw -echo; printf 'ready\\r\\n'; head -c1 >/dev/null; " +
    "printf '\\033[c\\033[>c\\033[6n\\033[?6n\\033[5n\\033]10;?\\007\\033]11;?\\007\\033]4;1;?\\007\\033[?2026$p\\033[4$p\\033P$qm\\033\\\\\\033[?1004h'; " +
    "exec cat -v";
  const { number } = await start(dashboard, { name: "asks", command: ["sh", "-c", asks] });
  const one = await dashboard.open(`/sessions/${number}`);
  await sees(one, "ready");
  const two = await dashboard.open(`/sessions/${number}`);
  await sees(two, "ready");
  await two.keyboard.type("x");
  await sees(two, "[?1;2c");
  await two.keyboard.type("END");
  await sees(two, "END");
  const { screen: rows } = await (await dashboard.ask(`/api/sessions/${number}/screen`)).json();
  const screen: string = rows.join("");
  for (const answer of ["[?1;2c", "]10;rgb:", "]11;rgb:"]) {
    assert.equal(screen.split(answer).length - 1, 1, `${answer} comes once: ${screen}`);
  }
});

testDashboard("a command for a busy agent is queued, cancelled, or typed in when it is idle", async () => {
  await using dashboard = await Dashboard.start(withAgent);
  const { number } = await start(dashboard, { provider: "fake", name: "busy" });
  await isIn(dashboard, { number }, "idle");
  const page = await dashboard.open(`/sessions/${number}`);
  const field = page.getByRole("textbox", { name: "Command" });
  await field.fill("work");
  await field.press("Enter");
  await page.getByText("Running", { exact: true }).first().waitFor();
  const queue = page.getByRole("list", { name: "Commands that wait until it is idle" });
  for (const text of ["not this", "but this"]) {
    await field.fill(text);
    await field.press("Enter");
    await queue.getByText(text, { exact: true }).waitFor();
  }
  await keepScreenshot(page, "session-queue");
  await queue.getByRole("button", { name: "Cancel not this" }).click();
  await queue.getByText("not this").waitFor({ state: "detached" });
  await page.locator(".terminal-host").click();
  await page.keyboard.type("finish");
  await page.keyboard.press("Enter");
  await sees(page, "You said: but this (pasted");
  await queue.waitFor({ state: "detached" });
  const about = page.getByRole("complementary", { name: "About this session" });
  await about.getByText(/^cancelled ·/).waitFor();

  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.getByRole("dialog", { name: "End busy?" }).getByRole("button", { name: "End it" }).click();
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await page.waitForURL(`**/sessions/${number + 1}`);
  await page.getByText("Idle", { exact: true }).first().waitFor();
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("a terminal is searched, only looked at, and left by keys", async () => {
  verifies("session-dashboard");
  await using dashboard = await Dashboard.start(async () => {});
  const { number } = await start(dashboard, { name: "found", command: SHELL });
  const page = await dashboard.open(`/sessions/${number}`);
  await sees(page, "km>");
  await page.keyboard.type("echo needle-$((1+1)); echo needle-$((2+2))\n");
  await sees(page, "needle-4");
  await page.keyboard.press("Control+Shift+F");
  const search = page.getByRole("searchbox", { name: "Search in the terminal" });
  await search.fill("needle-");
  await page.getByText("4 of 4").waitFor();
  await search.press("Enter");
  await page.getByText("3 of 4").waitFor();
  await keepScreenshot(page, "session-search");
  await search.press("Escape");
  await search.waitFor({ state: "hidden" });

  await page.keyboard.press("Tab");
  assert.equal(await isTerminalFocused(page), true, "Tab is the program's");
  await page.keyboard.press("Control+Shift+L");
  assert.equal(await isTerminalFocused(page), false, "the way out");

  await page.getByLabel("Only look").check();
  await page.locator(".terminal-host").click();
  await page.keyboard.type("unheard");
  await page.getByLabel("Only look").uncheck();
  await page.locator(".terminal-host").click();
  await page.keyboard.press("Control+c");
  await page.keyboard.type("echo heard $((6*7))\n");
  await sees(page, "heard 42");
  const { screen } = await (await dashboard.ask(`/api/sessions/${number}/screen`)).json();
  assert.doesNotMatch(screen.join("\n"), /unheard/);
  assert.deepEqual(await seriousFindings(page), []);
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("what a terminal shows is copied, and exported as text and as a recording", async () => {
  verifies("session-dashboard");
  await using dashboard = await Dashboard.start(async () => {});
  const { number } = await start(dashboard, {
    name: "kept",
    command: ["sh", "-c", "echo keep-me; exec cat"],
  });
  const page = await dashboard.open(`/sessions/${number}`, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await sees(page, "keep-me");
  const exported = async (name: string) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByText(name, { exact: true }).click(),
    ]);
    return { name: download.suggestedFilename(), text: await Deno.readTextFile(await download.path()) };
  };
  const text = await exported("Export text");
  assert.deepEqual([text.name, text.text], ["kept.txt", "keep-me\n"]);
  const recording = await exported("Export recording");
  assert.equal(recording.name, "kept.cast");
  assert.equal(JSON.parse(recording.text.split("\n")[0] ?? "").version, 3);

  await clickWord(page, "keep-me", 2);
  await page.getByRole("button", { name: "Copy the selection" }).click();
  await page.getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "keep-me");
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("many lines are not pasted into a shell without a question", async () => {
  await using dashboard = await Dashboard.start(async () => {});
  const { number } = await start(dashboard, {
    name: "paste",
    command: ["sh", "-c", "echo ready; exec cat -v"],
  });
  const page = await dashboard.open(`/sessions/${number}`);
  await sees(page, "ready");
  const paste = (text: string) =>
    page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      document.querySelector(".xterm-helper-textarea")?.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    }, text);
  await paste("one line");
  await sees(page, "one line");
  await paste("first\nsecond\u001b[201~\n");
  const question = page.getByRole("dialog", { name: "Paste 2 lines?" });
  await question.getByText("second").waitFor();
  await question.getByRole("button", { name: "Paste" }).click();
  await sees(page, "second[201~");
});

testDashboard("the page of sessions is good to read in both schemes and on a phone", async () => {
  verifies("session-dashboard");
  await using dashboard = await Dashboard.start(async () => {});
  await start(dashboard, { name: "asks", command: ["sh", "-c", "printf 'Go on? (y/n) '; read y"] });
  await start(dashboard, { name: "shell", command: SHELL });
  await start(dashboard, { name: "ends", command: ["sh", "-c", "exit 3"] });
  for (const [screen, viewport] of [["laptop", LAPTOP], ["phone", PHONE]] as const) {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await dashboard.open("/sessions", { viewport, colorScheme });
      await page.getByText("Ended, exit code 3").waitFor();
      await page.getByRole("region", { name: "Waits for you" }).waitFor();
      await page.locator(".tile .xterm-screen").nth(1).waitFor();
      assert.deepEqual(await seriousFindings(page), [], `grid ${screen} ${colorScheme}`);
      await keepScreenshot(page, `sessions-${screen}-${colorScheme}`);
      await page.getByRole("link", { name: /^shell/ }).click();
      await sees(page, "km>");
      assert.deepEqual(await seriousFindings(page), [], `one ${screen} ${colorScheme}`);
      await keepScreenshot(page, `session-${screen}-${colorScheme}`);
      await page.context().close();
    }
  }
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("a hundred sessions are listed, and only those in sight are drawn", async () => {
  await using dashboard = await Dashboard.start(async (home) => {
    const sessions = { max: 200, maxPerUser: 200 };
    await Deno.writeTextFile(`${home}/config.jsonc`, JSON.stringify({ sessions }));
  });
  await Promise.all(
    Array.from(
      { length: 100 },
      (_, at) => start(dashboard, { name: `one-${at}`, command: ["sh", "-c", "exec cat"] }),
    ),
  );
  const page = await dashboard.open("/sessions");
  await page.locator(".tile").nth(99).waitFor();
  await page.locator(".tile .xterm-screen").first().waitFor();
  const drawn = await page.locator(".tile .xterm-screen").count();
  assert.ok(drawn > 0 && drawn <= 24, `${drawn} terminals are drawn`);
  await page.getByRole("searchbox", { name: /^Filter/ }).fill("one-99");
  await page.waitForFunction(() => document.querySelectorAll(".tile").length === 1);
  assert.deepEqual(dashboard.pageErrors, []);
});

testDashboard("tasks are submitted, followed, read and cancelled", async () => {
  await using dashboard = await Dashboard.start(async (home) => {
    const agent = { title: "Task agent", ...structuredAgent(home) };
    await Deno.writeTextFile(`${home}/config.jsonc`, JSON.stringify({ providers: { agent } }));
  });
  const page = await dashboard.open("/sessions?tab=tasks");
  await page.getByText("No tasks yet").waitFor();
  const submit = async (prompt: string) => {
    await page.getByRole("button", { name: "Submit a task" }).click();
    const dialog = page.getByRole("dialog", { name: "Submit a task" });
    await dialog.getByText("Task agent").click();
    await dialog.getByLabel("Prompt").fill(prompt);
    await dialog.getByLabel("Folder").fill(dashboard.home.path);
    await dialog.getByRole("button", { name: "Submit", exact: true }).click();
    await dialog.waitFor({ state: "hidden" });
    return page.locator(".tasks > li").filter({ hasText: prompt });
  };
  const said = await submit("say hello");
  await said.getByText("Done", { exact: true }).waitFor();
  await said.getByText("$0.0123").waitFor();
  await said.getByRole("button", { name: "say hello" }).click();
  await said.getByText("thinking").waitFor();
  await said.getByText(/2 turns .* 3 tokens out/).waitFor();
  const held = await submit("hold");
  await held.getByText("Running", { exact: true }).waitFor();
  await held.getByRole("button", { name: /^Cancel task/ }).click();
  await held.getByText("Cancelled", { exact: true }).waitFor();
  assert.deepEqual(await seriousFindings(page), []);
  await keepScreenshot(page, "sessions-tasks");
  assert.deepEqual(dashboard.pageErrors, []);
});

/** A provider that does what its prompts say, and draws as Claude Code does. */
async function withAgent(home: string): Promise<void> {
  const agent = fileURLToPath(new URL("../fakes/fake_agent.ts", import.meta.url));
  const command = [Deno.execPath(), "run", "-A", agent];
  const providers = { fake: { title: "Fake agent", extends: "claude", command } };
  await Deno.writeTextFile(`${home}/config.jsonc`, JSON.stringify({ providers }));
}

interface Started {
  readonly id: string;
  readonly number: number;
}

async function start(
  dashboard: Dashboard,
  session: { provider?: string; name: string; command?: string[] },
): Promise<Started> {
  return await post(dashboard, "/api/sessions", { provider: "shell", cwd: dashboard.home.path, ...session });
}

async function isIn(
  dashboard: Dashboard,
  { number }: Pick<Started, "number">,
  states: string,
): Promise<void> {
  const response = await dashboard.ask(`/api/sessions/${number}/wait?state=${states}&timeout=30`);
  assert.equal(response.status, 200, await response.text());
}

async function post<Answer>(dashboard: Dashboard, path: string, body: unknown): Promise<Answer> {
  const response = await dashboard.ask(path, body);
  const text = await response.text();
  assert.ok(response.ok, `${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** Waits until the page's terminal shows `text`. */
async function sees(page: Page, text: string): Promise<void> {
  const shown = page.waitForFunction(
    (text) =>
      (document.querySelector(".terminal-host .xterm-rows")?.textContent ?? "").replaceAll("\u00a0", " ")
        .includes(text),
    text,
  );
  await within(shown, 30_000, () => `the terminal never showed "${text}"`);
}

function isTerminalFocused(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement?.classList.contains("xterm-helper-textarea") ?? false);
}

/** Clicks the middle of a word that the terminal shows; twice marks it. */
async function clickWord(page: Page, word: string, clickCount = 1): Promise<void> {
  const place = await page.evaluate((word) => {
    const rows = [...document.querySelectorAll(".terminal-host .xterm-rows > div")];
    const row = rows.find((row) => row.textContent?.includes(word));
    const screen = document.querySelector(".terminal-host .xterm-screen");
    if (!row || !screen) return null;
    const { left, width } = screen.getBoundingClientRect();
    const { top, height } = row.getBoundingClientRect();
    const columns = Number.parseInt(document.querySelector(".terminal-size")?.textContent ?? "120");
    const column = (row.textContent ?? "").indexOf(word) + word.length / 2;
    return { x: left + column * width / columns, y: top + height / 2 };
  }, word);
  assert.ok(place, `${word} is not shown`);
  await page.mouse.move(place.x + 2, place.y);
  await page.mouse.move(place.x, place.y);
  await page.mouse.click(place.x, place.y, { clickCount });
}

async function colors(element: Locator): Promise<string> {
  return await element.evaluate((element) => getComputedStyle(element).color);
}

async function palette(page: Page, name: string): Promise<string> {
  return await page.evaluate((name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }, name);
}

/** Secrets in what sessions are sent and show: masked in every answer, and as they were written where bytes are promised. */
import { doesNotMatch, equal, match, ok } from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { runKm, until } from "./harness.ts";
import { SessionsDaemon } from "./sessions.ts";

const NO_TERMINALS = unlessOs("linux", "darwin");
const SECRET = `ghp_${"a1B2".repeat(9)}`;
/** Also of a secret that was cut. */
const PART = /ghp_|a1B2/;

testUnless(NO_TERMINALS, "a secret in a command is typed as it is, and masked in every answer", async () => {
  verifies("session-secrets-masked");
  await using at = await SessionsDaemon.start({ env: { SHELL: "/bin/bash" } });
  const { home } = at.daemon;
  const km = async (...words: string[]) => {
    const { code, out, err } = await runKm(words, { home, cwd: home });
    equal(code, 0, err);
    return out;
  };
  const reader = await at.key("reader", "read");
  using watcher = await at.socket({ access: "read" });
  await watcher.command({ action: "watch" });
  const prompt = "PS1='$ ' exec bash --norc --noprofile";
  const { id, number } = await at.run(["sh", "-c", prompt], { size: { cols: 40, rows: 10 } });
  await km("sessions", "wait", String(number));
  using writer = await at.socket();

  const title = `\\033]0;title ${SECRET}\\007`;
  const command = `printf '${title}'; echo is ${SECRET} it > typed; cat typed`;
  const sent = [
    JSON.stringify((await at.ask("POST", `/api/sessions/${id}/input`, { command, id: "one" })).body),
    await km("sessions", "wait", String(number)),
    JSON.stringify(await writer.command({ action: "send", text: `: ${SECRET}`, id: "two" }, id)),
    await km("sessions", "wait", String(number)),
    await km("sessions", "send", String(number), `: again ${SECRET}`, "--json"),
    await km("sessions", "wait", String(number)),
    await km("sessions", "send", String(number), `: and ${SECRET}`, "--wait"),
  ];
  equal(await Deno.readTextFile(`${home}/typed`), `is ${SECRET} it\n`);
  await until(
    async () => (await at.ask("GET", `/api/sessions/${id}`)).body.title.startsWith("title [redacted:"),
    "the title",
  );
  const path = `/api/sessions/${id}`;
  // What was written is stored a moment later.
  await until(
    async () => (await at.ask("GET", "/api/sessions/search?q=is")).body.hits.length > 0,
    "the output",
  );
  for (
    const asked of [
      path,
      "/api/sessions",
      `${path}/history`,
      `${path}/history?kind=commands`,
      `${path}/screen`,
      `${path}/screen?scrollback=true`,
      "/api/sessions/search?q=echo",
      "/api/sessions/search?q=is",
      "/api/sessions/search?q=ghp_",
    ]
  ) {
    const { status, body } = await at.ask("GET", asked, undefined, reader);
    equal(status, 200);
    sent.push(JSON.stringify(body));
  }
  for (
    const words of [
      ["history", id],
      ["history", id, "--json"],
      ["screen", id],
      ["screen", id, "--scrollback"],
      ["search", "is"],
      ["search", "ghp_", "--json"],
      ["list", "--json"],
    ]
  ) sent.push(await km("sessions", ...words));
  for (const answer of [...sent, ...watcher.messages.map((message) => JSON.stringify(message))]) {
    doesNotMatch(answer, PART);
  }
  equal(
    watcher.events("command", id).filter(({ command }) => /redacted/.test(JSON.stringify(command))).length >
      3,
    true,
  );
  match(await km("sessions", "screen", id, "--scrollback"), /^is \[redacted:github-token\]$/m);

  // Bytes are bytes.
  match(await km("sessions", "logs", id), new RegExp(`^is ${SECRET} it$`, "m"));
  match(await km("sessions", "screen", id, "--ansi"), PART);
  match(await km("sessions", "screen", id, "--cells"), PART);
  match((await at.ask("GET", `${path}/recording`, undefined, reader)).body, new RegExp(SECRET));
});

testUnless(
  NO_TERMINALS,
  "no session and no task is called by a secret; a task's result has none that was wrapped",
  async () => {
    verifies("session-secrets-masked");
    await using at = await SessionsDaemon.start({ env: { SHELL: "/bin/sh", PS1: "$ " } });
    const { home } = at.daemon;
    const km = async (...words: string[]) => await runKm(words, { home, cwd: home });
    for (
      const refused of [
        await km("run", "-d", "--name", `n-${SECRET}`, "--", "true"),
        await km("run", "-d", "--name", `a ${SECRET}`, "--", "true"),
        await km("tasks", "submit", "shell", "true", "--key", `k-${SECRET}`),
      ]
    ) {
      equal(refused.code, 2, refused.err);
      match(refused.err, /it holds a secret\nkm: hint: /);
      doesNotMatch(refused.err, PART);
    }
    const wide = "x".repeat(100);
    const { code, out, err } = await km("tasks", "submit", "shell", `echo ${wide} ${SECRET}`, "--wait");
    equal(code, 0, err);
    ok(out.includes(wide) && out.includes("redacted"), out);
    doesNotMatch(out, PART);
  },
);

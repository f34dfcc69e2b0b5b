/** Going on with sessions: with whose environment, with which arguments, and what to do where there is no going on. */
import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import type { SessionBody } from "../../src/client/session_socket.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { type Ended, runKm, type RunOptions, TempFolder } from "./harness.ts";
import { SessionsDaemon } from "./sessions.ts";

const NO_TERMINALS = unlessOs("linux", "darwin");

/** Says what it was given, and ends. */
const SAYS = 'echo "KEY=$ANTHROPIC_API_KEY. OTHER=$OTHER_KEY. ARGS=$*."';
const providers = { agent: { extends: "claude", command: ["sh", "-c", SAYS, "agent"] } };

interface Place extends AsyncDisposable {
  readonly home: string;
  readonly daemon: SessionsDaemon;
  km(args: readonly string[], env?: RunOptions["env"]): Promise<Ended>;
  /** What session `number` said when it has ended. */
  said(number: number): Promise<string>;
}

async function start(): Promise<Place> {
  const folder = new TempFolder();
  const { path: home } = folder;
  Deno.writeTextFileSync(`${home}/config.jsonc`, JSON.stringify({ providers }));
  const daemon = await SessionsDaemon.start({ home, env: { SHELL: "/bin/sh" } });
  const km: Place["km"] = async (args, env = {}) => await runKm([...args], { home, cwd: home, env });
  return {
    home,
    daemon,
    km,
    async said(number) {
      await km(["sessions", "wait", String(number), "--for", "exited"]);
      return (await km(["sessions", "logs", String(number)])).out;
    },
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

testUnless(NO_TERMINALS, "a resume has the environment of who asks, by the same allow-list", async () => {
  verifies("session-environment", "session-lost-resume");
  await using at = await start();
  const keys = (key: string) => ({ ANTHROPIC_API_KEY: key, OTHER_KEY: "not-this-one" });
  await at.km(["run", "-d", "agent"], keys("first"));
  match(await at.said(1), /^KEY=first\. OTHER=\./m);
  equal((await at.km(["sessions", "resume", "1", "-d"], keys("second"))).out, "2\n");
  match(await at.said(2), /^KEY=second\. OTHER=\./m);
  equal((await at.km(["run", "-d", "--resume", "2"], keys("third"))).out, "3\n");
  match(await at.said(3), /^KEY=third\. OTHER=\./m);
  const env = { ANTHROPIC_API_KEY: "fourth" };
  equal((await at.daemon.ask("POST", "/api/sessions/3/resume", { env })).status, 201);
  match(await at.said(4), /^KEY=fourth\. OTHER=\./m);
});

testUnless(NO_TERMINALS, "a resume leaves arguments out, and says so; it takes others", async () => {
  verifies("session-lost-resume", "session-full-access");
  await using at = await start();
  const resume = async (...words: string[]) => await at.km(["sessions", "resume", "-d", "--json", ...words]);
  await at.km(["run", "-d", "--full-access", "agent", "--", "--model", "opus", "say it's \x1b[1mdone"]);
  match(await at.said(1), /--dangerously-skip-permissions --model opus/);
  const without = await resume("1");
  const { number, fullAccess } = JSON.parse(without.out) as SessionBody;
  deepEqual([number, fullAccess], [2, false]);
  equal(
    without.err,
    `km: note: resumed without its arguments: --model opus 'say it'\\''s \\e[1mdone'; give them again after --\n`,
  );
  doesNotMatch(await at.said(2), /opus/);
  const again = await resume("2", "--", "--model", "sonnet", "--dangerously-skip-permissions");
  deepEqual([again.err, (JSON.parse(again.out) as SessionBody).fullAccess], ["", true]);
  match(
    await at.said(3),
    /ARGS=--resume \S+ --settings \S+ --model sonnet --dangerously-skip-permissions\.$/m,
  );
  const { body } = await at.daemon.ask("GET", `/api/audit?subject=${JSON.parse(again.out).id}`);
  deepEqual(body.entries.map(({ action }: { action: string }) => action), ["session.start.full_access"]);
  const args = ["--model", "haiku"];
  equal((await at.daemon.ask("POST", "/api/sessions/3/resume", { args })).status, 201);
  match(await at.said(4), /--model haiku\.$/m);
  equal((await at.km(["run", "-d", "--resume", "4", "agent", "--", "--verbose"])).out, "5\n");
  match(await at.said(5), /--verbose\.$/m);
  // What the session before was given is told, not what the one before that was.
  match((await resume("5")).err, /without its arguments: --verbose; /);
  for (const words of [["mcp", "list"], ["--continue"], ["--session-id", "x"]]) {
    const refused = await resume("5", "--", ...words);
    deepEqual([refused.code, refused.err.includes("another conversation")], [2, true], refused.err);
  }
  equal((await resume("5", "--model", "x")).code, 2, "without --");
  equal((await at.km(["run", "-d", "--resume", "5", "claude"])).code, 2, "another provider");
  match((await at.km(["run"])).err, /"km run" needs a provider/);
});

testUnless(NO_TERMINALS, "where there is no going on, the hint says how it was started", async () => {
  await using at = await start();
  await at.km(["run", "-d", "--", "sh", "-c", "exit 3", "it's"]);
  await at.km(["run", "-d", "shell"]);
  await at.km(["run", "-d", "agent"]);
  await at.said(1);
  await at.said(3);
  await at.km(["sessions", "kill", "2"]);
  const again = (number: number) =>
    Promise.all(
      [["resume", `${number}`, "-d"], ["send", `${number}`, "x"]].map(async (words) =>
        (await at.km(["sessions", ...words])).err.split("\n")[1] ?? ""
      ),
    );
  for (const hint of await again(1)) {
    equal(
      hint,
      `km: hint: start a new one in the same folder: cd ${at.home} && km run -- sh -c 'exit 3' 'it'\\''s'`,
    );
  }
  for (const hint of await again(2)) {
    equal(hint, `km: hint: start a new one in the same folder: cd ${at.home} && km run shell`);
  }
  match((await again(3))[1] ?? "", /hint: "km sessions resume 3" goes on with it$/);
});

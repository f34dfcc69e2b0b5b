import { verifies } from "../../../tests/verifies.ts";
import { deepEqual, doesNotMatch, equal, rejects } from "node:assert/strict";
import { probeAuth } from "./auth_probe.ts";
import { checkProvider } from "./check_provider.ts";
import type { Provider } from "./provider.ts";
import { loadProviders } from "./providers.ts";

const ENV = { PATH: "/usr/bin:/bin" };

/** A provider whose probe is a script of `sh`. */
function asking(script: string, signedIn: unknown, timeoutMs = 10_000): Provider {
  const { provider, problems } = checkProvider(
    "fake",
    { command: ["sh"], authProbe: { args: ["-c", script], signedIn, timeoutMs } },
    "fake",
  );
  deepEqual(problems, []);
  return provider as Provider; // as: without problems there is one
}

const CLAUDE = { json: { path: "loggedIn", equals: true } };
const CODEX = { exitCode: 0, matches: "^Logged in\\b" };

for (
  const [script, signedIn, state] of [
    [`echo '{"loggedIn":false,"authMethod":"none"}'`, CLAUDE, "signed_out"],
    [`echo '{"loggedIn":true}'; exit 0`, CLAUDE, "signed_in"],
    ["echo oops", CLAUDE, "unknown"],
    [`echo '{"other":true}'`, CLAUDE, "unknown"],
    ["echo Not logged in >&2; exit 1", CODEX, "signed_out"],
    ["echo Logged in using ChatGPT >&2", CODEX, "signed_in"],
    ["echo Logged in using ChatGPT >&2; exit 1", CODEX, "signed_out"],
  ] as const
) {
  Deno.test(`probeAuth() takes ${script} for ${state}`, async () => {
    verifies("session-auth-probe");
    const answer = await probeAuth(asking(script, signedIn), { env: ENV, cwd: "/" });
    equal(answer.state, state);
  });
}

Deno.test("probeAuth() gives up when its time is over", async () => {
  const answer = await probeAuth(asking("sleep 60", CODEX, 50), { env: ENV, cwd: "/" });
  deepEqual(answer, { state: "unknown", reason: "sh did not answer in 50 ms" });
});

Deno.test("probeAuth() says that a program is not there", async () => {
  const claude = loadProviders(undefined).providers.get("claude") as Provider; // as: built in
  const answer = await probeAuth(claude, { env: { PATH: "/nowhere" }, cwd: "/" });
  deepEqual(answer, { state: "unknown", reason: "claude could not be started" });
});

Deno.test("probeAuth() passes on nothing of what was printed", async () => {
  const answer = await probeAuth(asking("echo Logged in as sk-secret", CODEX), { env: ENV, cwd: "/" });
  doesNotMatch(JSON.stringify(answer), /secret/);
});

Deno.test("probeAuth() throws the reason of the signal", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await rejects(probeAuth(asking("sleep 60", CODEX), { env: ENV, cwd: "/", signal }), /enough/);
});

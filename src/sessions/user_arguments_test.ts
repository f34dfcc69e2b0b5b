import assert from "node:assert/strict";
import { launchOf } from "./providers/launch.ts";
import type { Provider } from "./providers/provider.ts";
import { loadProviders } from "./providers/providers.ts";
import { startAgain, userArguments } from "./user_arguments.ts";

const ID = "01a2018f-3ed1-7000-a83e-36d5c9a11cc1";
const CONVERSATION = "24dd3a9f-1a4a-4f43-8d21-12beace1b068";
const { providers } = loadProviders({
  wrapped: { extends: "claude", command: ["npx", "claude", "--debug"] },
});

function named(name: string): Provider {
  const provider = providers.get(name);
  assert(provider);
  return provider;
}

for (const name of ["claude", "codex", "gemini", "cursor-agent", "wrapped"]) {
  for (const resumeId of [undefined, CONVERSATION]) {
    for (const fullAccess of [false, true]) {
      Deno.test(`userArguments() of ${name}${resumeId ? ", resumed" : ""}${fullAccess ? ", with full access" : ""} are those of the user`, () => {
        const args = ["--model", "x", "do it"];
        const { command } = launchOf(named(name), {
          args,
          fullAccess,
          newId: () => CONVERSATION,
          hooksFile: `/home/hooks/${ID}.settings.json`,
          ...(resumeId !== undefined && { resumeId }),
        });
        assert.deepEqual(userArguments({ id: ID, provider: name, command, fullAccess }, named(name)), args);
      });
    }
  }
}

Deno.test("userArguments() leaves out what chose the conversation, and keeps settings of the user's own", () => {
  const own = ["--settings", "mine.json", "--verbose"];
  const command = ["claude", "--verbose", "--resume", CONVERSATION, "--settings", "mine.json"];
  const session = { id: ID, provider: "claude", command, fullAccess: false };
  assert.deepEqual([...userArguments(session, named("claude"))].sort(), own.sort());
});

Deno.test.each<[provider: string, command: string[], again: string]>([
  ["shell", ["/bin/bash"], "km run shell"],
  ["shell", ["/bin/bash", "--norc"], "km run -- /bin/bash --norc"],
  ["shell", ["htop"], "km run -- htop"],
  ["claude", ["claude", "mcp", "list"], "km run claude -- mcp list"],
  ["gone", ["gone", "x"], "km run gone"],
])("startAgain() of %s %j is %s", (provider, command, again) => {
  const session = { id: ID, provider, command, fullAccess: false };
  assert.equal(startAgain(session, { provider: providers.get(provider), shell: "/bin/bash" }), again);
});

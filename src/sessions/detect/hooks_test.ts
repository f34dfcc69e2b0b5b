import { deepEqual, equal } from "node:assert/strict";
import { hookSettings, parseHookLine } from "./hooks.ts";

const ID = "0199aaaa-0000-7000-8000-000000000001";

for (
  const [line, state, reason] of [
    [{ hook_event_name: "SessionStart", session_id: ID, source: "startup" }, null, "began a conversation"],
    [{ hook_event_name: "UserPromptSubmit" }, "running", "took a prompt"],
    [{ hook_event_name: "PermissionRequest" }, "waiting_approval", "asks for approval"],
    [{ hook_event_name: "Stop" }, "idle", "finished its turn"],
    [
      { hook_event_name: "StopFailure", error: "authentication_failed" },
      "auth_required",
      "its turn failed: not signed in",
    ],
    [{ hook_event_name: "StopFailure", error: "rate_limit" }, "idle", "its turn failed: rate_limit"],
    [
      {
        hook_event_name: "Notification",
        notification_type: "permission_prompt",
        message: "Claude needs your permission to use Bash",
      },
      "waiting_approval",
      'asks for approval: "Claude needs your permission to use Bash"',
    ],
    [
      { hook_event_name: "Notification", notification_type: "idle_prompt", message: "waits\x1b[31m" },
      null,
      "waits\\e[31m",
    ],
  ] as const
) {
  Deno.test(`parseHookLine() of ${JSON.stringify(line)}`, () => {
    const event = parseHookLine(JSON.stringify(line));
    deepEqual([event?.state, event?.reason], [state, reason]);
  });
}

Deno.test("parseHookLine() hands on an id that is a UUID, and no other", () => {
  const idOf = (id: unknown) => parseHookLine(JSON.stringify({ hook_event_name: "Stop", session_id: id }));
  deepEqual([idOf(ID)?.conversationId, idOf("../x")?.conversationId, idOf(5)?.conversationId], [
    ID,
    null,
    null,
  ]);
});

for (const line of ["", "{", "5", "null", "[]", '{"hook_event_name":"Other"}', '{"hook_event_name":5}']) {
  Deno.test(`parseHookLine() of ${JSON.stringify(line)} is nothing`, () => {
    equal(parseHookLine(line), null);
  });
}

Deno.test("hookSettings() has commands that write one line each, and no prompt", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/it's a "file"`;
    // As: what Claude Code reads there.
    const { hooks } = hookSettings(file) as { hooks: Record<string, { hooks: { command: string }[] }[]> };
    for (const name of ["SessionStart", "UserPromptSubmit"]) {
      const input = JSON.stringify({ hook_event_name: name, session_id: ID, prompt: "a\nsecret" }, null, 2);
      await runShell(hooks[name]?.[0]?.hooks[0]?.command ?? "", input);
    }
    const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
    deepEqual(lines.map((line) => parseHookLine(line)?.name), ["SessionStart", "UserPromptSubmit"]);
    equal(lines[1], '{"hook_event_name":"UserPromptSubmit"}');
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function runShell(command: string, input: string): Promise<void> {
  const child = new Deno.Command("sh", { args: ["-c", command], stdin: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  equal((await child.status).code, 0);
}

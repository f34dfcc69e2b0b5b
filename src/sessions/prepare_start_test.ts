import assert from "node:assert/strict";
import { KmError } from "../core/error.ts";
import { prepareStart } from "./prepare_start.ts";
import { loadProviders } from "./providers/providers.ts";
import type { StartOptions } from "./start_options.ts";

const { providers } = loadProviders({
  wild: { command: ["wild"], fullAccess: { env: { WILD: "1" } } },
  // What it adds is not added to the program of that name.
  reckless: { extends: "claude", command: ["reckless", "--dangerously-skip-permissions"] },
});

async function prepare(options: StartOptions) {
  const hooksFolder = Deno.makeTempDirSync({ prefix: "km-prepare-" });
  try {
    return await prepareStart({ cwd: "/", ...options }, {
      caller: { name: "me", via: "token" },
      id: "0199aaaa-0000-7000-8000-000000000001",
      providers,
      environment: { PATH: "/bin", SHELL: "/bin/sh" },
      hooksFolder,
      isNameTaken: () => false,
    });
  } finally {
    Deno.removeSync(hooksFolder, { recursive: true });
  }
}

Deno.test.each<[StartOptions, boolean]>([
  [{ provider: "claude", args: ["--dangerously-skip-permissions"] }, true],
  [{ provider: "claude", args: ["--permission-mode", "plan"] }, false],
  [{ provider: "wild", env: { WILD: "1" } }, true],
  [{ provider: "wild", env: { WILD: "0" } }, false],
  [{ provider: "codex", fullAccess: true }, true],
  [{ provider: "shell", command: ["/some/where/claude", "--dangerously-skip-permissions"] }, true],
  [{ provider: "shell", command: ["codex", "-s", "danger-full-access"] }, true],
  [{ provider: "shell", command: ["./claude", "--model", "opus"] }, false],
  [{ provider: "shell", command: ["grep", "--dangerously-skip-permissions"] }, false],
  [{ provider: "shell", command: ["/opt/wild"], env: { WILD: "1" } }, true],
  [{ provider: "shell", command: ["reckless"] }, false],
])("prepareStart() of %j calls it full access: %s", async (options, fullAccess) => {
  const { session, command } = await prepare(options);
  assert.equal(session.fullAccess, fullAccess);
  const switches = command.filter((word) => word.startsWith("--dangerously"));
  assert.equal(new Set(switches).size, switches.length);
});

Deno.test("prepareStart() refuses full access where km knows no switch for it", async () => {
  for (const options of [{ provider: "shell" }, { provider: "shell", command: ["true"] }]) {
    await assert.rejects(
      prepare({ ...options, fullAccess: true }),
      (error) => error instanceof KmError && error.code === "usage" && error.hint !== undefined,
    );
  }
});

Deno.test("prepareStart() takes no name that holds a secret, and does not repeat it", async () => {
  const name = `n-ghp_${"a1B2".repeat(9)}`;
  await assert.rejects(
    prepare({ provider: "shell", name }),
    (error) =>
      error instanceof KmError && error.code === "usage" && error.hint !== undefined &&
      !`${error.message} ${error.hint}`.includes("ghp_"),
  );
});

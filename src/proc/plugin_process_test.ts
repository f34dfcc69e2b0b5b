import assert from "node:assert/strict";
import { until } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import type { EndsWithParent } from "./plugin_process.ts";

/** Starts a program that hears nothing, tells its pid, and is killed. */
function host(by: EndsWithParent | "either", noNetwork: boolean): string {
  const module = import.meta.resolve("./plugin_process.ts");
  return `
    const { startPluginProcess } = await import(${JSON.stringify(module)});
    const plugin = startPluginProcess({
      argv: ["/bin/sh", "-c", "echo; while :; do :; done"], env: {}, niceness: 5, dataMiB: 512, noNetwork: ${noNetwork},
      ${by === "either" ? "" : `endsWithParent: ${JSON.stringify(by)},`}
    });
    await plugin.stdout.getReader().read();
    console.log(plugin.pid);
    await new Promise(() => setInterval(() => {}, 1000));
  `;
}

for (const by of ["either", "kernel", "watcher"] as const) {
  for (const noNetwork of [false, true]) {
    Deno.test({
      name: `startPluginProcess: it ends with a host that was killed, stuck as it is (${by}${
        noNetwork ? ", no network" : ""
      })`,
      ignore: Deno.build.os === "windows" || (by === "kernel" && Deno.build.os !== "linux"),
      fn: async () => {
        verifies("plugin-graceful");
        const child = new Deno.Command(Deno.execPath(), {
          args: ["eval", host(by, noNetwork)],
          stdout: "piped",
          stderr: "inherit",
        }).spawn();
        const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
        const pid = Number((await reader.read()).value);
        assert.ok(pid > 0 && isAlive(pid));
        child.kill("SIGKILL");
        await child.status;
        await reader.cancel();
        try {
          await until(() => !isAlive(pid), "the plugin to end");
        } finally {
          if (isAlive(pid)) Deno.kill(pid, "SIGKILL");
        }
      },
    });
  }
}

/** A zombie that nobody has asked for yet has ended. */
function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
  } catch {
    return false;
  }
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return Deno.build.os !== "linux";
  }
}

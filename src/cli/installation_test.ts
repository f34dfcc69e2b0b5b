import assert from "node:assert/strict";
import { enterPortable, installation } from "./installation.ts";
import { selfCommand } from "./self.ts";

Deno.test("installation() is the portable file by its absolute path, links not followed, and selfCommand() starts it", () => {
  const cwd = Deno.cwd();
  for (
    const [started, file] of [
      ["/opt/my bin/km", "/opt/my bin/km"],
      ["./km", `${cwd}/km`],
      [".//./km", `${cwd}/km`],
      ["../km", `${cwd}/../km`],
      ["bin/-km", `${cwd}/bin/-km`],
    ] as const
  ) {
    enterPortable(started);
    assert.deepEqual(installation(), { kind: "portable", file });
    assert.deepEqual(selfCommand("serve"), [file, "serve"]);
  }
});

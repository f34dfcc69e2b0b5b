import { equal, match } from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { homeProblem } from "./problems.ts";

Deno.test("homeProblem() says that a home cannot be written, and writes nothing to find out", () => {
  using home = new TempFolder();
  const paths = pluginPaths(home.path);
  equal(homeProblem(paths), null, "nothing is there yet: it will be made");
  Deno.writeTextFileSync(paths.lockFile, "{}");
  Deno.mkdirSync(paths.folder);
  equal(homeProblem(paths), null);
  equal(Deno.readTextFileSync(paths.lockFile), "{}");
  Deno.removeSync(paths.lockFile);
  // In place of a read-only disk, which takes root to make.
  Deno.mkdirSync(paths.lockFile);
  match(homeProblem(paths) ?? "", /plugins" cannot be written, and the plugin host has to: /);
});

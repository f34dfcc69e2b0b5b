import assert from "node:assert/strict";
import { verifies } from "../tests/verifies.ts";
import { planPasses } from "./test_passes.ts";

const SUITE = ["tests/e2e/a_test.ts", "tests/e2e/b_test.ts"];
const isPath = (arg: string) => arg.includes("/");

Deno.test("planPasses() runs everything, and then the suite against the portable file", () => {
  verifies("portable-monitor-suite");
  assert.deepEqual(planPasses([], isPath, SUITE), [
    { km: "source", args: ["src", "plugins", "proto", "tests", "scripts"] },
    { km: "portable file", args: SUITE },
  ]);
  const filtered = planPasses(["--filter", "prune"], isPath, SUITE);
  assert.deepEqual(filtered.map(({ args }) => args.slice(0, 3)), [
    ["--filter", "prune", "src"],
    ["--filter", "prune", "tests/e2e/a_test.ts"],
  ]);
});

Deno.test("planPasses() runs paths once, with the source or with --portable", () => {
  verifies("portable-monitor-suite");
  const path = "tests/e2e/a_test.ts";
  assert.deepEqual(planPasses([path], isPath, SUITE), [{ km: "source", args: [path] }]);
  assert.deepEqual(planPasses(["--portable", path], isPath, SUITE), [{ km: "portable file", args: [path] }]);
  assert.deepEqual(planPasses(["--portable"], isPath, SUITE), [{ km: "portable file", args: SUITE }]);
});

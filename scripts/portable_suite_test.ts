import assert from "node:assert/strict";
import { KM, ROOT, TESTED_FILE_VARIABLE } from "../tests/e2e/harness.ts";
import { verifies } from "../tests/verifies.ts";
import { buildsItsFiles, drivesMonitor, portableSuite, SOURCE_ONLY } from "./portable_suite.ts";

const E2E = `${ROOT}tests/e2e`;

Deno.test("portableSuite() holds every end-to-end test of km monitor", async () => {
  verifies("portable-monitor-suite");
  const suite = await portableSuite(ROOT);
  for (const { name } of Deno.readDirSync(E2E)) {
    const source = await Deno.readTextFile(`${E2E}/${name}`);
    if (!name.endsWith("_test.ts") || buildsItsFiles(name, source) || !drivesMonitor(source)) continue;
    assert.ok(
      suite.includes(`tests/e2e/${name}`),
      `${name} drives km monitor, and is not run against the file`,
    );
  }
  for (const name of ["lifecycle", "bytes", "signals", "real_programs", "demo", "read", "serve"]) {
    assert.ok(suite.includes(`tests/e2e/${name}_test.ts`), name);
  }
});

Deno.test("SOURCE_ONLY names tests that exist, and none of km monitor", async () => {
  verifies("portable-monitor-suite");
  for (const [name, reason] of Object.entries(SOURCE_ONLY)) {
    assert.ok(!drivesMonitor(await Deno.readTextFile(`${E2E}/${name}`)), name);
    assert.ok(reason.length > 10, `${name} has no reason`);
  }
});

Deno.test("no end-to-end test starts the source beside the harness", async () => {
  verifies("portable-monitor-suite");
  for (const folder of ["tests/e2e", "tests/fakes"]) {
    for (const { name, isFile } of Deno.readDirSync(ROOT + folder)) {
      const source = isFile ? await Deno.readTextFile(`${ROOT}${folder}/${name}`) : "";
      if (name === "harness.ts" || buildsItsFiles(name, source)) continue;
      assert.doesNotMatch(source, /\bmain\.ts\b/, `${folder}/${name}: KM of harness.ts is what is tested`);
    }
  }
});

Deno.test("KM_TEST_FILE decides what the end-to-end tests drive", async () => {
  verifies("portable-monitor-suite");
  const script = `import { KM } from ${
    JSON.stringify(`${E2E}/harness.ts`)
  }; console.log(JSON.stringify(KM));`;
  const drivenWith = async (file: string) => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", script],
      env: { [TESTED_FILE_VARIABLE]: file, NO_COLOR: "1" },
    }).output();
    return JSON.parse(new TextDecoder().decode(stdout));
  };
  assert.deepEqual(await drivenWith("/a folder/km"), ["/a folder/km"]);
  assert.deepEqual(await drivenWith(""), [...KM]);
});

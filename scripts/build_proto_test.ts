import assert from "node:assert/strict";
import { join } from "node:path";
import { testUnless } from "../tests/skip.ts";
import { verifies } from "../tests/verifies.ts";
import { BUF, generateProto, PROTO_FOLDER, runBuf } from "./build_proto.ts";

const missing = BUF === null ? "buf is not installed (tests/npm)" : null;
const GENERATED = "gen/km/plugin/v1/plugin_pb.ts";
const SCHEMA = "km/plugin/v1/plugin.proto";

/** A change of the schema, and what buf says of it. */
interface Change {
  readonly name: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
  readonly message: RegExp;
}

const BREAKING: readonly Change[] = [
  {
    name: "another type",
    edits: [["uint32 data_bytes = 1;", "uint64 data_bytes = 1;"]],
    message: /"1" with name "data_bytes".*changed type/,
  },
  {
    name: "another number",
    edits: [["string correlation_id = 3;", "string correlation_id = 9;"]],
    message: /Previously present field "3"/,
  },
  {
    name: "a field that is gone",
    edits: [["  int64 time_us = 2;\n", ""]],
    message: /Previously present field "2"/,
  },
  {
    name: "another name",
    edits: [["string first_error = 3;", "string error = 3;"]],
    message: /first_error/,
  },
  {
    name: "a message that is gone",
    edits: [["message Metric {", "message Measure {"], ["Metric metric", "Measure metric"]],
    message: /Previously present message "Metric"/,
  },
];

testUnless(missing, "proto/gen is what the schemas make: else run deno task build:proto", async () => {
  verifies("plugin-proto-generated");
  const folder = await Deno.makeTempDir({ prefix: "km-proto-" });
  try {
    await generateProto(folder);
    assert.deepEqual(filesIn(join(PROTO_FOLDER, "gen")), [GENERATED.slice("gen/".length)]);
    assert.deepEqual(filesIn(join(folder, "gen")), [GENERATED.slice("gen/".length)]);
    const [committed, made] = await Promise.all(
      [PROTO_FOLDER, folder].map((path) => Deno.readTextFile(join(path, GENERATED))),
    );
    assert.ok(committed === made, `${GENERATED} is stale`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

testUnless(missing, "buf lint finds nothing in the schemas, and does find a bad name", async () => {
  verifies("plugin-proto-checked");
  assert.deepEqual(await runBuf(["lint"]), { success: true, output: "" });
  const edits = [["message Pong {}", "message pong_back {}"], ["Pong pong", "pong_back pong"]] as const;
  const { success, output } = await checkChanged(["lint"], edits);
  assert.equal(success, false);
  assert.match(output, /"pong_back" should be PascalCase/);
});

testUnless(missing, "buf breaking finds the schemas compatible with the last released ones", async () => {
  verifies("plugin-proto-checked");
  assert.deepEqual(await runBuf(["breaking", "--against", "released.binpb"]), { success: true, output: "" });
});

for (const { name, edits, message } of BREAKING) {
  testUnless(missing, `buf breaking finds a change that breaks plugins: ${name}`, async () => {
    verifies("plugin-proto-checked");
    const { success, output } = await checkChanged(
      ["breaking", "--against", join(PROTO_FOLDER, "released.binpb")],
      edits,
    );
    assert.equal(success, false);
    assert.match(output, message);
  });
}

/** Runs buf over a copy of the schemas with `edits`. */
async function checkChanged(
  [command, ...args]: readonly [string, ...string[]],
  edits: Change["edits"],
): Promise<{ success: boolean; output: string }> {
  const folder = await Deno.makeTempDir({ prefix: "km-proto-" });
  try {
    let schema = await Deno.readTextFile(join(PROTO_FOLDER, SCHEMA));
    for (const [from, to] of edits) {
      assert.ok(schema.includes(from), `the schema has "${from}"`);
      schema = schema.replace(from, to);
    }
    await Deno.mkdir(join(folder, "km/plugin/v1"), { recursive: true });
    await Deno.writeTextFile(join(folder, SCHEMA), schema);
    await Deno.copyFile(join(PROTO_FOLDER, "buf.yaml"), join(folder, "buf.yaml"));
    return await runBuf([command, folder, ...args]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Paths below `folder`, with `/`. */
function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) =>
    entry.isDirectory
      ? filesIn(join(folder, entry.name)).map((name) => `${entry.name}/${name}`)
      : [entry.name]
  ).sort();
}

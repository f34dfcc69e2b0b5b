import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { verifies } from "../../tests/verifies.ts";
import { definePlugin, type PluginDefinition, withDefaults } from "./mod.ts";

const MINIMAL = { name: "a-plugin", version: "1.0.0", onMessage() {} };

Deno.test("definePlugin() fills in what is left out, and what it returns cannot be changed", () => {
  verifies("plugin-sdk");
  const plugin = definePlugin(MINIMAL);
  assert.deepEqual({ ...plugin, onMessage: null }, {
    kind: "km-plugin",
    name: "a-plugin",
    version: "1.0.0",
    protocolVersions: [1, 2],
    requiredTier: "free",
    permissions: {},
    onMessage: null,
  });
  assert.ok(Object.isFrozen(plugin));
});

Deno.test.each(
  [
    ["name", { name: "Not A Name" }, /name must be lower-case words with hyphens, not "Not A Name"/],
    ["long name", { name: "a".repeat(65) }, /name must be/],
    ["missing name", { name: undefined }, /not undefined/],
    ["version", { version: "1.0" }, /version must be like 1\.0\.0, not "1\.0"/],
    ["tier", { requiredTier: "gold" }, /requiredTier must be free, pro, enterprise, not "gold"/],
    ["schema", { configSchema: { type: "string" } }, /configSchema must have type "object"/],
    ["null schema", { configSchema: null }, /configSchema must have type "object"/],
    ["onMessage", { onMessage: undefined }, /onMessage must be a function/],
    ["onError", { onError: "no" }, /onError must be a function/],
    ["authenticate", { authenticate: true }, /authenticate must be a function/],
    ["member", { onMesage() {} }, /"onMesage" is not known/],
  ] as const,
)("definePlugin() names the mistake: %s", (_name, wrong, message) => {
  verifies("plugin-sdk");
  // As: what a JavaScript author could write.
  assert.throws(() => definePlugin({ ...MINIMAL, ...wrong } as typeof MINIMAL), {
    name: "TypeError",
    message,
  });
});

Deno.test("definePlugin() reads the type of the configuration from its schema", () => {
  const plugin = definePlugin({
    ...MINIMAL,
    configSchema: {
      type: "object",
      properties: {
        url: { type: "string" },
        limit: { type: "integer", default: 3 },
        mode: { enum: ["fast", "slow"], default: "fast" },
        names: { type: "array", items: { type: "string" } },
        loud: { type: "boolean" },
      },
      required: ["url"],
    },
    onMessage(_message, { config }) {
      const url: string = config.url;
      const limit: number = config.limit;
      const mode: "fast" | "slow" = config.mode;
      const names: readonly string[] | undefined = config.names;
      const loud: boolean | undefined = config.loud;
      // @ts-expect-error -- it may be missing: it is not required and has no default.
      const sure: boolean = config.loud;
      void [url, limit, mode, names, loud, sure];
    },
  });
  const general: PluginDefinition["configSchema"] = plugin.configSchema;
  assert.equal(general?.type, "object");
});

Deno.test("withDefaults() gives each configuration its own copy of a default", () => {
  const schema = { type: "object", properties: { list: { type: "array", default: [1] } } } as const;
  const config = withDefaults(schema, {});
  assert.deepEqual(config, { list: [1] });
  assert.notEqual(config["list"], schema.properties.list.default);
  assert.deepEqual(withDefaults(null, { a: 1 }), { a: 1 });
});

Deno.test("mod.ts needs nothing: no import, no Deno, no node", async () => {
  verifies("plugin-sdk");
  const source = await Deno.readTextFile(new URL("./mod.ts", import.meta.url));
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  assert.doesNotMatch(code, /\bimport\b|\bDeno\b|\bnode:|\bprocess\b|\brequire\b/);
});

Deno.test("every example in the documentation of the SDK runs", async () => {
  verifies("plugin-sdk");
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "mod.ts", "testing.ts"],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, output);
  assert.match(output, /ok \| 4 passed/);
});

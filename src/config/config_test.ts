import { deepStrictEqual, equal, match } from "node:assert/strict";
import {
  type ConfigFile,
  parseConfig,
  readConfigFile,
  retention,
  settingValue,
  unknownSetting,
} from "./config.ts";
import { settingOf, SETTINGS } from "./settings.ts";

const NOTHING: ConfigFile = { values: new Map(), problems: [] };
const output = settingOf("output");

Deno.test("settingValue() prefers the environment to the file and the file to the default", () => {
  const file = parseConfig('{"output": "json"}');
  const env = (name: string) => name === "KM_OUTPUT" ? "console" : undefined;
  deepStrictEqual(settingValue(output, { env, file }), { text: "console", source: "environment" });
  deepStrictEqual(settingValue(output, { env: () => undefined, file }), { text: "json", source: "file" });
  deepStrictEqual(settingValue(output, { env: () => undefined, file: NOTHING }), {
    text: "none",
    source: "default",
  });
});

Deno.test("settingValue() passes over an environment variable that cannot be read", () => {
  deepStrictEqual(settingValue(output, { env: () => "loud", file: NOTHING }), {
    text: "none",
    source: "default",
  });
});

Deno.test("parseConfig() reads nested keys, numbers and null as a user would write them", () => {
  const { values, problems } = parseConfig('{"retention": {"days": 30, "maxBytes": null}, "redact": false}');
  deepStrictEqual([...values], [["retention.days", "30"], ["retention.maxBytes", "none"], ["redact", "off"]]);
  deepStrictEqual(problems, []);
});

Deno.test("parseConfig() keeps what is right beside what is wrong", () => {
  const { values, problems } = parseConfig(
    '{"output": "json", "bufferSize": "2 apples", "retention": {"day": 3}}',
  );
  deepStrictEqual([...values], [["output", "json"]]);
  deepStrictEqual(problems, [
    'Cannot read "2 apples" as a size (bufferSize)',
    'Unknown setting "retention.day"',
  ]);
});

for (const text of ["{", "[]", '"x"', "{'a': 1}"]) {
  Deno.test(`parseConfig() of ${text} sets nothing and names the problem`, () => {
    const { values, problems } = parseConfig(text);
    equal(values.size, 0);
    equal(problems.length, 1);
  });
}

Deno.test("readConfigFile() of a file that is not there says nothing", () => {
  deepStrictEqual(readConfigFile("/nowhere/config.jsonc"), NOTHING);
});

Deno.test("readConfigFile() of a directory names the problem", () => {
  match(String(readConfigFile("/").problems), /Cannot read "\/"/);
});

Deno.test("retention() reads days and bytes, and none as no bound", () => {
  const env = (name: string) => name === "KM_RETENTION_MAX_BYTES" ? "none" : undefined;
  deepStrictEqual(retention({ env, file: NOTHING }), { days: 7, maxBytes: null });
  deepStrictEqual(retention({ env: () => undefined, file: NOTHING }), { days: 7, maxBytes: 2_000_000_000 });
});

Deno.test("SETTINGS have defaults that they accept themselves", () => {
  for (const setting of SETTINGS) {
    const file: ConfigFile = parseConfig(JSON.stringify({ [setting.key]: setting.default }));
    deepStrictEqual([setting.key, file.problems], [setting.key, []]);
  }
});

Deno.test("unknownSetting() says which one was meant", () => {
  equal(unknownSetting("retention.day").hint, 'did you mean "retention.days"?');
});

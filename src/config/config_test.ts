import { deepStrictEqual, equal, match, throws } from "node:assert/strict";
import {
  checkSetting,
  type ConfigFile,
  NO_FILE,
  parseConfig,
  readConfigFile,
  requireRetention,
  retention,
  settingValue,
  unknownSetting,
} from "./config.ts";
import { settingOf, SETTINGS } from "./settings.ts";

const NOTHING = NO_FILE;
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

Deno.test("parseConfig() hands on the user's providers, which are no settings", () => {
  const { values, problems, providers } = parseConfig(
    '{"providers": {"aider": {"command": ["aider"]}}, "output": "json"}',
  );
  deepStrictEqual([...values], [["output", "json"]]);
  deepStrictEqual([problems, providers], [[], { aider: { command: ["aider"] } }]);
});

Deno.test("parseConfig() of a file that broke keeps the providers that it had before", () => {
  const before = parseConfig('{"providers": {"aider": {"command": ["aider"]}}}');
  deepStrictEqual(parseConfig("{", before).providers, { aider: { command: ["aider"] } });
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

const NO_ENV = () => undefined;
for (
  const text of [
    "{",
    "[]",
    '{"retention": {"days": "365x"}}',
    '{"retention": {"maxBytes": "9 apples"}}',
    '{"retention": {"dayz": 365}}',
    '{"retention": {"days": 365, "dayz": 1}}',
    '{"retention": 365}',
    '{"Retention": {"days": 365}}',
    '{"retentoin.days": 365}',
  ]
) {
  Deno.test(`retention() of the file ${text} is unknown, and requireRetention() names the problem`, () => {
    const file = parseConfig(text);
    equal(retention({ env: NO_ENV, file }), null);
    throws(() => requireRetention({ env: NO_ENV, file }), ({ code, message, hint }) => {
      equal(code, "usage");
      equal(message, `Cannot prune as the settings say: ${file.problems[0]}`);
      match(hint, /--older-than/);
      return true;
    });
  });
}

Deno.test("retention() of a file that cannot be read is unknown", () => {
  equal(retention({ env: NO_ENV, file: readConfigFile("/") }), null);
});

Deno.test("retention() is known beside a problem that does not concern it, and where the environment says all of it", () => {
  deepStrictEqual(retention({ env: NO_ENV, file: parseConfig('{"redact": 5, "foo": {"bar": 1}}') }), {
    days: 7,
    maxBytes: 2_000_000_000,
  });
  const vars: Readonly<Record<string, string>> = { KM_RETENTION_DAYS: "9", KM_RETENTION_MAX_BYTES: "none" };
  const file = parseConfig("{");
  deepStrictEqual(retention({ env: (name) => vars[name], file }), { days: 9, maxBytes: null });
  equal(retention({ env: (name) => name === "KM_RETENTION_DAYS" ? "9" : undefined, file }), null);
});

Deno.test("retention() is unknown when a variable cannot be read, whatever the file says", () => {
  const env = (name: string) => name === "KM_RETENTION_DAYS" ? "365x" : undefined;
  const file = parseConfig('{"retention": {"days": 3, "maxBytes": null}}');
  equal(retention({ env, file }), null);
  throws(() => requireRetention({ env, file }), /KM_RETENTION_DAYS: Cannot read "365x"/);
});

Deno.test("parseConfig() keeps what held of retention before, and takes what can be read", () => {
  const before = parseConfig('{"retention": {"days": 30, "maxBytes": "5GB"}}');
  for (const text of ["{", '{"retention": {"dayz": 365}}', '{"retention": {"days": "365x"}}']) {
    deepStrictEqual(retention({ env: NO_ENV, file: parseConfig(text, before) }), { days: 30, maxBytes: 5e9 });
  }
  const partly = parseConfig('{"retention": {"days": 60, "maxBytes": "9 apples"}}', before);
  deepStrictEqual(retention({ env: NO_ENV, file: partly }), { days: 60, maxBytes: 5e9 });
  equal(retention({ env: NO_ENV, file: parseConfig("{", parseConfig("[]")) }), null);
});

Deno.test("SETTINGS have defaults that they accept themselves", () => {
  for (const setting of SETTINGS) {
    const file: ConfigFile = parseConfig(JSON.stringify({ [setting.key]: setting.default }));
    deepStrictEqual([setting.key, file.problems], [setting.key, []]);
  }
});

for (
  const key of [
    "ingest.maxEvents",
    "ingest.maxBodyBytes",
    "ingest.maxInflatedBytes",
    "ingest.maxWaitingBytes",
    "serve.maxStreams",
  ] as const
) {
  Deno.test(`checkSetting() refuses 0 for ${key}`, () => {
    throws(() => checkSetting(settingOf(key), "0"), { code: "usage", hint: "the least is 1" });
    checkSetting(settingOf(key), "1");
  });
}

Deno.test("checkSetting() takes 0 where it means something", () => {
  for (const key of ["retention.days", "serve.maxRequestsPerMinute"] as const) {
    checkSetting(settingOf(key), "0");
  }
});

Deno.test("unknownSetting() says which one was meant", () => {
  equal(unknownSetting("retention.day").hint, 'did you mean "retention.days"?');
});

/** `km config show|get|set|unset`: settings, and where each comes from. @module */

import { readConfigFile, settingValue, unknownSetting } from "../../config/config.ts";
import { saveSetting } from "../../config/config_edit.ts";
import { readEnv } from "../../config/environment.ts";
import { modelOf } from "../../config/model.ts";
import { kmPaths } from "../../config/paths.ts";
import { findSetting, type Setting, SETTINGS } from "../../config/settings.ts";
import { KmError } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";
import { painter } from "../../core/paint.ts";
import { printable } from "../../core/printable.ts";
import { jsonText } from "../json_text.ts";
import { type Column, table } from "../table.ts";
import { loadProviders } from "../../sessions/providers/providers.ts";
import { stdoutTerminal, write, writeError, writeLines } from "../terminal.ts";

export const command = defineCommand({
  name: "config",
  summary: "Show and change settings",
  usage: "show | get <key> | set <key> <value> | unset <key>",
  words: [0, 3],
  wordChoices: ["show", "get", "set", "unset"],
  details:
    "Settings are kept in config.jsonc in KM_HOME; set and unset keep its comments. A flag comes before the environment, the " +
    "environment before the file, the file before the default.",
  flags: [{ name: "json", type: "boolean", help: "One JSON object per line" }],
  examples: [
    ["km config show", "every setting, its value and where that comes from"],
    ["km config set retention.days 30", "keep a month"],
    ["km config unset retention.days", "back to the default"],
  ],
  json: {
    key: "name of the setting",
    value: "its value, as it would be written on the command line",
    source: "environment, file or default",
    default: "value when nothing is set",
    env: "environment variable that sets it",
    help: "what it means",
  },
  async run({ json }, [action = "show", ...words]) {
    checkWords(action, words);
    const [key = "", value = ""] = words;
    switch (action) {
      case "get":
        return showOne(settingNamed(key), json);
      case "set":
        return await change(settingNamed(key), value);
      case "unset":
        return await change(settingNamed(key), undefined);
      default:
        return showAll(json);
    }
  },
});

const USAGE: Readonly<Record<string, readonly string[]>> = {
  show: [],
  get: ["<key>"],
  set: ["<key>", "<value>"],
  unset: ["<key>"],
};

function checkWords(action: string, words: readonly string[]): void {
  const expected = USAGE[action] ?? [];
  if (words.length === expected.length) return;
  throw new KmError(
    "usage",
    `"km config ${action}" takes ${expected.length === 0 ? "nothing more" : expected.join(" ")}`,
    {
      hint: `km config ${[action, ...expected].join(" ")}`,
    },
  );
}

function settingNamed(key: string): Setting {
  const setting = findSetting(key);
  if (!setting) throw unknownSetting(key);
  return setting;
}

function showOne(setting: Setting, json: boolean): number {
  write(`${json ? jsonText(facts(setting)) : settingValue(setting).text}\n`);
  return 0;
}

function showAll(json: boolean): number {
  const rows = SETTINGS.map(facts);
  if (json) {
    writeLines(rows.map((row) => jsonText(row)));
    return 0;
  }
  const terminal = stdoutTerminal();
  const columns: Column<ReturnType<typeof facts>>[] = [
    { title: "SETTING", cell: (row) => row.key },
    {
      title: "VALUE",
      cell: (row) => row.value,
      least: 8,
      style: (row) => row.source === "default" ? undefined : "green",
    },
    { title: "FROM", cell: (row) => row.source, style: () => "dim" },
    { title: "ENVIRONMENT", cell: (row) => row.env, rank: 1, style: () => "dim" },
    { title: "MEANING", cell: (row) => row.help, least: 24, last: true, rank: 2 },
  ];
  const { config } = kmPaths();
  const file = readConfigFile(config);
  const problems = [...file.problems, ...loadProviders(file.providers).problems];
  writeLines([
    ...table(rows, columns, terminal),
    "",
    painter(terminal.color)("dim", `file: ${printable(config)}`),
  ]);
  for (const problem of problems) writeError(`km: warning: ${printable(problem)}; ignored\n`);
  return 0;
}

function facts(setting: Setting) {
  const { text, source } = settingValue(setting);
  return {
    key: setting.key,
    value: text,
    source,
    default: setting.default,
    env: setting.env,
    help: setting.help,
  };
}

async function change(setting: Setting, value: string | undefined): Promise<number> {
  await saveSetting(setting, value);
  // Prices are in a package that only km serve loads.
  if (setting.key === "model" && value !== undefined && modelOf(value) !== null) {
    writeError('the Overview of km serve ("km open") shows money, or that no price of this model is known\n');
  }
  if (readEnv(setting.env) !== undefined) {
    writeError(`km: warning: ${setting.env} is set in the environment and comes before the file\n`);
  }
  return 0;
}

/** The model whose price turns tokens into money, as it is set now: a daemon runs for weeks, and settings change meanwhile. @module */
import { readConfigFile, settingValue } from "./config.ts";
import { settingOf } from "./settings.ts";

/** Null: none is set. */
export function readModel(): string | null {
  const { text } = settingValue(settingOf("model"), { file: readConfigFile() });
  return text === "none" || text.trim() === "" ? null : text.trim();
}

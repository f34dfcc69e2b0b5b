/** Which channel a km asks. @module */
import { type ConfigOptions, settingValue } from "../config/config.ts";
import { settingOf } from "../config/settings.ts";
import type { Channel } from "./manifest.ts";
import { isPrerelease } from "../core/version.ts";

/** What the setting says; where nobody set it, a pre-release goes on with pre-releases. */
export function channelOf(version: string, options: ConfigOptions = {}): Channel {
  const { text, source } = settingValue(settingOf("update.channel"), options);
  if (source === "default" && isPrerelease(version)) return "beta";
  return text as Channel; // The setting's choices are the channels.
}

/** The settings of the writer thread, from where the user set them. @module */
import { retention, settingText } from "../config/config.ts";
import { type SettingKey, settingOf } from "../config/settings.ts";
import { parseSize } from "../core/size.ts";
import type { IngestThreadOptions } from "./ingest_thread.ts";

/** What the thread of the daemon at `database` works with. `secrets`: what km itself holds and must never store. */
export function ingestSettings(database: string, secrets: readonly string[]): IngestThreadOptions {
  const text = (key: SettingKey) => settingText(settingOf(key));
  return {
    maxWaitingBytes: parseSize(text("ingest.maxWaitingBytes")),
    settings: {
      database,
      secrets,
      retention: retention(),
      redact: text("redact") === "on",
      limits: {
        maxBodyBytes: parseSize(text("ingest.maxBodyBytes")),
        maxInflatedBytes: parseSize(text("ingest.maxInflatedBytes")),
        maxEvents: Number(text("ingest.maxEvents")),
        maxStoredBytes: parseSize(text("bufferSize")),
      },
    },
  };
}

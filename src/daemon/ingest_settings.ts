/** The settings of the writer thread, from where the user set them. @module */
import { retention } from "../config/config.ts";
import type { Settings } from "../config/settings_in_force.ts";
import { parseSize } from "../core/size.ts";
import type { IngestThreadSettings } from "./ingest_thread.ts";

/** What the thread of the daemon at `database` works with. `secrets`: what km itself holds and must never store. */
export function ingestSettings(
  settings: Settings,
  database: string,
  secrets: readonly string[],
): IngestThreadSettings {
  return {
    maxWaitingBytes: parseSize(settings.text("ingest.maxWaitingBytes")),
    settings: {
      database,
      secrets,
      retention: retention(settings.options),
      redact: settings.text("redact") === "on",
      limits: {
        maxBodyBytes: parseSize(settings.text("ingest.maxBodyBytes")),
        maxInflatedBytes: parseSize(settings.text("ingest.maxInflatedBytes")),
        maxEvents: Number(settings.text("ingest.maxEvents")),
        maxStoredBytes: parseSize(settings.text("bufferSize")),
      },
    },
  };
}

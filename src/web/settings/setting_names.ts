/** What settings are called where people read. Pure. @module */

const NAMES: Readonly<Record<string, string>> = {
  "retention.days": "Days kept",
  "retention.maxBytes": "Largest database",
  "bufferSize": "Kept of one message",
  "output": "Monitor's view",
  "redact": "Replace secrets",
  "grace": "Time to end by itself",
  "killAfter": "Time to end after SIGTERM",
  "model": "Model that sets the price",
  "ingest.maxBodyBytes": "Largest body sent to km",
  "ingest.maxInflatedBytes": "Largest body, unpacked",
  "ingest.maxEvents": "Most events in a body",
  "ingest.maxWaitingBytes": "Bodies that may wait",
  "serve.maxRequestsPerMinute": "Requests a minute",
  "serve.maxStreams": "Open live streams",
  "update.channel": "Releases to install",
  "update.check": "Look for releases",
};

/** Null for a setting that is newer than this list: its key says what it is. */
export function nameOfSetting(key: string): string | null {
  return NAMES[key] ?? null;
}

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
  "sessions.max": "Sessions at once",
  "sessions.maxPerUser": "Sessions at once of one user",
  "sessions.maxQueue": "Commands that may wait",
  "sessions.keepDays": "Days that sessions are kept",
  "sessions.maxOutputBytes": "Most output of one session",
  "sessions.maxTotalBytes": "Most output of all sessions",
  "sessions.quiet": "Quiet for",
  "tasks.maxParallel": "Tasks at once",
  "plugins.enabled": "Run plugins",
  "plugins.niceness": "Stand back",
  "plugins.linger": "Run on after monitors",
  "plugins.maxHeapMiB": "Most heap",
  "plugins.maxResidentMiB": "Most memory",
  "plugins.maxCpuPercent": "Most of a processor",
  "plugins.maxMessageTime": "Longest for a message",
  "plugins.maxFrameBytes": "Longest frame",
  "plugins.maxLogBytesPerMinute": "Most log in a minute",
  "plugins.maxPayloadBytes": "Most of one message",
  "plugins.maxQueueMessages": "Messages that may wait",
  "plugins.maxQueueBytes": "Bytes that may wait",
  "plugins.registry": "Registry",
  "plugins.licenceKeys": "Issuers of licences",
  "plugins.licenceUrl": "Licence server",
  "plugins.licenceGrace": "Grace without its answer",
};

/** Null for a setting that is newer than this list: its key says what it is. */
export function nameOfSetting(key: string): string | null {
  return NAMES[key] ?? null;
}

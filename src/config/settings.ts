/** Every setting of km: one record each. `km config`, the flags that fall back to settings and their help come from here. @module */

/** One setting. Values are written as a user writes them (`2MB`, `on`) and parsed where they are used. */
export interface Setting {
  /** Dotted path in config.jsonc. */
  readonly key: string;
  readonly type: "string" | "number" | "size" | "duration" | "choice" | "size-or-none";
  readonly choices?: readonly string[];
  /** The least that a number or a size may be. */
  readonly least?: number;
  /** What else than `none` it may be; asked when it is set. */
  readonly place?: "https" | "https or folder";
  readonly default: string;
  readonly env: string;
  readonly help: string;
}

export const SETTINGS = [
  {
    key: "retention.days",
    type: "number",
    default: "7",
    env: "KM_RETENTION_DAYS",
    help: "Days that events are kept; 0 keeps them for ever",
  },
  {
    key: "retention.maxBytes",
    type: "size-or-none",
    default: "2GB",
    env: "KM_RETENTION_MAX_BYTES",
    help: "Most that the database may take on disk; the oldest events go first; none: no bound",
  },
  {
    key: "bufferSize",
    type: "size",
    default: "2MB",
    env: "KM_BUFFER_SIZE",
    help: "Most that is stored of one message; the whole message always passes",
  },
  {
    key: "output",
    type: "choice",
    choices: ["none", "console", "json"],
    default: "none",
    env: "KM_OUTPUT",
    help: "Live view of the traffic on stderr",
  },
  {
    key: "redact",
    type: "choice",
    choices: ["on", "off"],
    default: "on",
    env: "KM_REDACT",
    help: "Replace secrets before anything is stored or shown; off keeps them readable in the database",
  },
  {
    key: "grace",
    type: "duration",
    default: "2s",
    env: "KM_GRACE",
    help: "How long a server may take to end after its stdin closed, before SIGTERM",
  },
  {
    key: "killAfter",
    type: "duration",
    default: "3s",
    env: "KM_KILL_AFTER",
    help: "How long a server may take to end after SIGTERM, before SIGKILL",
  },
  {
    key: "model",
    type: "string",
    default: "none",
    env: "KM_MODEL",
    help:
      "Model whose input price turns tokens into money: claude-sonnet-4-5, openai/gpt-5, bedrock/…; none: no money",
  },
  {
    key: "ingest.maxBodyBytes",
    type: "size",
    least: 1,
    default: "8MiB",
    env: "KM_INGEST_MAX_BODY_BYTES",
    help: "Largest body that POST /api/events takes, as it comes; more is answered with 413",
  },
  {
    key: "ingest.maxInflatedBytes",
    type: "size",
    least: 1,
    default: "64MiB",
    env: "KM_INGEST_MAX_INFLATED_BYTES",
    help: "Most that such a body may hold once its compression is taken off",
  },
  {
    key: "ingest.maxEvents",
    type: "number",
    least: 1,
    default: "10000",
    env: "KM_INGEST_MAX_EVENTS",
    help: "Most events in one such body",
  },
  {
    key: "ingest.maxWaitingBytes",
    type: "size",
    least: 1,
    default: "64MiB",
    env: "KM_INGEST_MAX_WAITING_BYTES",
    help: "Bodies that may wait to be stored, in all; more is answered with 429",
  },
  {
    key: "serve.maxRequestsPerMinute",
    type: "number",
    default: "0",
    env: "KM_SERVE_MAX_REQUESTS_PER_MINUTE",
    help: "Most that one caller may ask of km serve in a minute, then 429; 0: no limit",
  },
  {
    key: "serve.maxStreams",
    type: "number",
    least: 1,
    default: "1000",
    env: "KM_SERVE_MAX_STREAMS",
    help: "Most live streams that km serve has open at once; more are answered with 503",
  },
  {
    key: "update.channel",
    type: "choice",
    choices: ["stable", "beta"],
    default: "stable",
    env: "KM_UPDATE_CHANNEL",
    help: "Releases that km update installs; beta has pre-releases too. Not set, a pre-release asks for beta",
  },
  {
    key: "update.check",
    type: "choice",
    choices: ["on", "off"],
    default: "on",
    env: "KM_UPDATE_CHECK",
    help: "Look for a newer release once a day, in km serve and km events --follow",
  },
  {
    key: "sessions.max",
    type: "number",
    least: 1,
    default: "200",
    env: "KM_SESSIONS_MAX",
    help: "Most sessions that run at once; more are answered with 429",
  },
  {
    key: "sessions.maxPerUser",
    type: "number",
    least: 1,
    default: "100",
    env: "KM_SESSIONS_MAX_PER_USER",
    help: "Most sessions of one caller that run at once; more are answered with 429",
  },
  {
    key: "sessions.maxQueue",
    type: "number",
    least: 1,
    default: "100",
    env: "KM_SESSIONS_MAX_QUEUE",
    help: "Most commands that wait for one session; more are refused",
  },
  {
    key: "sessions.keepDays",
    type: "number",
    default: "30",
    env: "KM_SESSIONS_KEEP_DAYS",
    help: "Days that ended sessions and tasks are kept; 0 keeps them for ever",
  },
  {
    key: "sessions.maxOutputBytes",
    type: "size",
    least: 1,
    default: "16MiB",
    env: "KM_SESSIONS_MAX_OUTPUT_BYTES",
    help: "Most output that is kept of one session, compressed; the oldest goes first",
  },
  {
    key: "sessions.maxTotalBytes",
    type: "size",
    least: 1,
    default: "1GiB",
    env: "KM_SESSIONS_MAX_TOTAL_BYTES",
    help: "Most output that is kept of all sessions, compressed; that of the oldest sessions goes first",
  },
  {
    key: "sessions.quiet",
    type: "duration",
    default: "2s",
    env: "KM_SESSIONS_QUIET",
    help: "How long a session must draw nothing until that counts for what it is doing",
  },
  {
    key: "tasks.maxParallel",
    type: "number",
    least: 1,
    default: "2",
    env: "KM_TASKS_MAX_PARALLEL",
    help: "Most tasks that run at once; the others wait",
  },
  {
    key: "plugins.enabled",
    type: "choice",
    choices: ["on", "off"],
    default: "on",
    env: "KM_PLUGINS_ENABLED",
    help: "Run installed plugins; off runs none, whatever is installed",
  },
  {
    key: "plugins.niceness",
    type: "number",
    default: "19",
    env: "KM_PLUGINS_NICENESS",
    help:
      "How much plugins and their host stand back while processors are busy: 0 (not at all) to 19 (only while nobody else wants one; a batch may then take 10 s longer)",
  },
  {
    key: "plugins.linger",
    type: "duration",
    default: "60s",
    env: "KM_PLUGINS_LINGER",
    help: "How long plugins go on to run after the last monitor has ended",
  },
  {
    key: "plugins.maxHeapMiB",
    type: "number",
    least: 1,
    default: "256",
    env: "KM_PLUGINS_MAX_HEAP_MIB",
    help: "Most memory for JavaScript that a plugin is given, in MiB, whatever its package asks for",
  },
  {
    key: "plugins.maxResidentMiB",
    type: "number",
    least: 1,
    default: "512",
    env: "KM_PLUGINS_MAX_RESIDENT_MIB",
    help: "Most memory in all that a plugin may take, in MiB, before it is ended",
  },
  {
    key: "plugins.maxCpuPercent",
    type: "number",
    least: 1,
    default: "100",
    env: "KM_PLUGINS_MAX_CPU_PERCENT",
    help: "Most of one processor that a plugin may use over 10 s, in percent, before it is ended",
  },
  {
    key: "plugins.maxMessageTime",
    type: "duration",
    default: "10s",
    env: "KM_PLUGINS_MAX_MESSAGE_TIME",
    help: "Longest that a plugin may take for one message, before it is ended",
  },
  {
    key: "plugins.maxFrameBytes",
    type: "size",
    least: 1,
    default: "4MiB",
    env: "KM_PLUGINS_MAX_FRAME_BYTES",
    help: "Longest frame that a plugin may send, before it is ended",
  },
  {
    key: "plugins.maxLogBytesPerMinute",
    type: "size",
    least: 1,
    default: "1MiB",
    env: "KM_PLUGINS_MAX_LOG_BYTES_PER_MINUTE",
    help: "Most that a plugin may log in a minute; the rest is cut, and counted",
  },
  {
    key: "plugins.maxPayloadBytes",
    type: "size",
    least: 1,
    default: "2MiB",
    env: "KM_PLUGINS_MAX_PAYLOAD_BYTES",
    help: "Most that a plugin is given of one message",
  },
  {
    key: "plugins.maxQueueMessages",
    type: "number",
    least: 1,
    default: "16384",
    env: "KM_PLUGINS_MAX_QUEUE_MESSAGES",
    help: "Most messages that wait for a plugin; then the oldest are dropped, and counted",
  },
  {
    key: "plugins.maxQueueBytes",
    type: "size",
    least: 1,
    default: "32MiB",
    env: "KM_PLUGINS_MAX_QUEUE_BYTES",
    help: "Most bytes that wait for a plugin; then the oldest are dropped, and counted",
  },
  {
    key: "plugins.registry",
    type: "string",
    place: "https or folder",
    default: "none",
    env: "KM_PLUGINS_REGISTRY",
    help:
      "Folder or https address of the registry that km plugins install finds plugins in by name; none: none",
  },
  {
    key: "plugins.licenceKeys",
    type: "string",
    default: "none",
    env: "KM_PLUGINS_LICENCE_KEYS",
    help:
      "File with the public keys (JWKS) of an issuer of licences of your own; none: only those that km knows",
  },
  {
    key: "plugins.licenceUrl",
    type: "string",
    place: "https",
    default: "none",
    env: "KM_PLUGINS_LICENCE_URL",
    help:
      "Server of the issuer that is asked every 5 minutes whether the licence still counts; none: nobody is asked",
  },
  {
    key: "plugins.licenceGrace",
    type: "duration",
    default: "72h",
    env: "KM_PLUGINS_LICENCE_GRACE",
    help: "How long a licence goes on to count while its server does not answer",
  },
] as const satisfies readonly Setting[];

export type SettingKey = typeof SETTINGS[number]["key"];
/** A setting that there is. */
export type KnownSetting = Setting & { readonly key: SettingKey };

/** Returns the setting called `key`. */
export function settingOf(key: SettingKey): Setting {
  return SETTINGS.find((setting) => setting.key === key) as Setting; // SettingKey is the union of their keys
}

/** Returns the setting called `key`, or undefined where there is none. */
export function findSetting(key: string): KnownSetting | undefined {
  return SETTINGS.find((setting) => setting.key === key);
}

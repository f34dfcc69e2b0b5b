/** `km plugins status`: what plugins do, what is off and why. Works without a host and in an empty home. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "plugins status",
  summary: "Show what plugins do, what is off and why, and what each tried and was refused",
  details:
    "Figures count from the start of the plugin host, which runs while km monitor does. Every access that a plugin tried and that you " +
    "did not grant was refused, and is listed.",
  flags: [
    { name: "verbose", short: "v", type: "boolean", help: "Everything that is known of each" },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  examples: [
    ["km plugins status", "what runs, and what does not"],
    ["km plugins status --json | jq '.plugins[].refused'", "what plugins tried"],
  ],
  json: {
    home: "the home",
    host:
      "{running, pid, version, uptimeMs, monitors, silentMs, shedMessages, shedBytes, emitsLost, problem, proxyProblem}",
    deno: "{path, version} that the host found for plugins, or null: it has not looked yet, or there is none",
    licence: "{tier, customerId, problem} that plugins run by",
    plugins:
      "[{name, version, state, reason, summary, since, retryAt, pid, uptimeMs, usage, handling, counts, queue, lastEnd, refused, " +
      "refusedOthers, refusedOthersByKind, stderr, lastFailure, grants, waitingVersion}]; " +
      "state: running, idle, failed (when it last ran), starting, waiting, off, refused or disabled; " +
      "lastFailure: {time, message} of the last message that its handler threw over, or null; " +
      "refused: [{permission, value, count, firstTime, lastTime}]",
  },
  async run(flags) {
    const { showStatus } = await import("./show_status.ts");
    return await showStatus(flags);
  },
});

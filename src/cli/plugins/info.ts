/** `km plugins info <name>`: everything that is known of an installed plugin, and what of what it asks for was granted. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "plugins info",
  summary: "Show what an installed plugin is, what it may do, and what it asked for and was not granted",
  usage: "<name>",
  words: [1, 1],
  wordNames: "plugins",
  flags: [{ name: "json", type: "boolean", help: "One JSON object" }],
  examples: [["km plugins info tool-guard", "who made it, and what it may do"]],
  json: {
    name: "name of the plugin",
    version: "its version",
    description: "its own words",
    publisher: "who signed it, by the name that the package gives",
    keyId: "SHA-256 of the key that signed it",
    keyAlgorithm: "Ed25519 or RSA-PSS-4096",
    keyVouchedBy: "first-use, registry, roots or accepted: what made the key believed",
    requiredTier: "free, pro or enterprise",
    customerId: "the only customer that it runs for, or null",
    enabled: "false when it is not to run",
    disabledBecause: "why km disabled it by itself, or null",
    permissions: "what it asks for: {net, read, write, env, data}",
    granted: "[{token, text, risk, severity}] that you granted; token is what --grant takes",
    notGranted: "[{token, text, risk, severity}] that it asks for and may not do",
    limits: "what it may use up",
    protocol: "versions of the plugin protocol that it speaks",
    releaseSequence: "number of the release",
    notBefore: "ISO 8601, or null",
    expires: "ISO 8601, or null",
    manifestSha256: "names this very release",
    source: "where it was installed from",
    installedAt: "ISO 8601, UTC",
    folder: "where its files lie",
    waitingVersion: "version of an update that waits for more grants, or null",
    findings:
      "[{plugin, pluginVersion, key, severity, title, detail, server, tool, eventId, firstTime, lastTime, times}] that it found",
    metrics:
      "[{plugin, name, unit, last, lastTime, day, count, sum, min, max}] that it measured, each on its last day",
    annotations: "how many notes on events it left",
    droppedEmits: "{findings, metrics, annotations} that were too many or not valid",
    readme: "the README of the package, as it is: not escaped; or null",
  },
  async run({ json }, [name = ""]) {
    const { showInfo } = await import("./show_info.ts");
    return await showInfo(name, json);
  },
});

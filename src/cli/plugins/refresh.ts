/** `km plugins refresh`: what the registry and km's roots say now. @module */
import { EXIT_CODES } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "plugins refresh",
  summary: "Ask the registry: turn off what was revoked, take updates as far as they were granted",
  details:
    "The registry is what the setting plugins.registry names. An update that wants more than was granted waits, and the version that is " +
    `installed goes on. Exits with ${EXIT_CODES.plugin_failed} when an update could not be installed, and with ${EXIT_CODES.not_trusted} when ` +
    `the registry is not believed; then nothing is changed. Where none is set it exits with ${EXIT_CODES.usage}.`,
  flags: [
    { name: "check", type: "boolean", help: "Install no update, only say what there is" },
    {
      name: "accept-new-key",
      type: "string",
      placeholder: "fingerprint",
      help:
        "Believe this key of the registry from now on. Only after whoever runs it confirmed it in another place",
    },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  examples: [
    ["km plugins refresh", "revoked plugins go off, updates come"],
    ["km plugins refresh --check", "only look for updates"],
  ],
  json: {
    registry: "{place, keyId, isFirst, offline, expires}: what was asked, or null where none is set",
    rootsExpire: "ISO 8601: when the root statements end, or null",
    warnings: "what is to be renewed",
    plugins:
      "[{name, outcome, version, newest, detail}]; outcome: revoked, current, available, updated, waiting, failed or unlisted",
  },
  async run(flags) {
    const { refreshNow } = await import("./refresh_now.ts");
    return await refreshNow(flags);
  },
});

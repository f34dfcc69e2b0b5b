/** `km update`: the newest release in place of this km, and back. @module */
import { kmPaths } from "../../config/paths.ts";
import { EXIT_CODES, KmError } from "../../core/error.ts";
import { channelOf } from "../../update/channel.ts";
import { CHANNELS } from "../../update/manifest.ts";
import { command as defineCommand } from "../command.ts";
import { reportUpdate } from "../update/report.ts";
import { updatableKm } from "../update/this_km.ts";
import { checkOnly, updateNow } from "../update/update_now.ts";
import { rollBackNow } from "../update/roll_back_now.ts";
import { stoppable } from "../update/stoppable.ts";

export const command = defineCommand({
  name: "update",
  summary: "Install the newest release in place of this km, or go back to the one before",
  details:
    "A release is believed when a key that was built into this km signed it and it has not expired; older ones are refused. " +
    "The new file is run before the switch, in a private folder beside km, and after it; when it does not run, the old one stays. " +
    "In a folder that other users may write, km does not update itself. " +
    "The version before is kept beside it. What runs goes on with its version: km monitor until its client starts it anew, " +
    "km serve until it is restarted. " +
    "km serve, and km events --follow at a terminal, look once a day whether a release is out and say so in one line: " +
    "the setting update.check, KM_NO_UPDATE_CHECK=1, or CI with any value but false and 0, ends that. The server learns the version of km and nothing else. " +
    `KM_BASE_URL is another address of releases. Exits with ${EXIT_CODES.not_trusted} for what is not believed, ` +
    `${EXIT_CODES.download_failed} for what cannot be fetched, ${EXIT_CODES.update_failed} when the new file cannot be put in place or does not run.`,
  flags: [
    { name: "check", type: "boolean", help: "Only say what is out; exits with 0 either way" },
    {
      name: "channel",
      type: "choice",
      choices: CHANNELS,
      help:
        "Releases to choose from; beta has pre-releases too. Default: the setting update.channel; not set either, beta for a pre-release, else stable",
    },
    { name: "rollback", type: "boolean", help: "Go back to the version before, which is kept beside km" },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  examples: [
    ["km update", "install the newest release"],
    ["km update --check", "only look"],
    ["km update --rollback", "go back to the version before"],
  ],
  json: {
    status:
      "pending, current, newer (this km is newer than the newest of the channel), updated or rolled-back",
    version: "of the km at file, once this command has ended",
    latest: "newest version of the channel; null with --rollback",
    channel: "stable or beta; null with --rollback",
    file: "the file that is km",
    previous: "the version that this command replaced, or null",
    restart: "true when a km serve of this home still runs another version",
    warning: "what to know about it, or null",
  },
  async run({ check, channel, rollback, json }) {
    if (check && rollback) {
      throw new KmError("usage", "Cannot look and go back at once", { hint: "give --check or --rollback" });
    }
    const km = updatableKm();
    const statePath = kmPaths().update;
    return await stoppable(async (signal) => {
      const options = { statePath, channel: channel ?? channelOf(km.build.version), signal };
      const report = rollback
        ? await rollBackNow(km, options)
        : check
        ? await checkOnly(km, options)
        : await updateNow(km, options);
      reportUpdate(report, json);
    });
  },
});

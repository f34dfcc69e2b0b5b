/** `km plugins dev [folder]`: a plugin in the sandbox, built and started anew at every save. @module */
import { resolve } from "node:path";
import { eventFilter } from "../../../core/filter.ts";
import { ENDING_SIGNALS, onSignal } from "../../../proc/signals.ts";
import { command as defineCommand } from "../../command.ts";
import { refuseRange, SUBJECT_FLAGS } from "../../filter.ts";
import { Developing } from "./developing.ts";
import { followRecorded } from "./follow_recorded.ts";
import { watchFolder } from "./watch_folder.ts";

export const command = defineCommand({
  name: "plugins dev",
  summary: "Run a plugin in the sandbox, and again at every save",
  usage: "[folder]",
  words: [0, 1],
  flags: [
    {
      name: "live",
      short: "l",
      type: "boolean",
      help: "Give it what km records from now on, in place of a fixture",
    },
    {
      name: "events",
      short: "e",
      type: "string",
      placeholder: "file",
      help: "Messages to give it at every start; fixture.jsonl when left out",
    },
    ...SUBJECT_FLAGS,

    {
      name: "config",
      short: "c",
      type: "string",
      placeholder: "file",
      help: "The plugin's configuration; config.jsonc of the folder when left out",
    },
    { name: "check", type: "boolean", help: "Check the types at every save, which takes a second" },
    { name: "json", type: "boolean", help: "One JSON object per line" },
  ],
  details:
    "Watches the folder. What is wrong with the plugin is shown, and the next save is awaited. With --live, --server and the like choose " +
    "among what km records. What the plugin keeps outlives a save, not the command. Ctrl-C ends it.",
  examples: [
    ["km plugins dev", "the plugin in this folder, with fixture.jsonl at every save"],
    ["km plugins dev slow-calls --live --server github", "with what passes now"],
  ],
  json: {
    type: "started, message, happenings or problem",
    name: "started: name of the plugin",
    version: "started: its version",
    problem: "problem: what is wrong",
    said: "problem: what Deno said of it, or null",
    hint: "problem: what to do about it, or null",
    number: "message, as km plugins test shows it, with the fields that follow there",
    happenings: "message, happenings: what the plugin did",
  },
  async run(flags, [folder = "."]) {
    const { live, events, config, check, json } = flags;
    const filter = eventFilter({ ...flags, since: undefined, until: undefined }, refuseRange);
    const developing = new Developing({
      folder: resolve(folder),
      events: live ? null : events,
      config: config ?? null,
      check,
      json,
    });
    const stop = Promise.withResolvers<void>();
    for (const [signal] of ENDING_SIGNALS) onSignal(signal, () => stop.resolve());
    using watched = watchFolder(resolve(folder), () => developing.reload());
    // What is saved while the first start is under way starts it again.
    developing.reload();
    if (live) {
      void followRecorded(filter, (event) => developing.give(event)).catch((error) => stop.reject(error));
    }
    try {
      await Promise.race([stop.promise, watched.failed]);
    } finally {
      await developing.end();
    }
    return 0;
  },
});

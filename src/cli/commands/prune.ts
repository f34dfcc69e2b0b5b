/** `km prune`: deletes what is old, what is too much, or everything. @module */

import { retention } from "../../config/config.ts";
import { kmPaths } from "../../config/paths.ts";
import { systemClock } from "../../core/clock.ts";
import { KmError } from "../../core/error.ts";
import { type Database, openDatabase } from "../../store/database.ts";
import { pruneStep } from "../../store/retention.ts";
import { readSummary } from "../../store/summary.ts";
import { command as defineCommand } from "../command.ts";
import { formatBytes, plural } from "../quantity.ts";
import { NOTHING_RECORDED, withStore } from "../read_store.ts";
import { write } from "../terminal.ts";

/** Events deleted in one transaction: short enough that a recording km never waits for it. */
const STEP_EVENTS = 5000;
const DAY_MS = 86_400_000;

export const command = defineCommand({
  name: "prune",
  summary: "Delete old events",
  details:
    "Without flags it does what the settings retention.days and retention.maxBytes say, which km also does by itself " +
    "while it records. Statistics of deleted events are deleted with them.",
  flags: [
    { name: "older-than", type: "duration", help: "Delete what is older than this: 7d, 12h" },
    { name: "max-bytes", type: "size", help: "Delete the oldest until the database is no larger than this" },
    { name: "all", type: "boolean", help: "Delete everything" },
    { name: "yes", short: "y", type: "boolean", help: "Do not ask before --all" },
    { name: "dry-run", type: "boolean", help: "Only say what would be deleted" },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  examples: [
    ["km prune --older-than 7d", "keep one week"],
    ["km prune --all --yes", "start afresh"],
  ],
  json: {
    deleted: "events deleted, or that would be",
    dryRun: "true when nothing was deleted",
    sizeBefore: "bytes of the database on disk before",
    sizeAfter: "and after",
  },
  async run(flags) {
    const limits = limitsOf(flags);
    return await withStore(async (reader) => {
      const sizeBefore = readSummary(reader).sizeBytes;
      if (flags.all && !flags.dryRun && !flags.yes && !await confirmed()) return 0;
      const deleted = flags.dryRun ? countPrunable(reader, limits) : prune(limits);
      const sizeAfter = readSummary(reader).sizeBytes;
      const { json, dryRun } = flags;
      write(
        json
          ? `${JSON.stringify({ deleted, dryRun, sizeBefore, sizeAfter })}\n`
          : sentence({ deleted, dryRun, sizeBefore, sizeAfter }),
      );
      return 0;
    }, () => {
      write(
        flags.json
          ? `{"deleted":0,"dryRun":${flags.dryRun},"sizeBefore":0,"sizeAfter":0}\n`
          : `${NOTHING_RECORDED}\n`,
      );
      return 0;
    });
  },
});

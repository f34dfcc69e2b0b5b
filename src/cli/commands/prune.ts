/** `km prune`: deletes what is old, what is too much, or everything. @module */

import { requireRetention } from "../../config/config.ts";
import { kmPaths } from "../../config/paths.ts";
import { systemClock } from "../../core/clock.ts";
import { KmError } from "../../core/error.ts";
import { countPrunable } from "../../store/prunable.ts";
import { type Pruned, type PruneLimits, pruneLimits, pruneStore } from "../../store/prune.ts";
import { readSummary } from "../../store/summary.ts";
import { command as defineCommand } from "../command.ts";
import { formatBytes } from "../../core/quantity.ts";
import { describeRemoved } from "../../core/removed.ts";
import { jsonText } from "../json_text.ts";
import { NOTHING_RECORDED, withStore } from "../read_store.ts";
import { write } from "../terminal.ts";

const STILL_THERE =
  "\nanother program uses the database: what was deleted may still be in the file until km prune --all runs again without it";

export const command = defineCommand({
  name: "prune",
  summary: "Delete old events, sessions and tasks",
  details:
    "Without flags it does what the settings retention.days and retention.maxBytes say, which km also does by itself " +
    "while it records. A session goes when it has ended, with its output, a task when it is over; of a session that runs, the oldest output goes when the " +
    "database is too large. Statistics by day, and the names and command of each server, outlive the events; only --all deletes " +
    "them too, and writes the database anew, so that nothing deleted can be read in the file. A km that records meanwhile " +
    "records on.",
  flags: [
    { name: "older-than", type: "duration", help: "Delete what is older than this: 7d, 12h" },
    { name: "max-bytes", type: "size", help: "Delete the oldest until the database is no larger than this" },
    {
      name: "all",
      type: "boolean",
      help: "Delete everything: events, statistics, names, sessions that ended, tasks",
    },
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
    sessions: "sessions deleted that had ended, or that would be; left out when there are none",
    tasks: "tasks deleted that were over, or that would be; left out when there are none",
    dryRun: "true when nothing was deleted",
    sizeBefore: "bytes of the database on disk before",
    sizeAfter: "and after",
    wiped: "with --all: false when deleted bytes may still be in the file, because another program uses it",
  },
  async run(flags) {
    const limits = limitsOf(flags);
    return await withStore(async (reader) => {
      if (flags.all && !flags.yes && !flags.dryRun) confirmAll();
      const sizeBefore = readSummary(reader).sizeBytes;
      const done = flags.dryRun
        ? countPrunable(reader, limits)
        : await pruneStore(kmPaths().database, limits);
      const result = { ...done, dryRun: flags.dryRun, sizeBefore, sizeAfter: readSummary(reader).sizeBytes };
      write(flags.json ? `${jsonText(result)}\n` : `${sentence(result)}\n`);
      return 0;
    }, () => {
      const result = { deleted: 0, dryRun: flags.dryRun, sizeBefore: 0, sizeAfter: 0 };
      write(flags.json ? `${jsonText(result)}\n` : `${NOTHING_RECORDED}\n`);
      return 0;
    });
  },
});

interface Result extends Pruned {
  readonly dryRun: boolean;
  readonly sizeBefore: number;
  readonly sizeAfter: number;
}

/** What the flags ask for; what the settings say when they ask for nothing. */
function limitsOf(
  { olderThan, maxBytes, all }: {
    readonly olderThan: number | undefined;
    readonly maxBytes: number | undefined;
    readonly all: boolean;
  },
): PruneLimits {
  if (all && (olderThan ?? maxBytes) !== undefined) {
    throw new KmError("usage", "Cannot prune everything and only a part of it", {
      hint: "use --all alone, or --older-than and --max-bytes without it",
    });
  }
  return pruneLimits({ olderThanMs: olderThan, maxBytes, all }, {
    nowUs: systemClock.nowUs(),
    retention: requireRetention,
  });
}

/** @throws {KmError} usage when there is nobody to ask, or the answer is no */
function confirmAll(): void {
  if (Deno.stdin.isTerminal() && confirm("Delete everything that km has recorded?")) return;
  throw new KmError("usage", "Nothing was deleted: everything is only deleted when you say so", {
    hint: "add --yes",
  });
}

function sentence({ dryRun, sizeBefore, sizeAfter, wiped, ...removed }: Result): string {
  const what = describeRemoved(removed, "event");
  if (dryRun) {
    return `would delete about ${what} of a database of ${formatBytes(sizeBefore)}`;
  }
  const sizes = sizeAfter === sizeBefore
    ? formatBytes(sizeAfter)
    : `${formatBytes(sizeBefore)}, now ${formatBytes(sizeAfter)}`;
  return `deleted ${what}; the database ${sizeAfter === sizeBefore ? "takes" : "took"} ${sizes}${
    wiped === false ? STILL_THERE : ""
  }`;
}

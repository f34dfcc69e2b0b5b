/** What `km update` says it did. @module */
import { findDaemon } from "../../daemon/daemon_file.ts";
import { kmPaths } from "../../config/paths.ts";
import { jsonText } from "../json_text.ts";
import { write, writeError } from "../terminal.ts";
import type { Channel } from "../../update/manifest.ts";
import { compareVersions } from "../../core/version.ts";

/** The outcome. Its fields are those of `--json`, but for `command` and `kept`. */
export interface UpdateReport {
  readonly status: "pending" | "current" | "newer" | "updated" | "rolled-back";
  readonly version: string;
  readonly latest: string | null;
  readonly channel: Channel | null;
  readonly file: string;
  readonly previous: string | null;
  readonly warning: string | null;
  /** What installs `latest`. */
  readonly command: string;
  /** Where `previous` lies. */
  readonly kept: string | null;
}

/** Prints it on stdout. */
export function reportUpdate(report: UpdateReport, json: boolean): void {
  const { status, version, latest, channel, file, previous, warning } = report;
  const serves = findDaemon(kmPaths().daemon)?.version;
  const restart = serves !== undefined && serves !== version;
  if (json) {
    write(`${jsonText({ status, version, latest, channel, file, previous, restart, warning })}\n`);
    return;
  }
  write(`${sentence(report)}\n`);
  if (warning !== null) writeError(`km: warning: ${warning}\n`);
  if (restart && previous !== null) {
    write(`km serve still runs ${serves}: "km stop && km serve --detach" takes ${version}\n`);
  }
}

function sentence({ status, version, latest, channel, file, previous, command, kept }: UpdateReport): string {
  switch (status) {
    case "pending":
      return `km ${latest} is out, this is ${version}; "${command}" installs it`;
    case "current":
      return `km ${version} is the newest (${channel})`;
    case "newer":
      return `km ${version} is newer than the newest ${channel} release, ${latest}; nothing to do`;
    case "updated":
      return `km ${version} is installed: ${file}\nkm ${previous} is kept as ${kept}; "km update --rollback" goes back to it`;
    case "rolled-back":
      return `km ${version} is back: ${file}\nkm ${previous} is kept as ${kept}; ${
        otherWay(version, previous ?? version)
      }`;
  }
}

/** How to get from `version` to the one that it took the place of. Who goes back twice goes forward. */
export function otherWay(version: string, left: string): string {
  return compareVersions(version, left) > 0
    ? '"km update --rollback" goes back to it'
    : '"km update" goes forward again';
}

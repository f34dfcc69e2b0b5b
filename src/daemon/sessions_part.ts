/** The daemon's sessions: what they need, from where the user set it. @module */
import { environment } from "../config/environment.ts";
import type { Paths } from "../config/paths.ts";
import type { Settings } from "../config/settings_in_force.ts";
import { parseDuration } from "../core/duration.ts";
import { parseSize } from "../core/size.ts";
import { Ptys } from "../proc/pty.ts";
import { startSessionWatcher } from "../proc/session_watcher.ts";
import { loadProviders } from "../sessions/providers/providers.ts";
import { Sessions } from "../sessions/sessions.ts";
import type { ThreadSettings } from "../sessions/thread_messages.ts";

export interface SessionsPartOptions {
  readonly paths: Pick<Paths, "database" | "hooks">;
  readonly settings: Settings;
  readonly log: (line: string) => void;
}

/** The sessions of a home, and what ends with them. */
export function openSessions({ paths, settings, log }: SessionsPartOptions): Sessions {
  return new Sessions({
    ptys: new Ptys(),
    watcher: startSessionWatcher(),
    hooksFolder: paths.hooks,
    settings: () => threadSettings(settings, paths.database),
    limits: () => ({
      max: Number(settings.text("sessions.max")),
      maxPerUser: Number(settings.text("sessions.maxPerUser")),
      maxQueue: Number(settings.text("sessions.maxQueue")),
    }),
    providers: () => loadProviders(settings.options.file?.providers).providers,
    environment,
    log,
  });
}

function threadSettings(settings: Settings, database: string): ThreadSettings {
  return {
    database,
    quietMs: parseDuration(settings.text("sessions.quiet")),
    maxOutputBytes: parseSize(settings.text("sessions.maxOutputBytes")),
    keepDays: Number(settings.text("sessions.keepDays")),
    maxTotalBytes: parseSize(settings.text("sessions.maxTotalBytes")),
  };
}

/** The daemon's sessions and tasks: what they need, from where the user set it. @module */
import { environment } from "../config/environment.ts";
import type { Paths } from "../config/paths.ts";
import type { Settings } from "../config/settings_in_force.ts";
import { parseDuration } from "../core/duration.ts";
import { parseSize } from "../core/size.ts";
import { Ptys } from "../proc/pty.ts";
import { type SessionWatcher, startSessionWatcher } from "../proc/session_watcher.ts";
import { ProvidersInForce } from "./providers_in_force.ts";
import { Sessions } from "../sessions/sessions.ts";
import { Tasks } from "../sessions/tasks/tasks.ts";
import type { ThreadSettings } from "../sessions/thread_messages.ts";

/** Most tasks that wait; more are answered with 429. */
const MAX_QUEUED_TASKS = 1000;

export interface SessionsPartOptions {
  readonly paths: Pick<Paths, "home" | "database" | "hooks">;
  readonly settings: Settings;
  readonly log: (line: string) => void;
}

/** The sessions and tasks of a home, under one watch. Tasks are to be disposed of first. */
export function openSessions(
  options: SessionsPartOptions,
): { readonly sessions: Sessions; readonly tasks: Tasks } {
  const watcher = startSessionWatcher();
  const providers = new ProvidersInForce(options);
  const sessions = sessionsOf(options, watcher, providers);
  return { sessions, tasks: tasksOf(options, sessions, watcher, providers) };
}

function sessionsOf(
  { paths, settings, log }: SessionsPartOptions,
  watcher: SessionWatcher,
  providers: ProvidersInForce,
): Sessions {
  return new Sessions({
    ptys: new Ptys(),
    watcher,
    hooksFolder: paths.hooks,
    settings: () => threadSettings(settings, paths.database),
    limits: () => ({
      max: Number(settings.text("sessions.max")),
      maxPerUser: Number(settings.text("sessions.maxPerUser")),
      maxQueue: Number(settings.text("sessions.maxQueue")),
    }),
    providers: () => providers.look().providers,
    providerProblems: () => providers.look().problems,
    lookAtConfig: () => settings.look(),
    environment: () => ({ ...environment(), KM_HOME: paths.home }),
    log,
  });
}

function tasksOf(
  { paths, settings, log }: SessionsPartOptions,
  sessions: Sessions,
  watcher: SessionWatcher,
  providers: ProvidersInForce,
): Tasks {
  return new Tasks({
    record: sessions.record,
    sessions,
    watcher,
    providers: () => providers.look().providers,
    providerProblems: () => providers.look().problems,
    lookAtConfig: () => settings.look(),
    environment: () => ({ ...environment(), KM_HOME: paths.home }),
    limits: () => ({
      maxParallel: Number(settings.text("tasks.maxParallel")),
      maxQueued: MAX_QUEUED_TASKS,
    }),
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

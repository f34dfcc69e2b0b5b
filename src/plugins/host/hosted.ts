/** What the host keeps of each monitor and of each plugin. @module */
import type { InstalledPlugin } from "../trust/plugins_lock.ts";
import type { FileMark } from "./file_mark.ts";
import type { PluginRunner } from "./plugin_runner.ts";

export interface LinkState {
  /** What it was last told that is wanted, as text; null: nothing yet. */
  told: string | null;
  readonly openedMs: number;
}

export interface Hosted {
  readonly plugin: InstalledPlugin;
  readonly runner: PluginRunner;
  readonly configMark: FileMark;
}

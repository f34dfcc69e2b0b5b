/** What the plugin host needs of the program around it. @module */
import type { PluginEmit } from "../../core/plugin.ts";
import type { PluginPaths } from "../paths.ts";
import type { Sandbox, SandboxOptions } from "../sandbox/sandbox.ts";
import type { InstalledPlugin, PluginsLock } from "../trust/plugins_lock.ts";
import type { HostLicence } from "./prepare_plugin.ts";
import type { PreparedPlugin } from "./prepared_plugin.ts";
import type { HostStatus } from "./status.ts";
import type { Timers } from "./timers.ts";

export interface HostDeps {
  readonly paths: PluginPaths;
  readonly kmVersion: string;
  /** True once the program that this runs of is another on disk, or gone: after an update. */
  readonly isReplaced: () => boolean;
  readonly timers: Timers;
  /** How long it stays without a monitor, in ms. Asked each time. */
  readonly lingerMs: () => number;
  /** False: the user turned plugins off. */
  readonly isAllowed: () => boolean;
  /** @throws {KmError} when it cannot be told for certain */
  readonly readLock: () => PluginsLock;
  readonly prepare: (plugin: InstalledPlugin) => Promise<PreparedPlugin>;
  readonly launch: (options: SandboxOptions) => Promise<Sandbox>;
  readonly licence: { readonly now: () => HostLicence; onChange(listener: () => void): void };
  /** The Deno that was found last, for the status; `problem`: why there is none. */
  readonly deno: () => Pick<HostStatus, "deno" | "problem">;
  /** Takes secrets out of what plugins say, unless the user keeps them. */
  readonly redact: (text: string) => string;
  /** It listens, and every plugin has started or failed to: once. */
  readonly onUp?: () => void;
  /** Stores what plugins gave back. @throws when it cannot now */
  readonly storeEmits: (emits: readonly PluginEmit[]) => void;
}

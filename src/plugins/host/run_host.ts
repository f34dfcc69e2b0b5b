/** The host as `km plugins host` runs it: everything of this room put together. Reaches @bufbuild/protobuf. @module */
import { environment, environmentSecrets } from "../../config/environment.ts";
import { parseDuration } from "../../core/duration.ts";
import { KmError } from "../../core/error.ts";
import type { PluginEmit } from "../../core/plugin.ts";
import type { Homes } from "../package/folder_rules.ts";
import { createRedactor, type Redactor } from "../../core/redact.ts";
import type { PluginPaths } from "../paths.ts";
import { launchSandbox } from "../sandbox/launch.ts";
import { readPluginsLock } from "../trust/lock_file.ts";
import type { AuthMemory } from "./auth_memory.ts";
import { PluginHost } from "./host.ts";
import { FileMark } from "./file_mark.ts";
import type { SettingText } from "./limits_in_force.ts";
import { type AuthSubject, type HostLicence, preparePlugin } from "./prepare_plugin.ts";
import type { HostStatus } from "./status.ts";
import { SYSTEM_TIMERS } from "./timers.ts";

export interface RunHostOptions {
  readonly paths: PluginPaths;
  readonly homes: Homes;
  readonly kmVersion: string;
  /** As they are now: they may change while it runs. */
  readonly setting: SettingText;
  readonly licence: { readonly now: () => HostLicence; onChange(listener: () => void): void };
  readonly authMemory: (subject: AuthSubject) => AuthMemory | null;
  /** @throws {KmError} when there is none */
  readonly findDeno: () => Promise<{ readonly path: string; readonly version: string }>;
  /** @throws when it cannot now */
  readonly storeEmits: (emits: readonly PluginEmit[]) => void;
  /** Called once, when it listens and its plugins are up. */
  readonly onUp: () => void;
  /** Calls `end` when the process is asked to end. */
  readonly onEndAsked: (end: (reason: string) => void) => void;
}

/** Runs a host until nobody needs it. */
export async function runPluginHost(options: RunHostOptions): Promise<void> {
  const { paths, homes, kmVersion, setting, licence, storeEmits } = options;
  const deno = new DenoForPlugins(options.findDeno);
  const timers = SYSTEM_TIMERS;
  const program = new FileMark(Deno.execPath(), { known: true });
  let isReplaced = false;
  const host = new PluginHost({
    onUp: options.onUp,
    paths,
    kmVersion,
    isReplaced: () => isReplaced ||= program.isChanged(),
    timers,
    licence,
    storeEmits,
    redact: redactorFor(setting),
    lingerMs: () => parseDuration(setting("plugins.linger")),
    isAllowed: () => setting("plugins.enabled") === "on",
    readLock: () => readPluginsLock(paths),
    launch: (sandbox) => launchSandbox(sandbox),
    deno: () => deno.status,
    prepare: (plugin) =>
      preparePlugin(plugin, {
        paths,
        homes,
        kmVersion,
        setting,
        env: environment,
        licence: licence.now,
        authMemory: options.authMemory,
        deno: () => deno.path(),
        wallMs: () => timers.wallMs(),
      }),
  });
  options.onEndAsked((reason) => host.end(reason));
  await host.run();
}

/** Knows the secrets of the environment that the host was started with: that of a monitor. */
function redactorFor(setting: SettingText): Redactor["text"] {
  const redactor = createRedactor(environmentSecrets());
  return (text) => setting("redact") === "off" ? text : redactor.text(text);
}

/** Found once; looked for again while there is none, or when it is gone. */
class DenoForPlugins {
  readonly #find: RunHostOptions["findDeno"];
  #found: HostStatus["deno"] = null;
  #problem: string | null = null;
  #finding: Promise<string> | null = null;

  constructor(find: RunHostOptions["findDeno"]) {
    this.#find = find;
  }

  get status(): Pick<HostStatus, "deno" | "problem"> {
    return { deno: this.#found, problem: this.#problem };
  }

  async path(): Promise<string> {
    const known = this.#found?.path;
    if (known !== undefined && await Deno.stat(known).then((info) => info.isFile, () => false)) return known;
    return await (this.#finding ??= this.#look().finally(() => this.#finding = null));
  }

  async #look(): Promise<string> {
    try {
      this.#found = await this.#find();
      this.#problem = null;
      return this.#found.path;
    } catch (error) {
      this.#found = null;
      this.#problem = error instanceof KmError ? error.message : String(error);
      throw error;
    }
  }
}

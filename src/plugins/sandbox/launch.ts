/** Starts a plugin's process as `recipe.ts` says, and watches over it: the one way in which km runs code of a plugin. @module */
import { KmError } from "../../core/error.ts";
import { isolatesNetwork } from "../../proc/wrappers.ts";
import { type PluginProcess, startPluginProcess } from "../../proc/plugin_process.ts";
import { bootAsset } from "../boot_asset.ts";
import { placeBootstrap } from "./bootstrap_file.ts";
import { refuseImports } from "./lex.ts";
import { dataLimitMiB } from "./limits.ts";
import { type Launched, recipe } from "./recipe.ts";
import { RunningSandbox } from "./running_sandbox.ts";
import type { Sandbox, SandboxOptions } from "./sandbox.ts";

/** Changes to the launch that exist for proofs alone: another program in place of the bootstrap, or a sandbox with a hole, which the hostile suite must find. */
export interface Altered {
  readonly bootstrap?: Uint8Array<ArrayBuffer>;
  /** The code is not looked through for imports. */
  readonly unlexed?: boolean;
  readonly launched?: (launched: Launched) => Launched;
  /** The system's own walls are left out: what Deno itself stops is seen. */
  readonly bare?: boolean;
}

/**
 * Starts a sandbox with the bootstrap in it; the caller sends the frames, `Load` with the code first.
 * @throws {KmError} plugin_failed when the code imports or Deno cannot be started, not_granted, not_trusted, store_unavailable
 */
export async function launchSandbox(options: SandboxOptions, altered: Altered = {}): Promise<Sandbox> {
  if (altered.unlexed !== true) await refuseImports(options.code);
  const bootstrap = await placeBootstrap(options.runtime, altered.bootstrap ?? await bootAsset());
  const { limits: { heapMiB }, deno, permissions, env } = options;
  const asPlanned = recipe({ deno, bootstrap, heapMiB, permissions, env });
  const launched = altered.launched?.(asPlanned) ?? asPlanned;
  return new RunningSandbox(await start(options, launched, altered.bare === true), options);
}

async function start(options: SandboxOptions, launched: Launched, bare: boolean): Promise<PluginProcess> {
  const { deno, limits, permissions } = options;
  try {
    await Deno.stat(deno);
    return startPluginProcess({
      ...launched,
      // Its start is short, and messages wait for it: it stands back once it has said something.
      niceness: 0,
      dataMiB: bare ? null : dataLimitMiB(limits, navigator.hardwareConcurrency),
      noNetwork: !bare && permissions.net.length === 0,
    });
  } catch (cause) {
    throw new KmError("plugin_failed", `Cannot start "${deno}": ${(cause as Error).message}`, {
      hint: "km doctor says which Deno plugins run on",
      cause,
    });
  }
}

/** Which walls of the system itself stand around a sandbox here, beside Deno's. */
export interface Walls {
  /** A plugin without a network grant runs where there is no network. */
  readonly networkNamespace: boolean;
  /** The kernel bounds a plugin's data (`RLIMIT_DATA`). */
  readonly dataLimit: boolean;
}

/** The walls of this system. */
export function wallsHere(): Walls {
  return { networkNamespace: isolatesNetwork() !== null, dataLimit: Deno.build.os === "linux" };
}

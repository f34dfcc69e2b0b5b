/** The folder that a new plugin begins as: it builds, and its tests pass. Its files are those of `plugins/template`. @module */
import { basename, join } from "node:path";
import { KmError } from "../../core/error.ts";
import { MAX_PLUGIN_NAME, PLUGIN_NAME } from "../../core/plugin.ts";
// deno-lint-ignore rooms/direction -- read as text: what authors get is a copy
import fixture from "../../../plugins/template/fixture.jsonl" with { type: "text" };
// deno-lint-ignore rooms/direction -- as above
import manifest from "../../../plugins/template/km.plugin.jsonc" with { type: "text" };
// deno-lint-ignore rooms/direction -- as above
import plugin from "../../../plugins/template/plugin.ts" with { type: "text" };
// deno-lint-ignore rooms/direction -- as above
import pluginTest from "../../../plugins/template/plugin_test.ts" with { type: "text" };
// deno-lint-ignore rooms/direction -- as above
import readme from "../../../plugins/template/README.md" with { type: "text" };
import sdkContext from "../../../plugins/sdk/context.ts" with { type: "text" };
import sdkMessage from "../../../plugins/sdk/message.ts" with { type: "text" };
import sdkMod from "../../../plugins/sdk/mod.ts" with { type: "text" };
import sdkState from "../../../plugins/sdk/state.ts" with { type: "text" };
import sdkTesting from "../../../plugins/sdk/testing.ts" with { type: "text" };
import limits from "../../../proto/limits.ts" with { type: "text" };

/** What the template is called in its own files. */
const TEMPLATE_NAME = "my-plugin";

/** So that an editor with Deno and `deno task test` work, and nothing else is needed. */
const DENO_JSON = {
  tasks: { test: "deno test", check: "deno check" },
  fmt: { lineWidth: 110, exclude: ["sdk"] },
  lint: { exclude: ["sdk"] },
  compilerOptions: { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
};

/** The SDK as it is copied into a plugin's folder: mod.ts is built into the plugin, the others are for its tests. */
const SDK: Readonly<Record<string, string>> = {
  "sdk/mod.ts": sdkMod,
  "sdk/testing.ts": sdkTesting,
  "sdk/context.ts": sdkContext,
  "sdk/message.ts": sdkMessage,
  "sdk/state.ts": sdkState,
  "sdk/limits.ts": limits,
};

/** Files of a new plugin, by name. @throws {KmError} usage for a name that no plugin may have */
export function newProject(name: string): Readonly<Record<string, string>> {
  if (!PLUGIN_NAME.test(name) || name.length > MAX_PLUGIN_NAME) {
    throw new KmError("usage", `A plugin cannot be called "${name}"`, {
      hint:
        `lower-case letters, digits and single hyphens, a letter first, at most ${MAX_PLUGIN_NAME} characters`,
    });
  }
  const named = (text: string) => besideSdk(text).replaceAll(TEMPLATE_NAME, name);
  return {
    "plugin.ts": named(plugin),
    "km.plugin.jsonc": named(manifest),
    "plugin_test.ts": named(pluginTest),
    "fixture.jsonl": fixture,
    "README.md": named(readme),
    "deno.json": `${JSON.stringify(DENO_JSON, null, 2)}\n`,
    ...Object.fromEntries(Object.entries(SDK).map(([file, text]) => [file, besideSdk(text)])),
  };
}

/** Writes the files into a folder that must not exist; returns its path. @throws {KmError} usage, store_unavailable */
export async function writeProject(parent: string, name: string): Promise<string> {
  const files = newProject(name);
  const folder = join(parent, name);
  try {
    // Its own mkdir refuses what is there, a link too: nothing is ever overwritten.
    await Deno.mkdir(folder);
    await Deno.mkdir(join(folder, "sdk"));
    for (const [file, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, file), text, { createNew: true });
    }
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new KmError("usage", `"${basename(folder)}" is there already: nothing was written`, {
        hint: "take another name, or another folder",
      });
    }
    throw new KmError("store_unavailable", `Cannot make "${folder}": ${(error as Error).message}`, {
      cause: error,
    });
  }
  return folder;
}

/** In its own folder a plugin has the SDK below it, whole. */
function besideSdk(text: string): string {
  return text.replaceAll('"../sdk/', '"./sdk/').replaceAll('"../../proto/limits.ts"', '"./limits.ts"');
}

/** From a plugin's folder to its JavaScript. @module */
import { dirname, join, resolve } from "node:path";
import { KmError } from "../../core/error.ts";
import { bundlePlugin, checkTypes, type DenoTool } from "./deno_tools.ts";
import { refuseImports } from "../sandbox/lex.ts";
import { computedImport, importsOf, isSdk, linkPlugin } from "./link.ts";
import { PLUGIN_FILE, type Project } from "./project.ts";

export interface CompileOptions {
  readonly deno: DenoTool;
  /** Whether types are to be checked, where a Deno can. */
  readonly check: boolean;
  readonly signal?: AbortSignal;
}

/** A plugin's code, ready to be packed or run. */
export interface Compiled {
  readonly code: Uint8Array<ArrayBuffer>;
  readonly typesChecked: boolean;
  /** How it became one file. */
  readonly by: "km" | "deno bundle";
  /** What of others was built in, `npm:ms@2.1.3`, in order of their names. */
  readonly packages: readonly string[];
}

/** @throws {KmError} plugin_failed, unsupported */
export async function compilePlugin(
  { folder, source }: Project,
  { deno, check, signal }: CompileOptions,
): Promise<Compiled> {
  const plugin = { name: PLUGIN_FILE, text: source };
  const imports = await importsOf(plugin);
  const builtin = imports.find((specifier) => specifier?.startsWith("node:"));
  if (builtin) {
    throw new KmError("plugin_failed", `Cannot build ${PLUGIN_FILE}: it imports "${builtin}"`, {
      hint: "the sandbox has no node: modules; use what browsers have: fetch, crypto, TextEncoder",
    });
  }
  if (imports.includes(null)) throw computedImport(PLUGIN_FILE);
  const typesChecked = check && await checkTypes(folder, deno, signal);
  const sdk = imports.find(isSdk) ?? null;
  const alone = imports.every(isSdk);
  const { code, packages } = alone
    ? { code: await linkPlugin(plugin, await readSdk(folder, sdk)), packages: [] }
    : await bundlePlugin(folder, deno, signal);
  const bytes = new TextEncoder().encode(code);
  await refuseImports(bytes);
  return { code: bytes, typesChecked, by: alone ? "km" : "deno bundle", packages };
}

async function readSdk(folder: string, specifier: string | null): Promise<{ name: string; text: string }> {
  if (specifier === null) return { name: "sdk.ts", text: "" };
  const path = resolve(dirname(join(folder, PLUGIN_FILE)), specifier);
  try {
    return { name: specifier, text: await Deno.readTextFile(path) };
  } catch (error) {
    throw new KmError("not_found", `Cannot read the SDK "${path}": ${(error as Error).message}`, {
      hint: 'take sdk from a folder that "km plugins new <name>" made',
      cause: error,
    });
  }
}

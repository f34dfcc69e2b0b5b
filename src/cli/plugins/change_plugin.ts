/** On and off, take back, remove: changes of plugins that ask nothing. A host that runs sees them by plugins.lock. @module */
import { printable } from "../../core/printable.ts";
import type { Permissions } from "../../plugins/manifest.ts";
import { NOTHING } from "../../plugins/permissions/compare.ts";
import { parseTokens, tokensOf } from "../../plugins/permissions/tokens.ts";
import { removePlugin, revoke, setEnabled } from "../../plugins/trust/manage.ts";
import type { InstalledPlugin } from "../../plugins/trust/plugins_lock.ts";
import { jsonText } from "../json_text.ts";
import { write, writeError } from "../terminal.ts";
import type { CHANGE_JSON } from "./change_contract.ts";
import { askForDeno } from "./deno_consent.ts";
import { pluginHome } from "./plugin_home.ts";
import { forgetRecord } from "./plugin_record.ts";

/** @throws {KmError} not_found; not_trusted, plugin_failed: one that could not run is not turned on */
export async function switchPlugin(name: string, enabled: boolean, json: boolean): Promise<number> {
  const plugin = await setEnabled(pluginHome(), name, enabled);
  const outcome = enabled ? "enabled" : "disabled";
  report({ outcome, name, plugin }, json, enabled ? "is on; it runs while km monitor does" : "is off");
  if (enabled && !json) await askForDeno();
  return 0;
}

/** @throws {KmError} not_found; usage: it was not granted */
export async function revokeNow(name: string, tokens: readonly string[], json: boolean): Promise<number> {
  const plugin = await revoke(pluginHome(), name, parseTokens(tokens, "revoke"));
  const left = tokensOf(plugin.grants).map(printable).join(" ") || "nothing";
  const { servers, methods, directions } = plugin.grants.data;
  const none = Object.entries({ servers, methods, directions }).flatMap(([kind, { length }]) =>
    length === 0 ? [kind] : []
  );
  const words = none.length === 0
    ? `goes on with ${left}`
    : `is given no message any more: it has no ${none.join(", no ")}; it may: ${left}`;
  report({ outcome: "revoked", name, plugin }, json, words);
  return 0;
}

/** @throws {KmError} not_found */
export async function removeNow(
  name: string,
  { purge, json }: { readonly purge: boolean; readonly json: boolean },
): Promise<number> {
  const plugin = await removePlugin(pluginHome(), name, { purge });
  if (purge) await forgetRecord(name);
  const words = purge
    ? "is removed, with all that it kept"
    : `is removed; what it kept stays: "km plugins remove ${printable(name)} --purge" removes that too`;
  report({ outcome: "removed", name, plugin }, json, words);
  return 0;
}

/** What was done, as one object or in a sentence on stderr. `plugin`: null where nothing of it was installed any more. */
export function report(
  { outcome, name, plugin, missing = NOTHING }: {
    readonly outcome: string;
    readonly name: string;
    readonly plugin: InstalledPlugin | null;
    readonly missing?: Permissions;
  },
  json: boolean,
  words: string,
): void {
  if (!json) {
    writeError(`${printable(name)} ${words}\n`);
    return;
  }
  const fields: Record<keyof typeof CHANGE_JSON, unknown> = {
    outcome,
    name,
    version: plugin?.version ?? null,
    enabled: outcome === "removed" ? false : plugin?.enabled ?? false,
    grants: outcome === "removed" || plugin === null ? [] : tokensOf(plugin.grants),
    missing: tokensOf(missing),
  };
  write(`${jsonText(fields)}\n`);
}

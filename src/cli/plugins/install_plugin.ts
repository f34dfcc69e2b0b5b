/** Shows a package, asks what is to be asked, installs it. @module */
import { notCovered } from "../../auth/licence.ts";
import { kmPaths } from "../../config/paths.ts";
import { EXIT_CODES, KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import type { Permissions } from "../../plugins/manifest.ts";
import { isNothing, missing, NOTHING, unite } from "../../plugins/permissions/compare.ts";
import { configPath, pluginPaths } from "../../plugins/paths.ts";
import { describePermissions } from "../../plugins/permissions/describe.ts";
import { parseTokens, quoteWord, tokensOf } from "../../plugins/permissions/tokens.ts";
import { requiredConfig } from "../../plugins/required_config.ts";
import { commitInstall, type InstallResult, refuseUnasked } from "../../plugins/trust/commit_install.ts";
import { type InstallPlan, planInstall, releaseNamed } from "../../plugins/trust/plan_install.ts";
import type { PluginHome } from "../../plugins/trust/plugin_home.ts";
import { askYesNo, canAsk } from "../ask.ts";
import { jsonText } from "../json_text.ts";
import { stdoutTerminal, write, writeError, writeLines } from "../terminal.ts";
import { consentLines, type ConsentView } from "./consent.ts";
import { askForDeno } from "./deno_consent.ts";
import { currentLicence } from "./licence.ts";
import { configuredRegistry, installOptions, pluginHome } from "./plugin_home.ts";

/** The flags of `km plugins install`. */
export interface InstallFlags {
  readonly grant: readonly string[];
  readonly fewer: boolean;
  readonly allowDowngrade: boolean;
  readonly acceptNewKey: string | undefined;
  readonly json: boolean;
}

/** Does it; returns the exit code. @throws {KmError} not_granted, not_trusted and whatever else speaks against it */
export async function installPlugin(source: string, flags: InstallFlags): Promise<number> {
  const granted = parseTokens(flags.grant);
  const home = pluginHome();
  const plan = await planHere(home, source, flags);
  refuseUnasked(plan.opened.manifest.name, plan.opened.manifest.permissions, granted);
  const grants = agree(plan, granted, source, flags);
  const result = await commitInstall(home, plan, { grants, fewer: flags.fewer });
  if (flags.json) write(`${jsonText(fields(plan, result))}\n`);
  if (result.outcome === "waiting") {
    if (flags.json || !canAsk()) throw refuseWaiting(plan, result);
    tell(plan, result);
    return EXIT_CODES.not_granted;
  }
  if (!flags.json) tell(plan, result);
  if (!flags.json) await askForDeno();
  return 0;
}

async function planHere(home: PluginHome, source: string, flags: InstallFlags): Promise<InstallPlan> {
  const licence = await currentLicence();
  const plan = await planInstall(home, source, {
    ...installOptions(licence),
    // A file needs none: a setting that is no place is not in its way.
    registry: releaseNamed(source) === null ? null : configuredRegistry(),
    allowDowngrade: flags.allowDowngrade,
    acceptNewKey: flags.acceptNewKey ?? null,
  });
  // A licence may count for some plugins alone.
  const reason = notCovered(licence, plan.opened.manifest);
  if (reason === null) return plan;
  const { name, version } = plan.opened.manifest;
  throw new KmError("not_granted", `Cannot use ${name} ${version}: ${reason}`, {
    hint: "km plugins login takes a licence that covers it",
  });
}

/** What is granted in the end. @throws {KmError} not_granted where nobody agreed to all that a new plugin wants */
function agree(plan: InstallPlan, granted: Permissions, source: string, flags: InstallFlags): Permissions {
  const lacking = missing(plan.needs, granted);
  const isOpen = flags.fewer ? flags.grant.length === 0 : !isNothing(lacking) || isUnconfirmed(plan, flags);
  if (!isOpen) {
    if (!flags.json) writeError(`${consentText(plan)}\n`);
    return granted;
  }
  if (!flags.json && canAsk()) return askForAll(plan, granted);
  if (isNothing(lacking) || flags.fewer || plan.installed !== null) return granted;
  throw refuse(plan, source, flags, lacking);
}

/** Nothing to grant, but somebody new: who sits there is asked all the same. */
function isUnconfirmed({ action, publisher }: InstallPlan, { grant }: InstallFlags): boolean {
  return grant.length === 0 &&
    (action === "install" || action === "downgrade" || publisher.standing !== "same");
}

function askForAll(plan: InstallPlan, granted: Permissions): Permissions {
  const { name, version } = plan.opened.manifest;
  writeLines([...consentLines(viewOf(plan), stdoutTerminal()), ""]);
  const isMore = !isNothing(plan.needs);
  const what = `${printable(name)} ${printable(version)}`;
  if (askYesNo(isMore ? `Allow all of this, and install ${what}?` : `Install ${what}?`, false)) {
    return unite(granted, plan.needs);
  }
  if (plan.installed !== null && isMore) return granted; // The update waits.
  throw new KmError("not_granted", `Nothing was installed: you did not agree to ${name} ${version}`);
}

function consentText(plan: InstallPlan): string {
  return consentLines(viewOf(plan), { ...stdoutTerminal(), color: false }).join("\n");
}

/** Nobody can be asked: what it wants, and the exact command that grants it. */
function refuse(plan: InstallPlan, source: string, flags: InstallFlags, lacking: Permissions): KmError {
  const { name, version, permissions } = plan.opened.manifest;
  if (flags.json) write(`${jsonText(fields(plan, { outcome: "not_granted", missing: lacking }))}\n`);
  else writeError(`${consentText(plan)}\n\n`);
  const options = [
    ...(flags.allowDowngrade ? ["--allow-downgrade"] : []),
    ...(flags.acceptNewKey === undefined ? [] : ["--accept-new-key", flags.acceptNewKey]),
  ];
  return new KmError(
    "not_granted",
    `Cannot install ${name} ${version}: it was not granted ${
      tokensOf(lacking).join(", ")
    }, and there is no terminal to ask`,
    { hint: `if it may do all that: ${commandLine(["install", source, ...options], permissions)}` },
  );
}

/** The command that grants `permissions`, one by one, as a shell takes it. */
export function commandLine(words: readonly string[], permissions: Permissions): string {
  const grants = tokensOf(permissions).flatMap((token) => ["--grant", token]);
  return ["km", "plugins", ...[...words, ...grants].map((word) => quoteWord(word))].join(" ");
}

function refuseWaiting({ opened }: InstallPlan, { plugin, missing }: InstallResult): KmError {
  const { name, version } = opened.manifest;
  return new KmError(
    "not_granted",
    `${name} ${version} waits: it was not granted ${tokensOf(missing).join(", ")}; ${plugin.version} goes on`,
    { hint: `if it may do all that: ${commandLine(["grant", name], missing)}` },
  );
}

/** What a user reads, of a plan. */
export function viewOf(plan: InstallPlan): ConsentView {
  const { manifest } = plan.opened;
  const { key, standing, before } = plan.publisher;
  return {
    name: manifest.name,
    version: manifest.version,
    description: manifest.description,
    publisher: manifest.publisher,
    key: { id: key.id, algorithm: key.alg, standing, before: before?.id ?? null },
    tier: manifest.requiredTier,
    customerId: manifest.customerId,
    source: plan.source,
    wanted: plan.asks,
    update: plan.installed === null ? null : {
      version: plan.installed.version,
      added: plan.needsLines,
      removed: describePermissions(plan.changes?.removed ?? NOTHING),
    },
    warnings: plan.warnings,
  };
}

function tell({ opened, installed }: InstallPlan, { outcome, plugin }: InstallResult): void {
  const { name, version } = opened.manifest;
  const what = `${printable(name)} ${printable(version)}`;
  const off = plugin.enabled ? "" : `; it is disabled: "km plugins enable ${printable(name)}"`;
  const lines = {
    installed: `installed ${what}; it runs while km monitor does${off}`,
    updated: `${printable(installed?.version ?? "")} is now ${what}${off}`,
    unchanged: `${what} was installed already, and is as it should be${off}`,
    waiting:
      `${printable(name)} ${printable(plugin.version)} goes on; ${
        printable(version)
      } waits until you grant what it wants: ` +
      `"km plugins grant ${printable(name)}"`,
  };
  writeError(`${lines[outcome]}\n`);
  if (outcome !== "waiting") tellConfig(opened.manifest);
  const lacking = missing(opened.manifest.permissions, plugin.grants);
  if (outcome === "waiting" || isNothing(lacking)) return;
  const tokens = tokensOf(lacking).map(printable).join(", ");
  writeError(`it asks for more, and was not granted ${tokens}: "km plugins grant ${printable(name)}"\n`);
}

/** A plugin that must be configured would else say so only once it fails to start. */
function tellConfig({ name, configSchema }: InstallPlan["opened"]["manifest"]): void {
  const needed = requiredConfig(configSchema);
  const path = configPath(pluginPaths(kmPaths().home), name);
  if (needed.length === 0 || isFile(path)) return;
  const names = needed.map((word) => `"${printable(word)}"`).join(", ");
  writeError(
    `before it can run, write its configuration, a JSON object with ${names}, to ${printable(path)}\n`,
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function fields(
  { opened, publisher, warnings, source, installed }: InstallPlan,
  result: Pick<InstallResult, "missing"> & {
    readonly outcome: InstallResult["outcome"] | "not_granted";
    readonly plugin?: InstallResult["plugin"];
  },
): Record<string, unknown> {
  const { manifest } = opened;
  const now = result.plugin ?? installed;
  return {
    outcome: result.outcome,
    name: manifest.name,
    version: now?.version ?? null,
    packageVersion: manifest.version,
    publisher: manifest.publisher,
    keyId: publisher.key.id,
    keyStanding: publisher.standing,
    grants: now ? tokensOf(now.grants) : [],
    // Without an agreement to more (--fewer, or revoked before) a release runs, and lacks it all the same.
    missing: tokensOf(
      result.plugin === undefined || result.outcome === "waiting"
        ? result.missing
        : missing(manifest.permissions, result.plugin.grants),
    ),
    warnings,
    source,
  };
}

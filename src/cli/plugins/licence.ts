/**
 * The user's licence, put together from settings and files: for the host (`openLicenceKeeper`), for what looks once (`currentLicence`), for
 * `km plugins login` and `logout`. Nothing loads a package before there is a token.
 * @module
 */
import { AuthCache, type AuthSubject } from "../../auth/auth_cache.ts";
import { type Licence, NO_LICENCE } from "../../auth/licence.ts";
import { LicenceFile } from "../../auth/licence_file.ts";
import { loadIssuerKeys } from "../../auth/licence_keys.ts";
import {
  type LicenceDeps,
  LicenceKeeper,
  type LicenceServer,
  readLicence,
  signIn,
  signOut,
  type TokenReading,
} from "../../auth/licence_keeper.ts";
import { askLicenceServer } from "../../auth/licence_server.ts";
import { settingText } from "../../config/config.ts";
import { kmPaths } from "../../config/paths.ts";
import { type SettingKey, settingOf } from "../../config/settings.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { parseDuration } from "../../core/duration.ts";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import type { AuthMemory } from "../../plugins/host/auth_memory.ts";
import { type PluginPaths, pluginPaths } from "../../plugins/paths.ts";
import { loadLicenceToken } from "../packages.ts";
import { writeError } from "../terminal.ts";

/** What tests put in place of the real ones. */
export interface LicenceOptions {
  readonly paths?: PluginPaths;
  readonly clock?: Clock;
}

/** A licence that is kept in force while plugins run: `start()` it, dispose of it at the end. */
export function openLicenceKeeper(options: LicenceOptions = {}): LicenceKeeper {
  return new LicenceKeeper(licenceDeps(options));
}

/**
 * Where answers of plugins' own checks of the licence are kept, for each plugin: sealed with the licence's key, which is made where there is none.
 * What cannot be kept or believed is not there, and said on stderr, which is the host's log.
 */
export function authMemory(
  { paths = pluginPaths(kmPaths().home), clock = systemClock }: LicenceOptions = {},
): (subject: AuthSubject) => AuthMemory {
  const tell = (line: string) => writeError(`km: ${printable(line)}\n`);
  let opened: Promise<AuthCache> | undefined;
  const cache = () => opened ??= AuthCache.open(paths.auth, new LicenceFile(paths.licence).keyPath, tell);
  return (subject) => ({
    read: async () => await (await cache()).read(subject),
    write: async (answer) => {
      await (await cache()).write(subject, answer).catch((error: unknown) => tell(String(error)));
    },
    graceS: graceS(),
    nowS: () => Math.floor(clock.nowUs() / 1e6),
  });
}

/** The licence as it is known here, without asking the licence server. Never throws. */
export async function currentLicence(options: LicenceOptions = {}): Promise<Licence> {
  const deps = licenceDeps(options);
  return deps.file.mark() === "none" ? NO_LICENCE : await readLicence(deps);
}

/** Reads a token as a person hands it over, and keeps it. @throws {KmError} usage, not_trusted, store_unavailable; nothing is changed then */
export async function logIn(text: string, options: LicenceOptions = {}): Promise<Licence> {
  const token = text.trim();
  if (token === "" || /\s/.test(token)) {
    throw new KmError("usage", "Cannot read a licence token: there must be one, on one line", {
      hint: "km plugins login --token-file licence.txt, or put the token into its stdin",
    });
  }
  return await signIn(token, licenceDeps(options));
}

/** Forgets the token; false: there was none. @throws {KmError} store_unavailable */
export async function logOut(options: LicenceOptions = {}): Promise<boolean> {
  return await signOut(licenceDeps(options));
}

function licenceDeps(
  { paths = pluginPaths(kmPaths().home), clock = systemClock }: LicenceOptions,
): LicenceDeps {
  return { file: new LicenceFile(paths.licence), readToken, server: licenceServer(), clock };
}

/** Keys are read again with each token: a file that was mended counts from the next check on. */
async function readToken(token: string): Promise<TokenReading> {
  try {
    const { readLicenceToken } = await loadLicenceToken();
    return await readLicenceToken(token, loadIssuerKeys(textOrNull("plugins.licenceKeys")));
  } catch (error) {
    return { claims: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

function licenceServer(): LicenceServer | null {
  const url = textOrNull("plugins.licenceUrl");
  if (url === null) return null;
  return {
    graceS: graceS(),
    ask: (token) => askLicenceServer(url, token, { fetch }),
  };
}

function graceS(): number {
  return Math.floor(parseDuration(settingText(settingOf("plugins.licenceGrace"))) / 1000);
}

function textOrNull(key: SettingKey): string | null {
  const text = settingText(settingOf(key)).trim();
  return text === "none" || text === "" ? null : text;
}

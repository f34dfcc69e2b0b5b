/** What a release takes from the checkout that it is made of. @module */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import denoJson from "../../deno.json" with { type: "json" };
import { isVersion } from "../../src/core/version.ts";
import { commitOf, countChanged, git } from "../build/git.ts";
import { refusal } from "./refusal.ts";

/** The checkout that this script is of. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** A checkout that a release can be made of. */
export interface Checkout {
  readonly version: string;
  /** In hex, with "+" behind it when something was changed since. */
  readonly commit: string;
  /** When that commit was made, or SOURCE_DATE_EPOCH: the time of a release does not depend on when it is built. */
  readonly published: Date;
}

/** What may be otherwise. */
export interface CheckoutOptions {
  /** The tag that the version must match. */
  readonly tag: string | undefined;
  readonly allowDirty: boolean;
}

/** Reads the checkout. @throws {KmError} when no release can be made of it as it is */
export async function readCheckout({ tag, allowDirty }: CheckoutOptions): Promise<Checkout> {
  const { version } = denoJson;
  if (!isVersion(version)) {
    throw refusal(`Cannot release "${version}": it is no version`, "set it in deno.json");
  }
  if (tag !== undefined && tag !== `v${version}`) {
    throw refusal(
      `Cannot release tag "${tag}": the version in deno.json is ${version}`,
      `tag it "v${version}"`,
    );
  }
  await refuseUndescribed(version);
  const changed = await readGit(countChanged(ROOT));
  if (changed > 0 && !allowDirty) {
    throw refusal(
      `Cannot release this checkout: it has changes that are not committed (${changed} files)`,
      "commit them; --allow-dirty builds them in, for a trial",
    );
  }
  const commit = await readGit(commitOf(ROOT));
  return { version, commit, published: await publishedAt() };
}

/** A release that nobody can read about is not ready. */
async function refuseUndescribed(version: string): Promise<void> {
  const changelog = await Deno.readTextFile(`${ROOT}CHANGELOG.md`).catch(() => "");
  const titles = changelog.split("\n").filter((line) => line.startsWith("## "));
  const isOf = (title: string) => title.slice(3).replace(/^\[(.*?)\]/, "$1").split(/\s/)[0] === version;
  if (titles.some(isOf)) return;
  throw refusal(
    `Cannot release ${version}: CHANGELOG.md has no section for it`,
    `begin one with "## ${version}"`,
  );
}

async function publishedAt(): Promise<Date> {
  const epoch = Deno.env.get("SOURCE_DATE_EPOCH") ?? await readGit(git(ROOT, ["log", "-1", "--format=%ct"]));
  if (/^\d{1,11}$/.test(epoch)) return new Date(Number(epoch) * 1000);
  throw refusal(
    `Cannot use "${epoch}" as SOURCE_DATE_EPOCH: it is no number of seconds`,
    "give seconds since 1970",
  );
}

/** @throws {KmError} outside of a checkout, or without git */
async function readGit<T>(asked: Promise<T>): Promise<T> {
  return await asked.catch((cause: Error) => {
    throw refusal(`Cannot read the checkout with git: ${cause.message}`, "releases are made of a commit");
  });
}

/** The repository that `path` lies in, existing or not, or null: nothing secret is kept in one. */
export function repositoryOf(path: string): string | null {
  const root = Deno.realPathSync(ROOT);
  for (let folder = realPath(resolve(path));; folder = dirname(folder)) {
    // An exported checkout has no .git.
    if (folder === root || exists(`${folder}/.git`)) return folder;
    if (folder === dirname(folder)) return null;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Follows links as far as the path exists. */
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return dirname(path) === path
      ? path
      : resolve(realPath(dirname(path)), path.slice(dirname(path).length + 1));
  }
}

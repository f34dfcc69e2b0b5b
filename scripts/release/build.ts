/** `build`: builds km for all targets and makes a release of it. @module */
import { resolve } from "node:path";
import { KmError } from "../../src/core/error.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { type BuiltFile, compileKm } from "../build/compile.ts";
import { type Target, TARGETS } from "../build/targets.ts";
import { writeBuilt } from "./built.ts";
import { type Checkout, readCheckout } from "./checkout.ts";
import { readKeys } from "./keys.ts";
import { makeRelease } from "./make_release.ts";
import { expiryOf, VALID_DAYS } from "./manifests.ts";
import { placeOf, readPrivateKey } from "./private_key.ts";
import { notNow, wrongUsage } from "./refusal.ts";
import { readDays, readFolderUrl, readWords } from "./read_words.ts";

const FLAGS = {
  texts: ["base-url", "files-url", "homepage", "npm-registry", "targets", "out", "key", "tag", "valid-days"],
  switches: ["allow-dirty", "unsigned"],
};

/** What is built, beside the checkout. */
interface Plan {
  readonly baseUrl: string;
  readonly filesUrl: string | undefined;
  readonly homepage: string | undefined;
  readonly npmRegistry: string | null;
  /** Null: all that can be built here. */
  readonly targets: readonly Target[] | null;
  readonly out: string;
  readonly validDays: number;
}

/** Runs the verb. Returns what is to be said. @throws {KmError} when no release can be made of the checkout as it is */
export async function build(argv: readonly string[]): Promise<string[]> {
  const { text, on } = readWords("build", argv, FLAGS);
  const plan = readPlan(text);
  const checkout = await readCheckout({ tag: text.tag, allowDirty: on["allow-dirty"] === true });
  const expires = expiryOf(checkout.published, plan.validDays);
  if (expires.getTime() <= Date.now()) {
    throw notNow(
      `Cannot release commit ${checkout.commit}: it is so old that its manifest would have expired`,
      "give a greater --valid-days, or SOURCE_DATE_EPOCH",
    );
  }
  const keys = await readKeys();
  if (keys.length === 0) {
    throw notNow(
      "Cannot release: there are no release keys",
      '"deno run -A scripts/release.ts keygen --out <folder>"',
    );
  }
  // Before the long work: a key that is wrong.
  const privateKeyPem = on.unsigned ? null : await readPrivateKey(text.key);
  const place = privateKeyPem === null ? null : placeOf(privateKeyPem, keys);
  await refuseFull(plan.out);
  const { files, left } = await buildFiles(plan, checkout, keys);
  const { version, commit, published } = checkout;
  const { out, baseUrl, filesUrl, homepage } = plan;
  if (privateKeyPem === null) {
    await writeBuilt(out, commit, files);
    return [...describe(files, left), `${version} lies in ${out}, not signed: release.ts sign ${out}`];
  }
  const more = await makeRelease({
    ...{ files, out, version, commit, baseUrl, privateKeyPem, keys, now: published, expires },
    ...filesUrl === undefined ? {} : { filesUrl },
    ...homepage === undefined ? {} : { homepage },
  });
  return [
    ...describe(files, [...left, ...more]),
    ...place === "next"
      ? ["signed with the next key: km believes it already; now rotate (keygen --rotate)"]
      : [],
    `release ${version} lies in ${out}, believed until ${expires.toISOString().slice(0, 10)}`,
  ];
}

function describe(files: readonly BuiltFile[], left: readonly string[]): string[] {
  return [
    ...files.map(({ path, bytes, sha256, kind }) => `${path}  ${kind}, ${bytes} bytes, SHA-256 ${sha256}`),
    ...left.map((sentence) => `left out: ${sentence}`),
  ];
}

function readPlan(text: Readonly<Record<string, string | undefined>>): Plan {
  const baseUrl = text["base-url"];
  if (baseUrl === undefined) {
    throw wrongUsage("Cannot build: no --base-url was given", "name the address that the folder will have");
  }
  const url = (flag: string) => text[flag] === undefined ? undefined : readFolderUrl(flag, text[flag]);
  return {
    baseUrl: readFolderUrl("base-url", baseUrl),
    filesUrl: url("files-url"),
    homepage: url("homepage"),
    npmRegistry: url("npm-registry") ?? null,
    targets: readTargets(text.targets),
    out: resolve(text.out ?? "dist"),
    validDays: readDays(text["valid-days"]) ?? VALID_DAYS,
  };
}

function readTargets(text: string | undefined): readonly Target[] | null {
  if (text === undefined) return null;
  const known = Object.keys(TARGETS) as Target[];
  if (text === "all") return known;
  const words = text.split(",");
  const unknown = words.find((word) => !known.includes(word as Target));
  if (unknown === undefined) return known.filter((target) => words.includes(target));
  throw wrongUsage(
    `Cannot build for "${unknown}": it is no target`,
    `the targets are all, or of ${known.join(",")}`,
  );
}

/** What lies there would become part of the release, or look like it. */
async function refuseFull(folder: string): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
  if (names.length === 0) return;
  throw notNow(
    `Cannot release into "${folder}": it is not empty`,
    "remove it, or name another folder with --out",
  );
}

async function buildFiles(
  { targets, out, baseUrl, npmRegistry }: Plan,
  { version, commit }: Checkout,
  releaseKeys: readonly ReleaseKey[],
): Promise<{ files: BuiltFile[]; left: string[] }> {
  const files: BuiltFile[] = [];
  const left: string[] = [];
  const stamp = { version, commit, baseUrl, releaseKeys, npmRegistry };
  for (const target of targets ?? Object.keys(TARGETS) as Target[]) {
    try {
      files.push(...await compileKm({ targets: [target], out, stamp }));
    } catch (cause) {
      const state = cause instanceof Error ? cause.message.split("\n")[0] ?? "" : String(cause);
      if (targets !== null) throw new KmError("internal", `Cannot build for ${target}: ${state}`, { cause });
      left.push(`${target}: ${state}`);
    }
  }
  if (files.length > 0) return { files, left };
  throw notNow(
    `Cannot release: nothing could be built (${left.join("; ")})`,
    "see what --targets <one> says",
  );
}

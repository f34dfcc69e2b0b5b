/** `build`: builds km for all targets and makes a release of it. @module */
import { resolve } from "node:path";
import { KmError } from "../../src/core/error.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { type BuiltFile, compileKm } from "../build/compile.ts";
import { type Target, TARGETS } from "../build/targets.ts";
import { writeBuilt } from "./built.ts";
import { type Checkout, readCheckout } from "./checkout.ts";
import {
  type Addresses,
  expiryOfCheckout,
  finishRelease,
  readAddresses,
  readReleaseKeys,
  readSigner,
  readUrl,
  readValidDays,
  SHARED_FLAGS,
  type Texts,
} from "./plan.ts";
import { refusal } from "./refusal.ts";
import { readWords } from "./read_words.ts";

const FLAGS = {
  texts: [...SHARED_FLAGS, "npm-registry", "targets", "out"],
  switches: ["allow-dirty", "unsigned"],
};

/** What is built, beside the checkout. */
interface Plan {
  readonly addresses: Addresses;
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
  const { out, addresses } = plan;
  const checkout = await readCheckout({ tag: text.tag, allowDirty: on["allow-dirty"] === true });
  const expires = expiryOfCheckout(checkout, plan.validDays);
  const keys = await readReleaseKeys();
  // Before the long work: a key that is wrong.
  const signer = on.unsigned === true ? null : await readSigner(text);
  await refuseFull(out);
  const { files, left } = await buildFiles(plan, checkout, keys);
  const said = [
    ...files.map(({ path, bytes, sha256, kind }) => `${path}  ${kind}, ${bytes} bytes, SHA-256 ${sha256}`),
    ...left.map((sentence) => `left out: ${sentence}`),
  ];
  if (signer !== null) {
    return [...said, ...await finishRelease(files, { out, checkout, addresses, signer, expires })];
  }
  await writeBuilt(out, { commit: checkout.commit, baseUrl: addresses.baseUrl }, files);
  return [...said, `${checkout.version} lies in ${out}, not signed: release.ts sign ${out}`];
}

function readPlan(text: Texts): Plan {
  return {
    addresses: readAddresses("build", text),
    npmRegistry: readUrl("npm-registry", text) ?? null,
    targets: readTargets(text.targets),
    out: resolve(text.out ?? "dist"),
    validDays: readValidDays(text),
  };
}

function readTargets(text: string | undefined): readonly Target[] | null {
  if (text === undefined) return null;
  const known = Object.keys(TARGETS) as Target[];
  if (text === "all") return known;
  const words = text.split(",");
  const unknown = words.find((word) => !known.includes(word as Target));
  if (unknown === undefined) return known.filter((target) => words.includes(target));
  throw refusal(
    `Cannot build for "${unknown}": it is no target`,
    `the targets are all, or of ${known.join(",")}`,
  );
}

/** What lies there would become part of the release, or look like it. */
async function refuseFull(folder: string): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
  if (names.length === 0) return;
  throw refusal(
    `Cannot release into "${folder}": it is not empty`,
    "remove it, or name another folder with --out",
  );
}

async function buildFiles(
  { targets, out, addresses, npmRegistry }: Plan,
  { version, commit }: Checkout,
  releaseKeys: readonly ReleaseKey[],
): Promise<{ files: BuiltFile[]; left: string[] }> {
  const files: BuiltFile[] = [];
  const left: string[] = [];
  const stamp = { version, commit, baseUrl: addresses.baseUrl, releaseKeys, npmRegistry };
  for (const target of targets ?? Object.keys(TARGETS) as Target[]) {
    try {
      files.push(...await compileKm({ targets: [target], out, stamp }));
    } catch (cause) {
      const state = cause instanceof Error ? cause.message.split("\n")[0] ?? "" : String(cause);
      if (targets !== null) {
        if (cause instanceof KmError) throw cause;
        throw new KmError("internal", `Cannot build for ${target}: ${state}`, { cause });
      }
      left.push(`${target}: ${state}`);
    }
  }
  if (files.length > 0) return { files, left };
  throw refusal(
    `Cannot release: nothing could be built (${left.join("; ")})`,
    "see what --targets <one> says",
  );
}

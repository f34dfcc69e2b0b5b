/**
 * For the owner of the root keys of plugins, and for whoever runs a registry: keys, root statements, the signed index.
 * @module
 */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { join, resolve } from "node:path";
import { reportError } from "../src/cli/report_error.ts";
import { KmError } from "../src/core/error.ts";
import {
  ALGORITHMS,
  fingerprint,
  generateKey,
  type PublisherKey,
  publisherKeyOfPem,
  type SigningKey,
  signingKeyOf,
} from "../src/plugins/package/signature.ts";
import { Shape } from "../src/plugins/shape.ts";
import { buildRegistryIndex } from "../src/plugins/trust/build_registry.ts";
import {
  chainText,
  followChain,
  plainRootKeys,
  readRootKeys,
  type Revoked,
  type RootChain,
  type RootKeys,
  type RootStatement,
  statementText,
} from "../src/plugins/trust/roots.ts";
import {
  parseFile,
  plainSigned,
  readSigned,
  type SignedDocument,
  signText,
} from "../src/plugins/trust/signed_document.ts";
import { repositoryOf } from "./release/checkout.ts";
import { refusal } from "./release/refusal.ts";

/** The root keys that are built into km. */
export const ROOTS_FILE: string = fileURLToPath(new URL("../src/plugins/trust/roots.json", import.meta.url));
const DAY_MS = 86_400_000;

const HELP = `deno run -A scripts/plugin_roots.ts <verb>

keygen --out <folder>              make root keys: private ones into <folder>, outside of any repository, public ones into
                                   src/plugins/trust/roots.json, which is committed
  --keys <count>                   how many; 3 by default
  --threshold <count>              how many of them a statement takes; 2 by default
draft <statement.json>             write the next root statement, unsigned, to be looked at
  --from <roots.json>              what was said so far, when anything was; it goes on to hold, but for what is said now
  --publisher <name>=<key.pem>     a key of a publisher; those of this publisher before are no longer (again for more)
  --registry <key.pem>             a key that may sign registries (again for more)
  --revoke-key <id>=<reason>       a key that is believed no more (again for more)
  --revoke-package <sha256>=<reason>  a package, by the SHA-256 of its manifest (again for more)
  --hand-over <roots.json>         other root keys from now on, in the form of src/plugins/trust/roots.json
  --valid-days <days>              how long it is believed; 180 by default
sign <statement.json> --key <private.pem>  add a signature to it; each owner of a root key does so
publish <statement.json> --to <roots.json>  put it behind what was said so far, when enough have signed it
index <folder> --key <private.pem> sign the index of all packages in a registry's folder
  --name <name>, --valid-days <days>, --revoke-key, --revoke-package: as above; 14 days by default

--roots <file> for draft and publish: the built-in keys to go by; src/plugins/trust/roots.json by default.
Exit codes: 0; 2 the command line is wrong; 3 not found; 23 a signature or a key is wrong.`;

const OPTIONS = {
  out: { type: "string" },
  keys: { type: "string", default: "3" },
  threshold: { type: "string", default: "2" },
  from: { type: "string" },
  to: { type: "string" },
  roots: { type: "string", default: ROOTS_FILE },
  publisher: { type: "string", multiple: true, default: [] as string[] },
  registry: { type: "string", multiple: true, default: [] as string[] },
  "revoke-key": { type: "string", multiple: true, default: [] as string[] },
  "revoke-package": { type: "string", multiple: true, default: [] as string[] },
  "hand-over": { type: "string" },
  "valid-days": { type: "string" },
  key: { type: "string" },
  name: { type: "string" },
} as const;

type Flags = ReturnType<typeof readFlags>["values"];

const VERBS: Readonly<Record<string, (word: string, flags: Flags) => Promise<readonly string[]>>> = {
  keygen: (_, flags) => keygen(flags),
  draft,
  sign: (file, flags) => sign(file, flags),
  publish,
  index,
};

/** Runs a verb; returns what is to be said. */
export async function run([verb = "", ...argv]: readonly string[]): Promise<readonly string[]> {
  if (["", "--help", "-h"].includes(verb) || argv.includes("--help")) return [HELP];
  const work = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (work === undefined) {
    throw refusal(`Unknown verb "${verb}"`, `the verbs are ${Object.keys(VERBS).join(", ")}`);
  }
  const { values, positionals } = readFlags(argv);
  const wanted = verb === "keygen" ? 0 : 1;
  if (positionals.length !== wanted) {
    throw refusal(
      `Cannot ${verb}: it takes ${wanted} file or folder, and was given ${positionals.length}`,
      "see --help",
    );
  }
  return await work(positionals[0] ?? "", values);
}

function readFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw refusal(
      `Cannot read the command line: ${error instanceof Error ? error.message : error}`,
      "see --help",
    );
  }
}

async function keygen({ out, keys, threshold, roots }: Flags): Promise<readonly string[]> {
  const folder = outside(out, "--out");
  if ((await readRoots(roots)).keys.length > 0) {
    throw refusal(
      `Cannot make keys: "${roots}" has some already`,
      "other keys take over by a statement: draft --hand-over",
    );
  }
  const [count, least] = [whole(keys, "--keys"), whole(threshold, "--threshold")];
  if (least > count) {
    throw refusal("Cannot make keys: a threshold above their number is never reached", "see --help");
  }
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const made = await Promise.all(Array.from({ length: count }, () => generateKey(ALGORITHMS[0])));
  for (const { publicKey, privateKeyPem } of made) {
    const path = join(folder, `km-root-${publicKey.id.slice(0, 16)}.pem`);
    await Deno.writeTextFile(path, privateKeyPem, { createNew: true, mode: 0o600 });
  }
  const plain = plainRootKeys({ threshold: least, keys: made.map(({ publicKey }) => publicKey) });
  await Deno.writeTextFile(roots, `${JSON.stringify(plain, null, 2)}\n`);
  return [
    ...made.map(({ publicKey }) => `root key  ${fingerprint(publicKey)}`),
    "",
    `${least} of these ${count} sign a statement. The public keys are in ${roots}: commit it. Give each private key to another person,`,
    "offline: whoever has enough of them decides which plugins every km believes.",
  ];
}

async function draft(file: string, flags: Flags): Promise<readonly string[]> {
  const builtIn = await readRoots(flags.roots);
  const chain = flags.from === undefined ? null : await readChain(flags.from, builtIn);
  const before = chain?.newest ?? null;
  const now = Date.now();
  const statement: RootStatement = {
    sequence: (before?.sequence ?? 0) + 1,
    issued: timeText(now),
    expires: timeText(now + whole(flags["valid-days"] ?? "180", "--valid-days") * DAY_MS),
    roots: flags["hand-over"] === undefined ? chain?.roots ?? builtIn : await readRoots(flags["hand-over"]),
    registries: distinct([...before?.registries ?? [], ...await readKeys(flags.registry)]),
    publishers: await publishersOf(before, flags.publisher),
    revokedKeys: [...before?.revokedKeys ?? [], ...flags["revoke-key"].map(readRevoked)],
    revokedPackages: [...before?.revokedPackages ?? [], ...flags["revoke-package"].map(readRevoked)],
  };
  await writeStatement(file, await signText("roots", statementText(statement), []));
  return [
    statementText(statement),
    "",
    `Unsigned, in ${file}: look at it, then sign it with enough root keys.`,
  ];
}

async function sign(file: string, { key }: Flags): Promise<readonly string[]> {
  const document = await readStatement(file);
  const mine = await readPrivate(key);
  const { signatures } = await signText("roots", document.signed, [mine]);
  const others = document.signatures.filter(({ keyId }) => keyId !== mine.publicKey.id);
  await writeStatement(file, { ...document, signatures: [...others, ...signatures] });
  return [`signed by ${fingerprint(mine.publicKey)}; signatures: ${others.length + 1}`];
}

async function publish(file: string, { to, roots }: Flags): Promise<readonly string[]> {
  if (to === undefined) {
    throw refusal("Cannot publish: no --to was given", "name the roots.json of the registry");
  }
  const builtIn = await readRoots(roots);
  const before = await readChainIfAny(to, builtIn);
  const text = chainText([...before?.statements ?? [], await readStatement(file)]);
  const { newest, statements } = await followChain(new TextEncoder().encode(text), builtIn, file);
  await Deno.writeTextFile(`${to}.new`, chainText(statements));
  await Deno.rename(`${to}.new`, to);
  return [
    `statement ${newest?.sequence} is in ${to}, believed until ${newest?.expires}`,
    "sign the registry's index anew: index",
  ];
}

async function index(folder: string, flags: Flags): Promise<readonly string[]> {
  const chain = await readChainIfAny(join(folder, "roots.json"), await readRoots(flags.roots));
  const revokedKeys = flags["revoke-key"].map(readRevoked);
  const revokedPackages = flags["revoke-package"].map(readRevoked);
  const made = await buildRegistryIndex(folder, await readPrivate(flags.key), {
    nowMs: Date.now(),
    rootsSequence: chain?.newest?.sequence ?? 0,
    revoke: { keys: revokedKeys, packages: revokedPackages },
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags["valid-days"] !== undefined && { validDays: whole(flags["valid-days"], "--valid-days") }),
  });
  return [
    ...made.plugins.map(({ name, releases }) =>
      `${name}  ${releases.map(({ version }) => version).join(", ")}`
    ),
    `index ${made.sequence} of "${made.name}", believed until ${made.expires}`,
    `key  ${fingerprint(made.key)}`,
  ];
}

async function publishersOf(
  before: RootStatement | null,
  given: readonly string[],
): Promise<RootStatement["publishers"]> {
  const fresh = new Map<string, PublisherKey[]>();
  for (const text of given) {
    const [publisher, path] = split(text, "--publisher");
    fresh.set(publisher, [...fresh.get(publisher) ?? [], ...await readKeys([path])]);
  }
  const kept = before?.publishers.filter(({ publisher }) => !fresh.has(publisher)) ?? [];
  return [...kept, ...[...fresh].map(([publisher, keys]) => ({ publisher, keys }))];
}

async function readKeys(paths: readonly string[]): Promise<readonly PublisherKey[]> {
  return await Promise.all(paths.map(async (path) => publisherKeyOfPem(await read(path))));
}

async function readPrivate(path: string | undefined): Promise<SigningKey> {
  const file = outside(path, "--key");
  const { mode } = await Deno.stat(file).catch(() => ({ mode: null }));
  if (mode !== null && (mode & 0o077) !== 0 && Deno.build.os !== "windows") {
    throw new KmError("not_trusted", `Cannot use the key "${file}": others may read it`, {
      hint: `chmod 600 "${file}"`,
    });
  }
  return signingKeyOf(await read(file));
}

async function readRoots(path: string): Promise<RootKeys> {
  return readRootKeys(Shape.parse(await read(path)));
}

async function readChain(path: string, builtIn: RootKeys): Promise<RootChain> {
  return await followChain(new TextEncoder().encode(await read(path)), builtIn, path);
}

/** Null where nothing was said yet. */
async function readChainIfAny(path: string, builtIn: RootKeys): Promise<RootChain | null> {
  try {
    return await readChain(path, builtIn);
  } catch (error) {
    if (error instanceof KmError && error.code === "not_found") return null;
    throw error;
  }
}

async function readStatement(path: string): Promise<SignedDocument> {
  return readSigned(parseFile(new TextEncoder().encode(await read(path))));
}

async function writeStatement(path: string, document: SignedDocument): Promise<void> {
  await Deno.writeTextFile(path, `${JSON.stringify(plainSigned(document), null, 2)}\n`);
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new KmError("not_found", `Cannot read "${path}": ${reason}`, { cause: error });
  }
}

/** A path outside of any repository: what is committed by mistake is not private any more. */
function outside(path: string | undefined, flag: string): string {
  if (path === undefined) throw refusal(`No ${flag} was given`, "see --help");
  const repository = repositoryOf(resolve(path));
  if (repository === null) return resolve(path);
  throw refusal(
    `Cannot use "${path}" for private keys: it lies in the repository "${repository}"`,
    "name a place outside",
  );
}

function readRevoked(text: string): Revoked {
  const [id, reason] = split(text, "--revoke-…");
  if (/^[0-9a-f]{64}$/.test(id)) return { id, reason };
  throw refusal(
    `Cannot revoke "${id}": it is no id of 64 hexadecimal digits`,
    "km plugins info shows both ids",
  );
}

function split(text: string, flag: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw refusal(`Cannot use "${text}" as ${flag}: it is not <name>=<value>`, "see --help");
}

function whole(text: string, flag: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw refusal(`Cannot use "${text}" as ${flag}: it is no number from 1 to 999`, "see --help");
}

function distinct(keys: readonly PublisherKey[]): readonly PublisherKey[] {
  return [...new Map(keys.map((key) => [key.id, key])).values()];
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

if (import.meta.main) {
  try {
    // deno-lint-ignore no-console -- a script
    console.log((await run(Deno.args)).join("\n"));
  } catch (error) {
    Deno.exit(reportError(error));
  }
}

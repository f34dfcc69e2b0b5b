/** What `deno.lock` holds, and which of it a built km carries. @module */
import { fileURLToPath } from "node:url";
import { INSTEAD, WORKERS } from "../build/bundle.ts";
import { runDeno } from "../build/run_deno.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The lock file decides, and stays as it is. */
const LOCKED = ["--frozen", `--config=${ROOT}deno.json`];

/** What a built km is made of: both entries, what it loads by name, its threads, the dashboard. */
const ENTRIES = [
  "main.ts",
  "src/cli/portable_main.ts",
  ...Object.values(INSTEAD),
  "src/web/main.tsx",
  ...WORKERS,
];

/** A package of npm as the lock file pins it. */
export interface LockedPackage {
  /** Its key in the lock file: name, version, and what its peers resolved to. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Of its tarball, as Subresource Integrity. */
  readonly integrity: string;
  /** Ids. */
  readonly dependencies: readonly string[];
  /** Whether a built km carries it; the others are of builds and tests. */
  readonly carried: boolean;
  /** What its package.json says; null where it says nothing, and of packages that are not carried, which a machine need not have. */
  readonly license: string | null;
}

/** The part of `deno info --json` that is read here. */
interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly npmPackage?: string;
    readonly dependencies?: readonly { readonly code?: { readonly specifier: string } }[];
  }[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly npmPackages: Readonly<
    Record<string, { name: string; version: string; dependencies: readonly string[]; localPath: string }>
  >;
}

/** Reads all packages of the lock file, in the order of their ids. */
export async function readPackages(): Promise<LockedPackage[]> {
  const lock = JSON.parse(await Deno.readTextFile(`${ROOT}deno.lock`)) as {
    readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
  };
  const work = await Deno.makeTempDir({ prefix: "km-packages-" });
  try {
    const all = `${work}/all.ts`;
    await Deno.writeTextFile(all, ENTRIES.map((path) => `import "file://${ROOT}${path}";\n`).join(""));
    const info = await readInfo(all);
    const carried = carriedBy(info);
    return await Promise.all(
      Object.keys(lock.npm).sort().map(async (id) => {
        const found = info.npmPackages[id];
        const integrity = lock.npm[id]?.integrity;
        if (!found || integrity === undefined) {
          throw new TypeError(`"${id}" of deno.lock is not in deno info`);
        }
        const { name, version, dependencies, localPath } = found;
        const license = carried.has(id) ? await readLicense(localPath, all) : null;
        return { id, name, version, integrity, dependencies, carried: carried.has(id), license };
      }),
    );
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Packages that the code of the first module needs, however far away; what only its types need is not in a bundle. */
function carriedBy({ modules, redirects, npmPackages }: Info): ReadonlySet<string> {
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const packages = new Set<string>();
  const waiting = modules.filter(({ specifier }) => specifier.endsWith("/all.ts")).map((m) => m.specifier);
  const seen = new Set(waiting);
  for (const specifier of waiting) {
    const module = bySpecifier.get(redirects[specifier] ?? specifier);
    if (module?.npmPackage !== undefined) packages.add(module.npmPackage);
    for (const { code } of module?.dependencies ?? []) {
      if (code === undefined || seen.has(code.specifier)) continue;
      seen.add(code.specifier);
      waiting.push(code.specifier);
    }
  }
  // A set grows while it is walked.
  for (const id of packages) npmPackages[id]?.dependencies.forEach((other) => packages.add(other));
  return packages;
}

async function readLicense(folder: string, entry: string): Promise<string | null> {
  const path = `${folder}/package.json`;
  // A machine that has built nothing yet has not fetched the package.
  if (!await Deno.stat(path).then(() => true, () => false)) {
    await runDeno(["cache", "--quiet", ...LOCKED, entry], ROOT);
  }
  const { license } = JSON.parse(await Deno.readTextFile(path)) as { readonly license?: unknown };
  return typeof license === "string" ? license : null;
}

async function readInfo(entry: string): Promise<Info> {
  return JSON.parse(await runDeno(["info", "--json", ...LOCKED, entry], ROOT)) as Info;
}

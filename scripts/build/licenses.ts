/** Gathers the notices of what a bundle carries of others: their licences ask for it. @module */
import { fileURLToPath } from "node:url";
import { DENO_VERSION } from "../../src/proc/deno_pins.ts";
import { runDeno } from "./run_deno.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Name of the file in a bundle. */
export const LICENSES_FILE = "THIRD_PARTY_LICENSES.txt";

/** The dashboard is bundled on its own (`scripts/build_web.ts`): its packages are in none of the bundle's modules. */
const DASHBOARD = "src/web/main.tsx";

const MIT =
  `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** A package of npm, exactly. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
}

/** The packages that files of Deno's npm cache belong to. */
export function packagesOf(paths: Iterable<string>): NpmPackage[] {
  return sortPackages([...paths].flatMap((path) => {
    const [, name, version] =
      /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/@]+)\/(\d[^/]*)\//.exec(path.replaceAll("\\", "/")) ?? [];
    return name === undefined || version === undefined ? [] : [{ name, version }];
  }));
}

/** What `deno info --json` says of the dashboard. Its `npmPackages` are all of deno.lock; those that `modules` name are in the graph. */
interface Graph {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages?: Readonly<Record<string, NpmPackage & { readonly dependencies: readonly string[] }>>;
}

/** The packages in the committed bundle of the dashboard. Fetches them when Deno's cache lacks them. */
export async function dashboardPackages(): Promise<NpmPackage[]> {
  await runDeno(["cache", "--quiet", "--frozen-lockfile", DASHBOARD], ROOT);
  const { modules, npmPackages = {} }: Graph = JSON.parse(
    await runDeno(["info", "--json", DASHBOARD], ROOT),
  );
  const waiting = modules.flatMap(({ npmPackage }) => npmPackage ?? []);
  const found = new Map<string, NpmPackage>();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const entry = npmPackages[id];
    if (entry === undefined || found.has(id)) continue;
    found.set(id, { name: entry.name, version: entry.version });
    waiting.push(...entry.dependencies);
  }
  return [...found.values()];
}

/** Sorted by name and version, each once. */
export function sortPackages(packages: Iterable<NpmPackage>): NpmPackage[] {
  const byId = new Map([...packages].map((entry) => [`${entry.name}@${entry.version}`, entry]));
  return [...byId.keys()].sort().flatMap((id) => byId.get(id) ?? []);
}

/** The text of the file: the same for the same packages. */
export async function licensesText(packages: readonly NpmPackage[]): Promise<string> {
  const { npmCache } = JSON.parse(await runDeno(["info", "--json"], ROOT)) as { npmCache: string };
  const parts = [
    `km carries software of others. These are their notices; km's own licence is MIT.`,
    section(
      `Deno ${DENO_VERSION}`,
      `MIT License\n\nCopyright 2018-2026 the Deno authors\n\n${MIT}\n\nNotices of what Deno itself carries: https://github.com/denoland/deno`,
    ),
  ];
  for (const { name, version } of sortPackages(packages)) {
    const notice = await noticeKept(name) ?? await noticeOf(await folderOf(npmCache, { name, version }));
    parts.push(section(`${name} ${version}`, notice));
  }
  return parts.join("\n");
}

function section(title: string, text: string): string {
  return `\n${"=".repeat(80)}\n${title}\n${"=".repeat(80)}\n\n${text.replaceAll("\r\n", "\n").trim()}\n`;
}

/** Deno keeps each registry's packages in a folder of its own. */
async function folderOf(npmCache: string, { name, version }: NpmPackage): Promise<string> {
  for await (const { name: registry } of Deno.readDir(npmCache)) {
    const folder = `${npmCache}/${registry}/${name}/${version}`;
    if (await Deno.stat(folder).then(() => true, () => false)) return folder;
  }
  throw new Error(`${name}@${version} is not in ${npmCache}`);
}

/** Notices of packages that come without theirs, from what stands in their code: `@scope+name.txt`. */
async function noticeKept(name: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(new URL(`./notices/${name.replace("/", "+")}.txt`, import.meta.url));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** The package's own file; some only name their licence, and then its text is the common one. */
async function noticeOf(folder: string): Promise<string> {
  const names = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  const files = names.filter((name) => /^(licen[cs]e|notice|copying)(\.|-|$)/i.test(name));
  if (files.length > 0) {
    return (await Promise.all(files.map((name) => Deno.readTextFile(`${folder}/${name}`)))).join("\n\n");
  }
  const { license, author, name } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  if (license !== "MIT") throw new Error(`${name} has no licence file, and its licence is ${license}`);
  const holder = typeof author === "string" ? author : author?.name ?? `the authors of ${name}`;
  return `MIT License\n\nCopyright (c) ${holder}\n\n${MIT}`;
}

/**
 * Records the screens of the real agents for tests: installs them from npm (exact versions, `screens/npm`), runs each in a real terminal and a
 * clean home without credentials, drives it to each of its screens, and writes what it wrote as asciicasts, and what it then showed as text.
 *
 *     deno run -A scripts/record_screens.ts [cli[/name]]…
 *
 * The home is `/home/me`, so that recordings have no name of a person or machine in them: run it as root in a container.
 * @module
 */
import { fileURLToPath } from "node:url";
import { serveFakeModels } from "./screens/fake_models.ts";
import { HOME, PROJECT, type Recording, RECORDINGS } from "./screens/recordings.ts";
import { ScreenProgram } from "./screens/screen_program.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PACKAGES = {
  claude: "@anthropic-ai/claude-code",
  codex: "@openai/codex",
  gemini: "@google/gemini-cli",
};

/** Installs the agents; returns the folder of their commands. */
export async function installAgents(): Promise<string> {
  const folder = `${ROOT}.cache/screens`;
  await Deno.mkdir(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) {
    await Deno.copyFile(`${ROOT}scripts/screens/npm/${name}`, `${folder}/${name}`);
  }
  const bin = `${folder}/node_modules/.bin`;
  if (await isThere(`${bin}/gemini`)) return bin;
  const { success } = await new Deno.Command("npm", { args: ["ci", "--no-audit", "--no-fund"], cwd: folder })
    .spawn()
    .status;
  if (!success) throw new Error("npm could not install the agents");
  return bin;
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function record(recording: Recording, bin: string, url: string): Promise<void> {
  const { cli, name, args } = recording;
  await makeHome(recording, url);
  const env = {
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    HOME,
    USER: "me",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
    TERM_PROGRAM: "km",
    ...withUrl(recording.env ?? {}, url),
  };
  await using program = new ScreenProgram({ command: [cli, ...args], cwd: PROJECT, env });
  await recording.drive(program);
  const version = await versionOf(cli);
  const folder = `${ROOT}tests/fixtures/screens/${cli}-${version}`;
  await Deno.mkdir(folder, { recursive: true });
  const port = new URL(url).port;
  // As long as any port: the screen stays as it was drawn.
  const neutral = (text: string) => text.replaceAll(port, "40000");
  await Deno.writeTextFile(`${folder}/${name}.txt`, neutral(await program.text()));
  await Deno.writeTextFile(`${folder}/${name}.cast`, neutral(program.cast(`${cli} ${version}: ${name}`)));
}

async function makeHome({ files = {} }: Recording, url: string): Promise<void> {
  await Deno.remove(HOME, { recursive: true }).catch(() => {});
  await Deno.mkdir(PROJECT, { recursive: true });
  await Deno.writeTextFile(`${PROJECT}/README.md`, "# A project\n");
  for (const [path, text] of Object.entries(withUrl(files, url))) {
    await Deno.mkdir(`${HOME}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${HOME}/${path}`, text);
  }
}

function withUrl(texts: Readonly<Record<string, string>>, url: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, text.replaceAll("{url}", url)]),
  );
}

async function versionOf(cli: Recording["cli"]): Promise<string> {
  const text = await Deno.readTextFile(`${ROOT}scripts/screens/npm/package.json`);
  return JSON.parse(text).dependencies[PACKAGES[cli]];
}

if (import.meta.main) {
  if (await isThere(HOME)) throw new Error(`${HOME} is there already: this would delete it`);
  const wanted = Deno.args.filter((arg) => !arg.startsWith("-"));
  const chosen = RECORDINGS.filter(({ cli, name }) =>
    wanted.length === 0 || wanted.includes(cli) || wanted.includes(`${cli}/${name}`)
  );
  const bin = await installAgents();
  await using models = serveFakeModels();
  let failed = 0;
  try {
    for (const recording of chosen) {
      const label = `${recording.cli}/${recording.name}`;
      try {
        await record(recording, bin, models.url);
        console.log(`${label}: recorded`);
      } catch (error) {
        failed += 1;
        console.error(`${label}: ${(error as Error).message}`);
      }
    }
  } finally {
    await Deno.remove(HOME, { recursive: true }).catch(() => {});
  }
  if (failed > 0) Deno.exitCode = 1;
}

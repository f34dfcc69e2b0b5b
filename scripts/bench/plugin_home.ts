/** A home with three plugins that are on, one of them stuck, for the relay bench: packed, signed and installed as a user's are. @module */
import { join } from "node:path";
import { readHostStatus } from "../../src/plugins/host/status.ts";
import { compilePlugin } from "../../src/plugins/author/compile.ts";
import { packProject } from "../../src/plugins/author/pack.ts";
import { completeManifest, readProject } from "../../src/plugins/author/project.ts";
import { signPackage } from "../../src/plugins/package/package.ts";
import { generateKey } from "../../src/plugins/package/signature.ts";
import { pluginPaths } from "../../src/plugins/paths.ts";
import { commitInstall } from "../../src/plugins/trust/commit_install.ts";
import { planInstall } from "../../src/plugins/trust/plan_install.ts";
import { VERSION } from "../../src/cli/commands/version.ts";
import { isGone } from "../../src/store/process_mark.ts";
import { kmCommand } from "./relay_subjects.ts";

const PLUGINS = join(import.meta.dirname as string, "../../plugins");
/** Three plugins and their host started within 3 s on two busy cores. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 20;

/** How a plugin is stuck: it waits for ever, or keeps a processor busy. */
export type Stuck = "waits" | "spins";

const STUCK: Readonly<Record<Stuck, string>> = {
  waits: "onMessage() { return new Promise(() => {}); }",
  spins: "onMessage() { for (;;); }",
};

/** Files of packages. */
export type Packages = readonly string[];

/** Packs console-logger, tool-guard and a plugin that is stuck into `folder`. */
export async function packPlugins(folder: string, stuck: Stuck): Promise<Packages> {
  const encoder = new TextEncoder();
  const out = await Deno.makeTempDir({ dir: folder });
  const signer = await generateKey("Ed25519");
  const deno = { path: null, reason: "types are checked elsewhere", hint: "" };
  const packages = [];
  for (const name of ["console-logger", "tool-guard"]) {
    const project = await readProject(join(PLUGINS, name));
    const { code } = await compilePlugin(project, { deno, check: false });
    packages.push({ name, bytes: packProject(project, code) });
  }
  const text = JSON.stringify({
    name: "stuck",
    version: "1.0.0",
    publisher: "km",
    description: "Comes to no end",
    limits: { messageMs: 10_000 },
  });
  const manifest = completeManifest(text, "stuck");
  const code = encoder.encode(
    `export default { kind: "km-plugin", name: "stuck", version: "1.0.0", protocolVersions: [1, 2], requiredTier: "free", permissions: {}, ${
      STUCK[stuck]
    } };\n`,
  );
  const project = { folder, source: "", manifest, documents: {} };
  packages.push({ name: "stuck", bytes: packProject(project, code) });
  return await Promise.all(packages.map(async ({ name, bytes }) => {
    const path = join(out, `${name}.kmpkg`);
    await Deno.writeFile(path, await signPackage(bytes, signer));
    return path;
  }));
}

/** A KM_HOME in which `packages` are installed and run: an idle monitor keeps them up. */
export class PluginBenchHome implements AsyncDisposable {
  readonly path: string;
  readonly #monitor: Deno.ChildProcess;

  private constructor(path: string) {
    this.path = path;
    const [program = "", ...args] = kmCommand("monitor", "--name", "idle", "--", "cat");
    this.#monitor = new Deno.Command(program, {
      args,
      env: { KM_HOME: path },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Without packages: the same, with an idle monitor, and nothing that it feeds. */
  static async open(packages: Packages): Promise<PluginBenchHome> {
    const path = await Deno.makeTempDir({ prefix: "km-bench-" });
    for (const file of packages) await install(path, file);
    const home = new PluginBenchHome(path);
    try {
      await home.#feed(packages.length);
      return home;
    } catch (error) {
      await home[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What came of the messages, for people. */
  get told(): string {
    const status = readHostStatus(pluginPaths(this.path).hostStatus);
    const counts = (status?.plugins ?? []).map(({ name, counts: { messages, droppedMessages } }) =>
      `${name} handled ${messages}, dropped ${droppedMessages}`
    );
    return [...counts, `shed before the host: ${status?.shedMessages ?? "unknown"}`].join("; ");
  }

  /** Something for the plugins to start on; until all of them run. */
  async #feed(plugins: number): Promise<void> {
    const stdin = this.#monitor.stdin.getWriter();
    const line = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}\n';
    await stdin.write(new TextEncoder().encode(line));
    stdin.releaseLock();
    const endMs = performance.now() + PATIENCE_MS;
    for (let running = 0; running < plugins;) {
      if (performance.now() > endMs) {
        throw new Error(`The plugins of the bench did not start within ${PATIENCE_MS} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const status = readHostStatus(pluginPaths(this.path).hostStatus);
      running = status?.plugins.filter(({ state }) => state === "running").length ?? 0;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#monitor.stdin.close();
    await this.#monitor.status;
    const host = readHostStatus(pluginPaths(this.path).hostStatus)?.process;
    if (host !== undefined && !isGone(host)) {
      Deno.kill(host.pid, "SIGTERM");
      const endMs = performance.now() + PATIENCE_MS;
      while (!isGone(host) && performance.now() < endMs) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
    makeWritable(this.path);
    await Deno.remove(this.path, { recursive: true });
  }
}

async function install(kmHome: string, file: string): Promise<void> {
  const home = {
    paths: pluginPaths(kmHome),
    homes: { home: kmHome, kmHome },
    nowMs: () => Date.now(),
  };
  const plan = await planInstall(home, file, {
    here: { kmVersion: VERSION, tier: "free", customerId: null, protocolVersions: [1, 2] },
    registry: null,
  });
  await commitInstall(home, plan, { grants: plan.needs });
}

/** Folders of installed files are for reading only; these must be open to be removed. */
function makeWritable(folder: string): void {
  Deno.chmodSync(folder, 0o700);
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) makeWritable(join(folder, name));
  }
}

/** Homes with plugins in them, for tests: installed as a user would, by a publisher that no other process knows. */
import assert from "node:assert/strict";
import { DEFAULT_LIMITS, type Limits, type Manifest, type Permissions } from "../../src/plugins/manifest.ts";
import { type HostStatus, type PluginStatus, readHostStatus } from "../../src/plugins/host/status.ts";
import { pluginPaths } from "../../src/plugins/paths.ts";
import { commitInstall } from "../../src/plugins/trust/commit_install.ts";
import { installedFolder } from "../../src/plugins/trust/installed.ts";
import { changePluginsLock } from "../../src/plugins/trust/lock_file.ts";
import { planInstall } from "../../src/plugins/trust/plan_install.ts";
import type { InstalledPlugin } from "../../src/plugins/trust/plugins_lock.ts";
import { isGone } from "../../src/store/process_mark.ts";
import { signedPackage, testPublisher } from "../fakes/plugin_packages.ts";
import { fakeServer } from "../fakes/ways.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { isAlive, PATIENCE_MS, Running, type RunOptions, TempFolder, until } from "./harness.ts";

/** Sees everything, redacted. */
export const SEES_ALL: Permissions = {
  net: [],
  read: [],
  write: [],
  env: [],
  data: {
    servers: ["*"],
    methods: ["*"],
    directions: ["client_to_server", "server_to_client"],
    payload: "redacted",
  },
};

/** Logs and finds what it is handed. */
export const WITNESS = `onMessage(message, { log, emit }) {
  const { kind, method, format } = message.event;
  log.info(JSON.stringify({ kind, method, format, direction: message.direction, text: message.text() }));
  if (kind === "request") emit.finding({ key: "k" + message.event.rpcId, severity: "info", title: "a call", message });
}`;
/** What a test installs. */
export interface TestPlugin {
  readonly name: string;
  /** Members of the plugin, as JavaScript: `onMessage(message, { emit }) { … }`. */
  readonly members: string;
  /** Before it: top-level code. */
  readonly setup?: string;
  readonly permissions?: Partial<Permissions>;
  readonly data?: Partial<Permissions["data"]>;
  readonly limits?: Partial<Limits>;
  readonly manifest?: Partial<Manifest>;
}

/** A KM_HOME with plugins. Its host ends with it. */
export class PluginTestHome implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.path = `${this.#folder.path}/home`;
    this.env = { KM_PLUGINS_NICENESS: "0", KM_PLUGINS_LINGER: "2s", ...env };
  }

  async install(plugin: TestPlugin): Promise<void> {
    const { name, permissions, data, limits, manifest } = plugin;
    const asked = { ...SEES_ALL, ...permissions, data: { ...SEES_ALL.data, ...data } };
    const change = {
      name,
      version: "1.0.0",
      protocol: [1, 2],
      permissions: asked,
      limits: { ...DEFAULT_LIMITS, ...limits },
      ...manifest,
    };
    const bytes = await signedPackage(await testPublisher(), change, codeOf(plugin, change.version));
    const file = `${this.#folder.path}/${name}.kmpkg`;
    Deno.writeFileSync(file, bytes);
    const home = {
      paths: pluginPaths(this.path),
      homes: { home: this.#folder.path, kmHome: this.path },
      nowMs: () => Date.now(),
    };
    const plan = await planInstall(home, file, {
      here: { kmVersion: "0.1.0", tier: "enterprise", customerId: null, protocolVersions: [1, 2] },
      registry: null,
    });
    await commitInstall(home, plan, { grants: asked });
  }

  /** Changes what plugins.lock says of a plugin. */
  async change(name: string, change: (plugin: InstalledPlugin) => InstalledPlugin): Promise<void> {
    await changePluginsLock(pluginPaths(this.path), (lock) => {
      const plugins = lock.plugins.map((plugin) => plugin.name === name ? change(plugin) : plugin);
      return [{ ...lock, plugins }, null];
    });
  }

  /** Changes a byte of an installed plugin's code. */
  async tamper(name: string): Promise<void> {
    await this.change(name, (plugin) => {
      const path = `${installedFolder(pluginPaths(this.path), plugin)}/plugin.js`;
      Deno.chmodSync(path, 0o644);
      const code = Deno.readFileSync(path);
      code[0] = (code[0] ?? 0) ^ 1;
      Deno.writeFileSync(path, code);
      return plugin;
    });
  }

  /** `km monitor` in front of a fake server. */
  monitor(
    mode: string,
    args: readonly (string | number)[] = [],
    options: Partial<RunOptions> & { readonly flags?: readonly string[] } = {},
  ): Running {
    const { flags = ["--name", "fake"], env, ...others } = options;
    return new Running(["monitor", ...flags, "--", ...fakeServer(mode, ...args)], {
      home: this.path,
      ...others,
      env: { ...this.env, ...env },
    });
  }

  get status(): HostStatus | null {
    return readHostStatus(pluginPaths(this.path).hostStatus);
  }

  plugin(name: string): PluginStatus | null {
    return this.status?.plugins.find((plugin) => plugin.name === name) ?? null;
  }

  /** Waits until `condition` holds of the plugin's status. */
  async pluginIs(
    name: string,
    condition: (status: PluginStatus) => boolean,
    timeoutMs = PATIENCE_MS,
  ): Promise<PluginStatus> {
    let last: PluginStatus | null = null;
    await until(
      () => (last = this.plugin(name)) !== null && condition(last),
      () => `${name} to get there; it is ${JSON.stringify(last)}; host log: ${this.hostLog}`,
      timeoutMs,
    );
    return last as unknown as PluginStatus; // as: until() settles only with one
  }

  /** What a plugin and km about it have logged. */
  log(name: string): readonly { readonly source: string; readonly level: string; readonly text: string }[] {
    const text = textOf(`${pluginPaths(this.path).logs}/${name}.jsonl`);
    return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  get hostLog(): string {
    return textOf(pluginPaths(this.path).hostLog);
  }

  /** Waits until the host has ended by itself. */
  async hostGone(timeoutMs = PATIENCE_MS): Promise<void> {
    await until(
      () => this.status?.process === undefined || isGone(this.status.process),
      () => `the end of the host; status: ${JSON.stringify(this.status)}`,
      timeoutMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pid = this.status?.pid;
    if (pid !== undefined && isAlive(pid)) {
      Deno.kill(pid, "SIGTERM");
      await this.hostGone();
    }
    using _ = this.#folder;
    for (const path of ["installed", "."]) makeWritable(`${this.path}/plugins/${path}`);
  }
}

function codeOf({ name, members, setup = "" }: TestPlugin, version: string): string {
  return `${setup}
export default {
  kind: "km-plugin", name: ${JSON.stringify(name)}, version: ${JSON.stringify(version)},
  protocolVersions: [1, 2], requiredTier: "free", permissions: {},
  ${members}
};
`;
}

/** Installed files are for reading only; their folders must be open to be removed. */
function makeWritable(folder: string): void {
  try {
    Deno.chmodSync(folder, 0o700);
    for (const entry of Deno.readDirSync(folder)) {
      if (entry.isDirectory) makeWritable(`${folder}/${entry.name}`);
    }
  } catch {
    // It was never made.
  }
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** A call of a tool. */
export function call(id: number, name = "echo", more = ""): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}"${more}}}\n`;
}

/** Asks the server and waits for its answer. */
export async function ask(km: Running, line: string): Promise<void> {
  const before = km.stdout.lines().length;
  await km.write(line);
  await km.stdout.lineCount(before + 1);
}

/** Ends the conversation, and the monitor with it. */
export async function finish(km: Running): Promise<void> {
  await km.closeStdin();
  assert.equal((await km.ended()).code, 0);
}

/** Registers a test that looks at processes. */
export const linuxTest = (name: string, run: () => Promise<void>): void =>
  testUnless(unlessOs("linux"), name, run);

/** True also for one that has ended, while nobody has asked how. */
export function processExists(pid: number): boolean {
  try {
    Deno.statSync(`/proc/${pid}`);
    return true;
  } catch {
    return false;
  }
}

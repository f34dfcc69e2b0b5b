/** Runs a plugin of `plugins/` in the real sandbox, on its fixture: what `km plugins test` does. @module */
import { compilePlugin } from "../src/plugins/author/compile.ts";
import { readFixture } from "../src/plugins/author/fixture.ts";
import { packProject } from "../src/plugins/author/pack.ts";
import { readProject } from "../src/plugins/author/project.ts";
import { Replay } from "../src/plugins/author/replay.ts";
import type { Happening, MessageReport } from "../src/plugins/author/report.ts";
import type { SessionEnd } from "../src/plugins/host/plugin_session.ts";
import { openPackage } from "../src/plugins/package/package.ts";
import { resolveGrants } from "../src/plugins/permissions/resolve.ts";
import type { PermissionsInForce } from "../src/plugins/sandbox/permissions_in_force.ts";
import { ROOT, TempFolder } from "./e2e/harness.ts";

export interface SandboxRun {
  readonly reports: readonly MessageReport[];
  /** What happened after the last message. */
  readonly rest: readonly Happening[];
  readonly end: SessionEnd;
  readonly state: ReadonlyMap<string, string>;
}

export interface SandboxRunOptions {
  readonly config?: unknown;
  /** What it kept before. */
  readonly state?: ReadonlyMap<string, string>;
  /** In place of what its manifest asks for. */
  readonly permissions?: PermissionsInForce;
  readonly env?: Readonly<Record<string, string>>;
  /** In place of its fixture: lines. */
  readonly messages?: readonly string[];
}

/** Runs `plugins/<name>` over its messages to its end. */
export async function runInSandbox(name: string, options: SandboxRunOptions = {}): Promise<SandboxRun> {
  using home = new TempFolder();
  const folder = `${ROOT}plugins/${name}`;
  const project = await readProject(folder);
  const deno = { path: Deno.execPath(), env: Deno.env.toObject() };
  const { code } = await compilePlugin(project, { deno, check: false });
  const { manifest } = openPackage(packProject(project, code));
  const state = new Map(options.state);
  const replay = await Replay.start({
    manifest,
    code,
    deno: deno.path,
    runtime: `${home.path}/runtime`,
    permissions: options.permissions ??
      resolveGrants(manifest.permissions, { home: home.path, kmHome: `${home.path}/.km` }),
    env: options.env ?? {},
    configJson: JSON.stringify(options.config ?? {}),
    kmVersion: "0.1.0",
    state,
  });
  const text = options.messages?.join("\n") ?? await Deno.readTextFile(`${folder}/fixture.jsonl`);
  const reports: MessageReport[] = [];
  for (const message of readFixture(text, "fixture.jsonl")) reports.push(await replay.handle(message));
  const { end, happenings } = await replay.end();
  return { reports, rest: happenings, end, state };
}

/** Everything of one kind that a run brought about, in order. */
export function happenings<Kind extends Happening["kind"]>(
  { reports, rest }: SandboxRun,
  kind: Kind,
): Extract<Happening, { kind: Kind }>[] {
  const all = [...reports.flatMap((report) => report.happenings), ...rest];
  return all.filter((one): one is Extract<Happening, { kind: Kind }> => one.kind === kind);
}

/** `km plugins build [folder]`: a plugin's folder becomes an unsigned package. @module */
import { createHash } from "node:crypto";
import { join, relative, resolve } from "node:path";
import { EXIT_CODES, KmError } from "../../../core/error.ts";
import { type Compiled, compilePlugin } from "../../../plugins/author/compile.ts";
import { packageName, packProject } from "../../../plugins/author/pack.ts";
import { readProject } from "../../../plugins/author/project.ts";
import type { Manifest } from "../../../plugins/manifest.ts";
import { openPackage } from "../../../plugins/package/package.ts";
import { pluginPaths } from "../../../plugins/paths.ts";
import { NO_PERMISSIONS } from "../../../plugins/sandbox/permissions_in_force.ts";
import { kmPaths } from "../../../config/paths.ts";
import { printable } from "../../../core/printable.ts";
import { command as defineCommand } from "../../command.ts";
import { VERSION } from "../../commands/version.ts";
import { jsonText } from "../../json_text.ts";
import { loadReplay } from "../../packages.ts";
import { write, writeError } from "../../terminal.ts";
import { denoTool } from "./deno_tool.ts";
import { replaceFile } from "./replace_file.ts";

export const command = defineCommand({
  name: "plugins build",
  summary: "Make a package (.kmpkg) of a plugin's folder",
  usage: "[folder]",
  words: [0, 1],
  flags: [
    {
      name: "out",
      short: "o",
      type: "string",
      placeholder: "file",
      help: "The package; <name>-<version>.kmpkg in the folder when left out",
    },
    { name: "no-check", type: "boolean", help: "Do not check the types" },
    { name: "no-run", type: "boolean", help: "Do not load it in the sandbox to see that it can be" },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  details:
    "plugin.ts and the SDK become one file of JavaScript; several files are joined by deno bundle, where Deno is there. " +
    "km.plugin.jsonc becomes the manifest, README.md and LICENSE go along; where Deno is there, the plugin is loaded in its sandbox once, and must " +
    "say of itself what the manifest says. The same sources make the same bytes. " +
    `Nobody can install the package before it is signed. Exits with ${EXIT_CODES.plugin_failed} when the plugin does not build.`,
  examples: [
    ["km plugins build", "the plugin in this folder"],
    ["km plugins build slow-calls --out dist/slow-calls.kmpkg", "another folder, another place"],
  ],
  json: {
    file: "absolute path of the package",
    name: "name of the plugin",
    version: "its version",
    sizeBytes: "of the package",
    sha256: "of the package, hex",
    typesChecked: "whether its types were checked: false with --no-check, and where there is no Deno",
    by: 'what made one file of it: "km", or "deno bundle"',
    packages: '["npm:ms@2.1.3"]: what of others was built in',
    loaded: "whether it was loaded in its sandbox: false with --no-run, and where there is no Deno",
  },
  async run({ out, noCheck, noRun, json }, [folder = "."]) {
    const project = await readProject(resolve(folder));
    const deno = await denoTool();
    const compiled = await compilePlugin(project, { deno, check: !noCheck });
    const bytes = packProject(project, compiled.code);
    const loaded = deno.path !== null && !noRun;
    if (loaded) await inspect(openPackage(bytes).manifest, compiled, deno.path);
    const file = resolve(out ?? join(project.folder, packageName(project)));
    await replaceFile(file, bytes);
    const { name, version } = project.manifest;
    const { typesChecked, by, packages } = compiled;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (json) {
      const fields = { sizeBytes: bytes.length, sha256, typesChecked, by, packages, loaded };
      write(`${jsonText({ file, name, version, ...fields })}\n`);
      return 0;
    }
    write(`${file}\n`);
    if (packages.length > 0) {
      writeError(`built in, and signed with it as if it were yours: ${packages.map(printable).join(", ")}\n`);
    }
    if (!typesChecked && !noCheck) writeError("types were not checked: there is no Deno that can\n");
    if (!loaded && !noRun) writeError("it was not loaded to see that it can be: there is no Deno to do it\n");
    writeError(`not signed yet: km plugins sign ${relative(Deno.cwd(), file)} --key <file>\n`);
    return 0;
  },
});

/** Lets the plugin say what it is, where it can reach nothing. @throws {KmError} plugin_failed when that is not what the manifest says */
async function inspect(manifest: Manifest, { code, packages }: Compiled, deno: string): Promise<void> {
  const { Replay } = await loadReplay();
  const inspected = Replay.inspect({
    manifest,
    code,
    deno,
    runtime: pluginPaths(kmPaths().home).runtime,
    permissions: NO_PERMISSIONS,
    env: {},
    configJson: "{}",
    kmVersion: VERSION,
    state: new Map(),
  });
  await inspected.catch((error) => {
    throw error instanceof KmError ? cannotLoad(error, packages) : error;
  });
}

function cannotLoad(error: KmError, packages: readonly string[]): KmError {
  const { code, message, said } = error;
  const hint = packages.length === 0
    ? 'nothing was packed: mend it, then build again; "km plugins test" shows more'
    : `nothing was packed: it may be a package that needs what the sandbox has not: ${packages.join(", ")}`;
  return new KmError(code, message, { hint, cause: error, ...(said !== undefined && { said }) });
}

/** The report of `plugins.sh`: for people and for programs. @module */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** One thing that a plugin had to do. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface PluginOutcome {
  readonly name: string;
  /** Below the report's folder. */
  readonly package: string;
  readonly grants: readonly string[];
  readonly checks: readonly Check[];
  readonly counts: unknown;
  readonly refused: readonly unknown[];
}

export interface Session {
  readonly server: string;
  readonly calls: number;
  readonly quick: boolean;
  /** Where api-logger sent to. */
  readonly api: string;
  readonly plugins: readonly PluginOutcome[];
}

/** Writes report.json and report.md into `folder`, prints the latter; true when all is well. */
export async function writeReport(folder: string, session: Session): Promise<boolean> {
  const plugins = [];
  for (const plugin of session.plugins) {
    const bytes = await Deno.readFile(join(folder, plugin.package));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    plugins.push({ ...plugin, sizeBytes: bytes.length, sha256, ok: plugin.checks.every(({ ok }) => ok) });
  }
  const ok = plugins.length > 0 && plugins.every((plugin) => plugin.ok);
  await Deno.writeTextFile(
    join(folder, "report.json"),
    `${JSON.stringify({ ok, ...session, plugins }, null, 2)}\n`,
  );
  const lines = [
    `# Plugins: ${ok ? "all did their job" : "something is wrong"}`,
    "",
    `${session.calls} calls of \`${session.server}\`, two sessions. The API of api-logger: ${session.api}.`,
    "",
    "| plugin | check | | what was seen |",
    "| --- | --- | --- | --- |",
    ...plugins.flatMap(({ name, checks }) =>
      checks.map(({ what, ok, detail }) =>
        `| ${name} | ${what} | ${ok ? "ok" : "**failed**"} | ${cell(detail)} |`
      )
    ),
    "",
    "| plugin | package | SHA-256 | granted | refused |",
    "| --- | --- | --- | --- | --- |",
    ...plugins.map(({ name, sizeBytes, sha256, grants, refused }) =>
      `| ${name} | ${sizeBytes} B | ${sha256} | ${cell(grants.join(" "))} | ${refused.length} |`
    ),
    "",
  ];
  const text = lines.join("\n");
  await Deno.writeTextFile(join(folder, "report.md"), text);
  await Deno.stdout.write(new TextEncoder().encode(text));
  return ok;
}

function cell(text: string): string {
  return text.replaceAll(/[|\n]/g, (char) => char === "|" ? "\\|" : " ").slice(0, 300);
}

import { equal, ok } from "node:assert/strict";
import { SCOPES } from "../auth/identity.ts";
import { EXIT_CODES } from "../core/error.ts";
import { settingOf } from "../config/settings.ts";
import type { Command } from "./command.ts";
import { commandNames, loadCommand } from "./commands.ts";
import { reference } from "./reference.ts";

const file = (name: string) => Deno.readTextFile(new URL(`../../${name}`, import.meta.url));

Deno.test("COMMANDS.md says what the commands' records say: else run scripts/reference.ts", async () => {
  // deno fmt breaks lines and pads tables; the words are what counts.
  const words = (text: string) => text.replaceAll(/\s+/g, " ").replaceAll(/-{3,}/g, "---");
  equal(words(await file("COMMANDS.md")), words(await reference()));
});

Deno.test("README.md has every flag of km monitor with its default", async () => {
  const readme = await file("README.md");
  const monitor = await loadCommand("monitor");
  for (const flag of monitor?.flags ?? []) {
    const row = readme.split("\n").find((line) => new RegExp(`^\\|.*\`--${flag.name}\\b`).test(line)) ?? "";
    const byDefault = flag.setting === undefined ? "" : settingOf(flag.setting).default;
    ok(row.includes(byDefault) && row !== "", `--${flag.name} ${byDefault}: ${row}`);
  }
});

Deno.test("README.md has every exit code", async () => {
  const readme = await file("README.md");
  for (const [code, exit] of Object.entries(EXIT_CODES)) {
    ok(new RegExp(`^\\| ${exit} +\\| \`${code}\``, "m").test(readme), `${exit} ${code}`);
  }
});

Deno.test("km keys --help says of every scope what it is for", async () => {
  const details = (await loadCommand("keys"))?.details ?? "";
  const [, sentence = ""] = /(Scopes: [^.]*)\./.exec(details) ?? [];
  for (const scope of SCOPES) ok(sentence.includes(`${scope} `), `${scope}: ${sentence}`);
});

Deno.test("commands are records whose words and flags do not clash", async () => {
  for (const name of commandNames()) {
    const command = await loadCommand(name);
    checkRecord(command, name);
    const groups = command?.subcommands ?? {};
    for (const word of commandNames(groups)) checkRecord(await loadCommand(word, groups), `${name} ${word}`);
  }
});

function checkRecord(command: Command | undefined, name: string): void {
  equal(command?.name, name);
  const spellings = (command?.flags ?? []).flatMap((flag) =>
    flag.short ? [flag.name, flag.short] : [flag.name]
  );
  equal(new Set([...spellings, "help", "h"]).size, spellings.length + 2, name);
  ok(!command?.summary.endsWith("."), name);
}

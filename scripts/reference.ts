/** Writes COMMANDS.md from the commands' records. A test in src/cli fails when it is out of date. @module */
import { reference } from "../src/cli/reference.ts";

if (import.meta.main) {
  const file = new URL("../COMMANDS.md", import.meta.url);
  await Deno.writeTextFile(file, await reference());
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file.pathname] }).spawn().status;
}

import { verifies } from "../../tests/verifies.ts";
import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { KmError } from "../core/error.ts";
import { checkStart, resolveCommand } from "./pty_command.ts";

const unlessUnix = unlessOs("linux", "darwin");

/** A folder with `programs`: their first lines by name; all may be executed but those called "plain…". */
async function withPrograms(
  programs: Readonly<Record<string, string>>,
  use: (folder: string) => void,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "km-test-" });
  try {
    for (const [name, text] of Object.entries(programs)) {
      await Deno.writeTextFile(`${folder}/${name}`, text, { mode: name.startsWith("plain") ? 0o644 : 0o755 });
    }
    use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

testUnless(
  unlessUnix,
  "resolveCommand() finds programs on the path and beside the folder they start in",
  async () => {
    await withPrograms({ tool: "#!/bin/sh\n" }, (cwd) => {
      const start = { command: ["tool", "a"], cwd, env: {}, searchPath: `/bin:${cwd}` };
      assert.deepEqual(resolveCommand(start), [`${cwd}/tool`, "a"]);
      assert.deepEqual(resolveCommand({ ...start, searchPath: "/bin:." }), [`${cwd}/./tool`, "a"]);
      assert.deepEqual(resolveCommand({ ...start, command: ["./tool"], searchPath: "" }), [`${cwd}/./tool`]);
    });
  },
);

testUnless(
  unlessUnix,
  "resolveCommand() says what is wrong with a program before it is started",
  async () => {
    verifies("pty-resolved-before-spawn");
    await withPrograms({ "plain.txt": "", lost: "#!/no/such/interpreter -x\n" }, (cwd) => {
      const errorOf = (...command: string[]) => {
        try {
          resolveCommand({ command, cwd, env: {}, searchPath: cwd });
        } catch (error) {
          if (error instanceof KmError) return [error.code, error.message.replace(cwd, "…")];
        }
        return null;
      };
      assert.deepEqual(errorOf("none"), ["command_not_found", 'Cannot start "none": command not found']);
      assert.deepEqual(errorOf(""), ["command_not_found", 'Cannot start "": command not found']);
      assert.deepEqual(errorOf("./plain.txt"), [
        "command_not_executable",
        'Cannot start "./plain.txt": permission denied',
      ]);
      assert.deepEqual(errorOf("/bin")?.[0], "command_not_found");
      assert.deepEqual(errorOf("lost"), [
        "command_not_found",
        'Cannot start "…/lost": the interpreter its first line names is missing',
      ]);
    });
  },
);

testUnless(unlessUnix, "checkStart() refuses a folder that is none, and NUL bytes anywhere", () => {
  const start = { command: ["true"], cwd: "/", env: {}, searchPath: "" };
  checkStart(start);
  for (const cwd of ["/no/such", "/etc/passwd", ".", ""]) {
    assert.throws(() => checkStart({ ...start, cwd }), { code: "not_found" });
  }
  assert.throws(() => checkStart({ ...start, command: ["a\0"] }), { code: "usage" });
  assert.throws(() => checkStart({ ...start, env: { A: "\0" } }), { code: "usage" });
});

import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { allOnPath, commandNotFound, findOnPath, quoteForCmd, windowsCommand } from "./command.ts";

Deno.test("findOnPath() takes the first executable on PATH, and a path as it is", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${dir}/a/tool`, { recursive: true });
    await Deno.mkdir(`${dir}/b`);
    await Deno.writeTextFile(`${dir}/b/tool`, "", { mode: 0o755 });
    await Deno.writeTextFile(`${dir}/b/plain`, "", { mode: 0o644 });
    assert.equal(findOnPath("tool", `${dir}/a:${dir}/b`), `${dir}/b/tool`);
    assert.equal(findOnPath("plain", `${dir}/b`), null);
    assert.equal(findOnPath(`${dir}/b/tool`, ""), `${dir}/b/tool`);
    assert.equal(findOnPath("", `${dir}/b`), null);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

testUnless(
  unlessOs("linux", "darwin"),
  "allOnPath() takes every executable, in folders with a full path",
  async () => {
    const dir = await Deno.makeTempDir();
    try {
      for (const folder of ["a", "b", "c"]) await Deno.mkdir(`${dir}/${folder}`);
      await Deno.writeTextFile(`${dir}/a/tool`, "", { mode: 0o755 });
      await Deno.writeTextFile(`${dir}/b/tool`, "", { mode: 0o644 });
      await Deno.writeTextFile(`${dir}/c/tool`, "", { mode: 0o755 });
      const path = `${dir}/c/:.::${dir}/b:${dir}/none:${dir}/a:${dir}/c`;
      assert.deepEqual(allOnPath(["none", "tool"], path), [`${dir}/c/tool`, `${dir}/a/tool`]);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);

Deno.test("commandNotFound() names PATH, or the interpreter when the file is there", async () => {
  const named = commandNotFound("nosuch", "/a:/b");
  assert.equal(named.code, "command_not_found");
  assert.match(named.hint ?? "", /PATH \(\/a:\/b\)/);
  const script = await Deno.makeTempFile();
  assert.match(commandNotFound(script, "").message, /interpreter/);
  await Deno.remove(script);
});

const FILES = new Set([
  "C:\\node\\npx.cmd",
  "C:\\node\\node.exe",
  "C:\\tools\\a b\\tool.exe",
  ".\\here.bat",
]);
const ENV = { path: "C:\\node;C:\\tools\\a b\\", comSpec: "C:\\Windows\\cmd.exe" };
const resolve = (...argv: string[]) =>
  windowsCommand(
    argv,
    ENV,
    (path) => FILES.has(path.replace(/\.CMD$|\.EXE$|\.BAT$/, (e) => e.toLowerCase())),
  );

Deno.test("windowsCommand() runs an .exe itself, arguments untouched", () => {
  const found = resolve("node", "a b", '"');
  assert.equal(found?.file.toLowerCase(), "c:\\node\\node.exe");
  assert.deepEqual(found?.args, ["a b", '"']);
  assert.equal(found?.verbatim, false);
  assert.equal(resolve("tool")?.file.toLowerCase(), "c:\\tools\\a b\\tool.exe");
});

Deno.test("windowsCommand() runs a .cmd shim through cmd.exe /d /s /c", () => {
  verifies("fm-19-windows-cmd", "monitor-windows-shims");
  const found = resolve("npx", "-y", "@scope/x");
  assert.equal(found?.file, "C:\\Windows\\cmd.exe");
  assert.deepEqual(found?.args.slice(0, 3), ["/d", "/s", "/c"]);
  assert.match(found?.args[3] ?? "", /^"C:\\node\\npx\.cmd .*"$/i);
  assert.equal(found?.verbatim, true);
});

Deno.test("windowsCommand() finds nothing for a command that is not there", () => {
  assert.equal(resolve("nosuch"), null);
  assert.equal(resolve(""), null);
});

for (
  const [argument, quoted] of [
    ["plain", '^^^"plain^^^"'],
    ["a b", '^^^"a^^^ b^^^"'],
    ["a&calc", '^^^"a^^^&calc^^^"'],
    ["%PATH%", '^^^"^^^%PATH^^^%^^^"'],
    ['say "hi"', '^^^"say^^^ \\^^^"hi\\^^^"^^^"'],
    ["back\\", '^^^"back\\\\^^^"'],
  ] as const
) {
  Deno.test(`quoteForCmd() quotes ${argument}`, () => assert.equal(quoteForCmd(argument), quoted));
}

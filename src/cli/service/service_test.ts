import assert from "node:assert/strict";
import { missingProgram, testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import type { ServiceDefinition } from "./definition.ts";
import { launchdAgent } from "./launchd_agent.ts";
import { systemdService, systemdUnit } from "./systemd_unit.ts";
import { quoteArgument, windowsTask } from "./windows_task.ts";

/** Everything that a path may hold and that some format gives a meaning to. */
const ODD = `a b"c'd%e$f\\g<h>&ü漢`;

function definition(path: string): ServiceDefinition {
  return {
    command: [path, "serve", "--port", "4242"],
    environment: { KM_HOME: path },
    logPath: `${path}/daemon.log`,
  };
}

Deno.test("systemdUnit() quotes what systemd would read otherwise", () => {
  verifies("serve-service");
  const text = systemdUnit({
    ...definition("/opt/km"),
    command: ["/opt/a $b/100%/ü漢", `100%$HOME"`],
    environment: { KM_HOME: `/x/${ODD}` },
  });
  assert.match(text, /^ExecStart="\/opt\/a \$b\/100%%\/ü漢" "100%%\$\$HOME\\""$/m);
  assert.match(text, /^Environment="KM_HOME=\/x\/a b\\"c'd%%e\$f\\\\g<h>&ü漢"$/m);
});

Deno.test("systemdUnit() lets no line of its own be made by a path", () => {
  verifies("serve-service");
  const lines = systemdUnit(definition("/x\nExecStartPre=/bin/false")).split("\n");
  assert.ok(!lines.some((line) => line.startsWith("ExecStartPre")));
});

testUnless(
  unlessOs("linux") ?? missingProgram("systemd-analyze"),
  "systemdUnit() makes units that systemd itself accepts",
  async () => {
    verifies("serve-service");
    const folder = Deno.makeTempDirSync({ prefix: "km-unit-" });
    try {
      for (const name of ["plain", "a b", `c"d'e`, "f%g%%h", "$HOME $$", "back\\slash", "ü漢🙂"]) {
        const program = `${folder}/${name}`;
        Deno.writeTextFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
        const unit = `${folder}/km.service`;
        Deno.writeTextFileSync(unit, systemdUnit(definition(program)));
        const { stderr } = await new Deno.Command("systemd-analyze", {
          args: ["verify", "--man=no", unit],
          stdout: "null",
        }).output();
        // Of its own units it may have something to say too.
        const said = new TextDecoder().decode(stderr).split("\n").filter((line) =>
          line.includes("km.service") || line.includes(folder)
        );
        assert.deepEqual(said, [], name);
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
);

Deno.test("systemdService() goes where the user's units are", () => {
  const { path, enable } = systemdService(definition("/opt/km"), "/home/ann/.config");
  assert.equal(path, "/home/ann/.config/systemd/user/km.service");
  assert.deepEqual(enable.at(-1), ["systemctl", "--user", "enable", "--now", "km.service"]);
});

Deno.test("launchdAgent() is a property list that holds paths as they are", () => {
  verifies("serve-service");
  const strings = xmlStrings(launchdAgent(definition(`/opt/${ODD}`)), "string");
  assert.deepEqual(strings, [
    "dev.km.serve",
    `/opt/${ODD}`,
    "serve",
    "--port",
    "4242",
    `/opt/${ODD}`,
    "Background",
    `/opt/${ODD}/daemon.log`,
  ]);
});

Deno.test("windowsTask() is a task that holds paths as they are", () => {
  verifies("serve-service");
  const plain = windowsTask({ ...definition("C:\\Program Files\\km & ü\\km.exe"), environment: {} });
  assert.deepEqual(xmlStrings(plain, "Command"), ["C:\\Program Files\\km & ü\\km.exe"]);
  assert.deepEqual(xmlStrings(plain, "Arguments"), ["serve --port 4242"]);
  const withHome = windowsTask({
    ...definition("C:\\My Tools\\km.exe"),
    environment: { KM_HOME: "D:\\my km" },
  });
  assert.deepEqual(xmlStrings(withHome, "Arguments"), [
    '/d /s /c "set "KM_HOME=D:\\my km"&& "C:\\My Tools\\km.exe" serve --port 4242"',
  ]);
});

for (
  const [word, quoted] of [["a", "a"], ["a b", '"a b"'], ["", '""'], ['a"b', '"a\\"b"'], [
    "a b\\",
    '"a b\\\\"',
  ], ['\\"', '"\\\\\\""']] as const
) {
  Deno.test(`quoteArgument() writes ${JSON.stringify(word)} as ${quoted}`, () =>
    assert.equal(quoteArgument(word), quoted));
}

/** The texts of all elements of a name. */
function xmlStrings(xml: string, element: string): string[] {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))]
    .map(([, text = ""]) => text.replace(/&(\w+);/g, (_, name: string) => entities[name] ?? "?"));
}

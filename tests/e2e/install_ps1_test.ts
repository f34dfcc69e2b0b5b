/**
 * install.ps1, as far as it can be judged without Windows: its grammar, what it calls, that half of it does nothing.
 * `install_ps1_windows_test.ts` runs it.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { generateKey, signFile } from "../../scripts/release/keys.ts";
import { stampInstaller } from "../../scripts/release/installers.ts";
import { functionsOf, nodes, powerShellParser, syntaxErrors } from "../powershell.ts";
import { verifies } from "../verifies.ts";
import { missingProgram, testUnless } from "../skip.ts";
import { ROOT, TempFolder } from "./harness.ts";
import { testReal } from "./real_programs.ts";

const SCRIPT = `${ROOT}scripts/install.ps1`;
const text = () => Deno.readTextFileSync(SCRIPT);

testReal("install.ps1 is PowerShell, and ASCII: 5.1 reads a file in the machine's code page", async () => {
  verifies("install-powershell");
  const parse = await powerShellParser();
  deepEqual(syntaxErrors(parse(text())), []);
  // deno-lint-ignore no-control-regex -- all of ASCII
  equal(/[^\x00-\x7f]/.exec(text()), null);
  ok(syntaxErrors(parse(text().replace("function Get-Setting(", "function Get-Setting"))).length > 0);
});

testReal("install.ps1 does nothing when its download was cut", async () => {
  verifies("install-powershell");
  const parse = await powerShellParser();
  const lines = text().trimEnd().split("\n");
  equal(lines.at(-1), "Install-Km $KmWords");
  equal(/\$args\b/.test(text().replaceAll(/^\s*#.*$/gm, "")), false, "under iex, those of the script around");
  // Of the long middle, every ninth line: each try reads the whole text.
  const cuts = lines.map((_, count) => count).filter((count) =>
    count % 9 === 0 || count < 30 || count > lines.length - 20
  );
  for (const count of cuts) {
    const part = parse(lines.slice(0, count).join("\n"));
    if (part.hasError) continue;
    // What can be read at all defines the one function, or nothing.
    const statements = part.children.flatMap(({ type, children }) =>
      type === "statement_list" ? children : []
    );
    deepEqual(statements.filter(({ type }) => type !== "function_statement").map(({ text }) => text), []);
    ok(statements.length <= 1);
  }
});

testReal("install.ps1 stays PowerShell when it is stamped, and a template when it is not", async () => {
  verifies("install-powershell");
  const parse = await powerShellParser();
  const { key } = await generateKey();
  const stamped = stampInstaller(text(), { baseUrl: "https://example.org/km", releaseKeys: [key, key] });
  deepEqual(syntaxErrors(parse(stamped)), []);
  ok(stamped.includes(`$KmReleaseKeys = '${key.id}:${key.publicKey} ${key.id}:${key.publicKey}'`));
  ok(stamped.includes("$KmBaseUrl = 'https://example.org/km'"));
  equal(stamped.includes("'@KM_"), false);
});

/** What it may call beside its own functions: compiled commands, which 5.1 finds however it was started. No aliases: they are different in other shells, and users redefine them. */
const COMMANDS = [
  "ConvertFrom-Json",
  "ForEach-Object",
  "Get-Command",
  "Get-ItemProperty",
  "New-Object",
  "Out-Null",
  "Pop-Location",
  "Push-Location",
  "Remove-Item",
  "Select-Object",
  "Set-StrictMode",
  "Start-Sleep",
  "Where-Object",
  "Write-Host",
  "Write-Verbose",
];

testReal("install.ps1 calls what there is, by its full name, and nothing that is dangerous", async () => {
  verifies("install-powershell");
  const root = (await powerShellParser())(text());
  const functions = functionsOf(root);
  const called = new Set(nodes(root, "command_name").map(({ text }) => text));
  const own = functions.map(({ name }) => name);
  deepEqual([...called].filter((name) => !own.includes(name)).sort(), COMMANDS);
  deepEqual(own.filter((name) => !called.has(name)), [], "functions that nobody calls");
  // What is run by its path: cmd for the verifiers. Everything else goes through Invoke-Program, which has a limit of time.
  const byPath = functions.flatMap(({ commands }) => commands).filter(({ text }) => text.startsWith("&"));
  deepEqual(byPath.map(({ text }) => text.trim()), [
    "& $env:ComSpec /d /c .\\run.cmd",
  ]);
  const code = text().replaceAll(/^\s*#.*$/gm, "");
  for (
    const word of [/\bexit \d/, /setx/i, /Invoke-Expression/i, /Add-Type/i, /-EncodedCommand/i, /Bypass/i]
  ) {
    equal(word.exec(code), null, `${word}`);
  }
  // Operators that Windows PowerShell 5.1 does not have.
  for (const operator of ["&&", "||", "??", "??=", "?."]) {
    equal(nodes(root, operator).length, 0, operator);
  }
});

/** Set by PowerShell itself. */
const AUTOMATIC = [
  "_",
  "executioncontext",
  "false",
  "global:lastexitcode",
  "lastexitcode",
  "matches",
  "myinvocation",
  "null",
  "psversiontable",
  "true",
];
/** Set once by the function around all others: what the release is. */
const STAMPED = ["kmbaseurl", "kmreleasekeys"];

testReal("install.ps1 reads no variable that is not set in the same function", async () => {
  verifies("install-powershell");
  const root = (await powerShellParser())(text());
  for (const { name, sets, names } of functionsOf(root)) {
    const unknown = [...names].filter((variable) =>
      !sets.has(variable) && !variable.startsWith("env:") && ![...AUTOMATIC, ...STAMPED].includes(variable)
    );
    deepEqual(unknown, [], name);
  }
});

testReal(
  "every error of install.ps1 has a hint, and an exit code of km's that is not that of a bug",
  async () => {
    verifies("install-powershell");
    const root = (await powerShellParser())(text());
    const stops = nodes(root, "command").filter(({ children }) => children[0]?.text === "Stop-Km");
    ok(stops.length > 15, `${stops.length}`);
    for (const { children, startPosition } of stops) {
      const words = children.find(({ type }) => type === "command_elements")?.children.filter(({ type }) =>
        type !== "command_argument_sep"
      );
      const line = `line ${startPosition.row + 1}`;
      equal(words?.length, 3, line);
      ok(["2", "14", "23", "24", "25", "30"].includes(words?.[0]?.text.trim() ?? ""), line);
    }
  },
);

testReal("install.ps1 tells its users what install.sh tells them", async () => {
  verifies("install-powershell");
  const root = (await powerShellParser())(text());
  const help = functionsOf(root).find(({ name }) => name === "Show-KmHelp");
  const told = help?.commands.map(({ text }) => text).join("\n") ?? "";
  for (
    const word of ["KM_BASE_URL", "KM_VERSION", "KM_CHANNEL", "KM_INSTALL", "KM_UNINSTALL", "KM_DRY_RUN"]
  ) match(told, new RegExp(word));
  for (const option of ["DryRun", "Uninstall", "NoModifyPath"]) match(told, new RegExp(`-${option}`));
});

/** What stands between two marks, once. */
function between(before: string, after: string): string {
  const [, rest = "", ...more] = text().split(before);
  deepEqual(more, [], before);
  return rest.split(after)[0] ?? "";
}

/** Runs one of its command lines, which are for cmd, in a POSIX shell: the words and the redirection are the same. */
async function verify(line: string, tool: string, cwd: string): Promise<number> {
  const args = ["-c", line.replace("%KM_TOOL%", tool)];
  return (await new Deno.Command("sh", { args, cwd, stdout: "null", stderr: "null" }).output()).code;
}

/** The files that its verifiers read, made with the bytes that are read out of the script. */
function writeTrustFiles(
  folder: string,
  keys: { ssh: Uint8Array; openssl: Uint8Array },
  signature: Uint8Array,
) {
  const numbers = (list = "") => list.split(",").map(Number);
  const [, before, after] = /^([\d, ]+)\) \+ \$type \+ @\(([\d, ]+)\)$/.exec(
    between("$blob = [byte[]](@(", " + $Key)"),
  ) ?? [];
  const type = new TextEncoder().encode(between("GetBytes('", "')"));
  const blob = Uint8Array.from([...numbers(before), ...type, ...numbers(after), ...keys.ssh]);
  const signer = between('return "km ', "$(").replaceAll('`"', '"');
  Deno.writeTextFileSync(`${folder}/allowed_signers`, `km ${signer}${blob.toBase64()}\n`);
  const der = Uint8Array.from([...numbers(between("$prefix = @(", ")")), ...keys.openssl]);
  const pem = `-----BEGIN PUBLIC KEY-----\n${der.toBase64()}\n-----END PUBLIC KEY-----\n`;
  Deno.writeTextFileSync(`${folder}/key.pem`, pem);
  Deno.writeFileSync(`${folder}/signature.bin`, signature);
}

/** Its two command lines, that of ssh-keygen first. */
function verifyLines(): readonly (readonly [string, string])[] {
  const lines = [...text().matchAll(/\$line = '([^']+)'/g)].map(([, line = ""]) => line);
  equal(lines.length, 2);
  return [["ssh-keygen", lines[0] ?? ""], ["openssl", lines[1] ?? ""]];
}

testUnless(
  missingProgram("sh", "ssh-keygen", "openssl"),
  "the commands with which install.ps1 verifies prove a release, and refuse another file",
  async () => {
    verifies("install-powershell");
    using folder = new TempFolder();
    const { key, privateKeyPem } = await generateKey();
    const manifest = `${folder.path}/manifest.json`;
    Deno.writeTextFileSync(manifest, '{\n  "type": "km release manifest"\n}\n');
    await signFile(manifest, privateKeyPem);
    const bytes = Uint8Array.fromBase64(key.publicKey);
    const pattern = new RegExp(between("$sig -cnotmatch '", "'").replace("\\z", "$"));
    const [, id, signature = ""] = pattern.exec(Deno.readTextFileSync(`${manifest}.sig`)) ?? [];
    equal(id, key.id);
    writeTrustFiles(folder.path, { ssh: bytes, openssl: bytes }, Uint8Array.fromBase64(signature));
    for (const [tool, line] of verifyLines()) equal(await verify(line, tool, folder.path), 0, tool);
    Deno.writeTextFileSync(manifest, '{\n  "type": "km release manifest!"\n}\n');
    for (const [tool, line] of verifyLines()) ok(await verify(line, tool, folder.path) !== 0, tool);
  },
);

testUnless(
  missingProgram("sh", "ssh-keygen", "openssl"),
  "install.ps1 knows a verifier by a sample that is right and one that is wrong",
  async () => {
    verifies("install-powershell");
    using folder = new TempFolder();
    const base64 = (name: string) =>
      Uint8Array.fromBase64(between(`${name} = [Convert]::FromBase64String('`, "'"));
    const keys = { ssh: base64("$sshKey"), openssl: base64("$opensslKey") };
    const [, signature = ""] = /\$signature = \[Convert\]::FromBase64String\('([^']+)'\)/.exec(text()) ?? [];
    writeTrustFiles(folder.path, keys, Uint8Array.fromBase64(signature));
    const armor = [...between("$sshSignature = @(", ") -join").matchAll(/'([^']*)'/g)].map(([, line]) =>
      line
    );
    Deno.writeTextFileSync(`${folder.path}/manifest.json.sshsig`, armor.join("\n"));
    for (const [letter, right] of [["r", true], ["s", false]] as const) {
      Deno.writeTextFileSync(`${folder.path}/manifest.json`, letter);
      for (const [tool, line] of verifyLines()) {
        equal(await verify(line, tool, folder.path) === 0, right, `${tool}, ${letter}`);
      }
    }
  },
);

testReal("install.ps1 believes the first verifier that works, whatever it says", async () => {
  verifies("install-powershell");
  const root = (await powerShellParser())(text());
  const node = nodes(root, "function_statement").find((one) =>
    nodes(one, "function_name")[0]?.text === "Confirm-Signature"
  );
  const [loop] = nodes(node ?? root, "foreach_statement");
  // Nothing stands between the refusal and the end of the loop's body.
  match(loop?.text ?? "", /\{ continue \}\s+if \([^\n]+\) \{ return \}\s+Stop-Km 23 [^{}]+\}$/);
});

/** Versions as install.ps1 reads them, by its own expression. */
Deno.test("install.ps1 takes no version for one that is none", () => {
  verifies("install-powershell");
  const word = between("$word = '", "'");
  const pattern = between('$Text -cmatch "', '"').replaceAll("$word", word).replace("\\z", "$(?!\\n)");
  for (const version of ["1.2.3", "0.3.0-beta.1", "99999999999.0.0", "1.2.3-99999999999999999999"]) {
    match(version, new RegExp(pattern));
  }
  for (const version of ["", "v", "1.2", "1.2.3-", "1.2.3-a..b", "01.2.3", "1.2.3 ", "../stable", "stable"]) {
    equal(new RegExp(pattern).test(version), false, version);
  }
  // Once, and everybody else asks for what was read there.
  equal(text().match(/Get-Setting 'KM_VERSION'/g)?.length, 1);
});

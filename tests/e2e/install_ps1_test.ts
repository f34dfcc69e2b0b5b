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
  ok(syntaxErrors(parse(text().replace("function Save-Url(", "function Save-Url"))).length > 0);
});

testReal("install.ps1 does nothing when its download was cut", async () => {
  verifies("install-powershell");
  const parse = await powerShellParser();
  const lines = text().trimEnd().split("\n");
  equal(lines.at(-1), "Install-Km $args");
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

/** What it may call beside its own functions. No aliases: they are different in other shells, and users redefine them. */
const COMMANDS = [
  "ConvertFrom-Json",
  "ForEach-Object",
  "Get-ChildItem",
  "Get-Command",
  "Get-FileHash",
  "Get-Item",
  "Get-ItemProperty",
  "Invoke-WebRequest",
  "Join-Path",
  "New-Item",
  "New-Object",
  "Out-Null",
  "Pop-Location",
  "Push-Location",
  "Remove-Item",
  "Select-Object",
  "Set-StrictMode",
  "Test-Path",
  "Where-Object",
  "Write-Host",
];

testReal("install.ps1 calls what there is, by its full name, and nothing that is dangerous", async () => {
  verifies("install-powershell");
  const root = (await powerShellParser())(text());
  const functions = functionsOf(root);
  const called = new Set(nodes(root, "command_name").map(({ text }) => text));
  const own = functions.map(({ name }) => name);
  deepEqual([...called].filter((name) => !own.includes(name)).sort(), COMMANDS);
  deepEqual(own.filter((name) => !called.has(name)), [], "functions that nobody calls");
  // What is run by its path: cmd for the verifiers, and km itself.
  const byPath = functions.flatMap(({ commands }) => commands).filter(({ text }) => text.startsWith("&"));
  deepEqual(byPath.map(({ text }) => text.trim()), [
    "& $env:ComSpec /d /c .\\run.cmd",
    "& $Path --version",
    "& $current stop",
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
const AUTOMATIC = ["_", "args", "executioncontext", "false", "lastexitcode", "matches", "null", "true"];
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

testReal("every error of install.ps1 has a hint", async () => {
  verifies("install-powershell");
  const root = (await powerShellParser())(text());
  const stops = nodes(root, "command").filter(({ children }) => children[0]?.text === "Stop-Km");
  ok(stops.length > 15, `${stops.length}`);
  for (const { children, startPosition } of stops) {
    const words = children.find(({ type }) => type === "command_elements")?.children.filter(({ type }) =>
      type !== "command_argument_sep"
    );
    equal(words?.length, 2, `line ${startPosition.row + 1}`);
  }
  equal(
    (text().match(/\bthrow\b/g) ?? []).length,
    3,
    "throw: in Stop-Km, after the messages, and once again in the swap",
  );
});

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
async function verify(line: string, tool: string, cwd: string): Promise<{ code: number; out: string }> {
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", `${line.replace("%KM_TOOL%", tool)} 2>&1`],
    cwd,
  }).output();
  return { code, out: new TextDecoder().decode(stdout) };
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
    // The bytes in front of the key, read out of the script.
    const ssh = between("$blob = [byte[]](@(", " + $key.Bytes)").match(
      /@?\(?([\d, ]+)\) \+ \$type \+ @\(([\d, ]+)\)/,
    );
    const numbers = (list = "") => list.split(",").map(Number);
    const type = new TextEncoder().encode(between("GetBytes('", "')"));
    const blob = Uint8Array.from([...numbers(ssh?.[1]), ...type, ...numbers(ssh?.[2]), ...bytes]);
    Deno.writeTextFileSync(`${folder.path}/allowed_signers`, `km ssh-ed25519 ${blob.toBase64()}\n`);
    const der = Uint8Array.from([...numbers(between("$prefix = @(", ")")), ...bytes]);
    Deno.writeTextFileSync(
      `${folder.path}/key.pem`,
      `-----BEGIN PUBLIC KEY-----\n${der.toBase64()}\n-----END PUBLIC KEY-----\n`,
    );
    const sig = Deno.readTextFileSync(`${manifest}.sig`);
    const pattern = new RegExp(between("$sig -notmatch '", "'"));
    const [, id, signature = ""] = pattern.exec(sig) ?? [];
    equal(id, key.id);
    Deno.writeFileSync(`${folder.path}/signature.bin`, Uint8Array.fromBase64(signature));

    const lines = [...text().matchAll(/\$line = '([^']+)'/g)].map(([, line = ""]) => line);
    const good = [...text().matchAll(/\$run\.Output -match '((?:Good|Signature)[^']+)'/g)];
    equal(lines.length, 2);
    for (const [at, tool] of ["ssh-keygen", "openssl"].entries()) {
      const said = new RegExp(good[at]?.[1] ?? "^$");
      const right = await verify(lines[at] ?? "", tool, folder.path);
      equal(right.code, 0, right.out);
      match(right.out, said);
    }
    match(
      (await verify(between("Invoke-Tool $Work $Tool '", "'"), "openssl", folder.path)).out,
      /^OpenSSL [3-9]\./,
    );
    Deno.writeTextFileSync(manifest, '{\n  "type": "km release manifest!"\n}\n');
    for (const [at, tool] of ["ssh-keygen", "openssl"].entries()) {
      const wrong = await verify(lines[at] ?? "", tool, folder.path);
      ok(wrong.code !== 0, wrong.out);
      equal(new RegExp(good[at]?.[1] ?? "").test(wrong.out), false);
    }
  },
);

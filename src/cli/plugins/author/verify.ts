/** `km plugins verify <package>`: is it whole, and who signed it? @module */
import { resolve } from "node:path";
import { EXIT_CODES } from "../../../core/error.ts";
import { printable } from "../../../core/printable.ts";
import { readPublisherKey } from "../../../plugins/author/key_files.ts";
import { openPackage, verifyPackage } from "../../../plugins/package/package.ts";
import { readPackageFile } from "../../../plugins/package/read_package.ts";
import { fingerprint } from "../../../plugins/package/signature.ts";
import { describePermissions } from "../../../plugins/permissions/describe.ts";
import { refuseImports } from "../../../plugins/sandbox/lex.ts";
import { command as defineCommand } from "../../command.ts";
import { jsonText } from "../../json_text.ts";
import { write, writeLines } from "../../terminal.ts";

export const command = defineCommand({
  name: "plugins verify",
  summary: "Check a package: whole, signed, by whom, and what it asks for",
  usage: "<package> [--key <file>]",
  words: [1, 1],
  flags: [
    {
      name: "key",
      short: "k",
      type: "string",
      placeholder: "file",
      help: "The key that must have signed it: <file>.pub, or the key itself",
    },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  details:
    "Every file must have the hash that the manifest says, and every signature must be one of this very manifest. Without --key the keys " +
    "are those that the package itself names: compare the fingerprint with what the publisher says elsewhere. Nothing is installed or run. A package that nobody signed is described, with exit code 23.",
  examples: [
    ["km plugins verify slow-calls-0.1.0.kmpkg", "who signed it?"],
    ["km plugins verify slow-calls-0.1.0.kmpkg --key publisher.key.pub", "did this one?"],
  ],
  json: {
    name: "name of the plugin",
    version: "its version",
    publisher: "name of its publisher, as the package says",
    manifestSha256: "of manifest.json, hex: names this very release",
    signatures: "[{alg, fingerprint}], all proven",
    permissions: "[{token, text, risk, severity}]",
  },
  async run({ key: keyFile, json }, [file = ""]) {
    const opened = openPackage(await readPackageFile(resolve(file)));
    const { manifest: { name, version, publisher, permissions }, manifestSha256 } = opened;
    await refuseImports(opened.code);
    const keys = keyFile === undefined
      ? opened.signatures.map(({ key }) => key)
      : [await readPublisherKey(resolve(keyFile))];
    for (const key of keys) await verifyPackage(opened, key);
    const signatures = keys.map((key) => ({ alg: key.alg, fingerprint: fingerprint(key) }));
    const lines = describePermissions(permissions);
    const code = signatures.length === 0 ? EXIT_CODES.not_trusted : 0;
    if (json) {
      write(
        `${jsonText({ name, version, publisher, manifestSha256, signatures, permissions: lines })}\n`,
      );
      return code;
    }
    writeLines([
      `${name} ${printable(version)} of "${printable(publisher)}": every file is as its manifest says`,
      ...(signatures.length === 0 ? ["not signed: nobody can install it yet"] : []),
      ...signatures.map((one) => `signed by ${one.fingerprint} (${one.alg})`),
      ...lines.map(({ text, token }) => `  ${text} [${token}]`),
    ]);
    return code;
  },
});

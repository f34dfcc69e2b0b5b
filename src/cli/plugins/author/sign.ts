/** `km plugins sign <package> --key <file>`. @module */
import { resolve } from "node:path";
import { KmError } from "../../../core/error.ts";
import { readSigningKey } from "../../../plugins/author/key_files.ts";
import { openPackage, signPackage } from "../../../plugins/package/package.ts";
import { readPackageFile } from "../../../plugins/package/read_package.ts";
import { fingerprint } from "../../../plugins/package/signature.ts";
import { command as defineCommand } from "../../command.ts";
import { jsonText } from "../../json_text.ts";
import { write, writeError } from "../../terminal.ts";
import { replaceFile } from "./replace_file.ts";

export const command = defineCommand({
  name: "plugins sign",
  summary: "Sign a package, so that it can be installed",
  usage: "<package> --key <file>",
  words: [1, 1],
  flags: [
    {
      name: "key",
      short: "k",
      type: "string",
      placeholder: "file",
      help: "The key that km plugins keygen made",
    },
    {
      name: "out",
      short: "o",
      type: "string",
      placeholder: "file",
      help: "The signed package; the same file when left out",
    },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  details:
    "A package may have signatures of several keys, as while a publisher changes his. Signing again with the same key replaces its signature.",
  examples: [[
    "km plugins sign slow-calls-0.1.0.kmpkg --key publisher.key",
    "adds the signature to the file",
  ]],
  json: {
    file: "absolute path of the signed package",
    name: "name of the plugin",
    version: "its version",
    fingerprint: "of the key",
    signatures: "how many it has now",
  },
  async run({ key: keyFile, out, json }, [file = ""]) {
    if (keyFile === undefined) {
      throw new KmError("usage", '"km plugins sign" needs --key: who signs it?', {
        hint: '"km plugins keygen" makes one',
      });
    }
    const key = readSigningKey(resolve(keyFile));
    const signed = await signPackage(await readPackageFile(resolve(file)), key);
    const { manifest: { name, version }, signatures } = openPackage(signed);
    const target = resolve(out ?? file);
    await replaceFile(target, signed);
    const shown = fingerprint(key.publicKey);
    if (json) {
      const report = { file: target, name, version, fingerprint: shown, signatures: signatures.length };
      write(`${jsonText(report)}\n`);
      return 0;
    }
    write(`${target}\n`);
    writeError(`${name} ${version}, signed by ${shown}\n`);
    return 0;
  },
});

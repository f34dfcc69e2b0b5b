/** `km plugins keygen [file]`: a key to sign plugins with. @module */
import { resolve } from "node:path";
import { createKeyFiles, KEY_KINDS, publicPath } from "../../../plugins/author/key_files.ts";
import { fingerprint } from "../../../plugins/package/signature.ts";
import { command as defineCommand } from "../../command.ts";
import { jsonText } from "../../json_text.ts";
import { write, writeError } from "../../terminal.ts";

export const command = defineCommand({
  name: "plugins keygen",
  summary: "Make a key to sign plugins with",
  usage: "[file]",
  words: [0, 1],
  flags: [
    {
      name: "alg",
      type: "choice",
      choices: KEY_KINDS,
      default: "ed25519",
      help: "ed25519, or rsa (RSA-PSS, 4096 bits)",
    },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  details:
    "The file (publisher.key when left out) holds the private half and is readable by you alone; <file>.pub holds the public one. " +
    "Nothing is ever written over. Who installs a plugin of yours is shown the fingerprint: publish it where they find it. " +
    "Users' km keeps your key at the first installation and refuses packages of another: keep it, and keep a copy of it.",
  examples: [
    ["km plugins keygen", "makes publisher.key and publisher.key.pub"],
    ["km plugins keygen ~/keys/acme.key --alg rsa", "RSA, where a policy asks for it"],
  ],
  json: {
    file: "the private half",
    publicFile: "the public half",
    alg: "Ed25519 or RSA-PSS-4096",
    fingerprint: "SHA-256 of the public key, hex in groups of four",
  },
  async run({ alg, json }, [file = "publisher.key"]) {
    const path = resolve(file);
    const key = await createKeyFiles(path, alg);
    const shown = fingerprint(key);
    if (json) {
      write(
        `${jsonText({ file: path, publicFile: publicPath(path), alg: key.alg, fingerprint: shown })}\n`,
      );
      return 0;
    }
    write(`${shown}\n`);
    writeError(`${key.alg}: ${path} is secret, ${publicPath(path)} is for everybody\n`);
    return 0;
  },
});

/** `km plugins install <file|url|name>`: shows what a plugin may do, asks, installs. Also updates. @module */
import { EXIT_CODES } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "plugins install",
  summary: "Install a plugin, or another version of one, after showing what it may do",
  usage: "<file|url|name[@version]>",
  words: [1, 1],
  details:
    "Shows who made it and each permission that it asks for, worst first, and asks; no is the default. A name is looked up in the " +
    "registry that the setting plugins.registry names. There is no --yes: whoever cannot be asked spells each permission with --grant, and " +
    `where one is missing nothing is installed, the exact command is printed, and it exits with ${EXIT_CODES.not_granted}. ` +
    "An update that wants more than was granted waits, and the version that is installed goes on, until the difference is granted. " +
    `Exits with ${EXIT_CODES.not_trusted} for a package that is not believed.`,
  flags: [
    {
      name: "grant",
      type: "list",
      placeholder: "permission",
      help:
        "Grant this without asking: net=api.example.com, read=~/notes, env=NAME, payload=redacted, servers=*, …",
    },
    {
      name: "fewer",
      type: "boolean",
      help:
        "Install with no more than --grant says, although it asks for more; it may then not do all its work",
    },
    {
      name: "allow-downgrade",
      type: "boolean",
      help: "Take an older release than was installed here. Holes that were closed since are open again",
    },
    {
      name: "accept-new-key",
      type: "string",
      placeholder: "fingerprint",
      help:
        "Believe this key of the publisher from now on. Only after the publisher confirmed it in another place",
    },
    { name: "json", type: "boolean", help: "One JSON object; asks nothing" },
  ],
  examples: [
    ["km plugins install ./tool-guard.kmpkg", "shows, asks, installs"],
    ["km plugins install tool-guard@1.2.0", "from the registry"],
    [
      "km plugins install ./tool-guard.kmpkg --grant 'servers=*' --grant 'methods=tools/list' --grant directions=server_to_client --grant payload=redacted",
      "in a script: each permission spelled",
    ],
  ],
  json: {
    outcome:
      "installed, updated, unchanged, waiting (the update wants more) or not_granted (nothing was installed)",
    name: "name of the plugin",
    version: "version that is installed now, or null",
    packageVersion: "version of the package",
    publisher: "who signed it, by the name that the package gives",
    keyId: "SHA-256 of the key that signed it",
    keyStanding: "same, first-use, registry, roots or accepted",
    grants: "permissions that hold now, as --grant takes them",
    missing: "permissions that were not granted, as --grant takes them",
    warnings: "what to know about it",
    source: "where it came from",
  },
  async run(flags, [source = ""]) {
    const { installPlugin } = await import("./install_plugin.ts");
    return await installPlugin(source, flags);
  },
});

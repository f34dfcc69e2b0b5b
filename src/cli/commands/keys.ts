/** `km keys add|list|revoke|rotate-token`: keys for programs and other machines, and the token of the home. Works on the file, with and without a daemon. @module */
import { ApiKeys, parseScopes } from "../../auth/api_keys.ts";
import { replaceToken } from "../../auth/secret_token.ts";
import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";
import { jsonText } from "../json_text.ts";
import { type Column, table } from "../table.ts";
import { stdoutTerminal, write, writeError, writeLines } from "../terminal.ts";

type KeyInfo = ReturnType<ApiKeys["list"]>[number];

export const command = defineCommand({
  name: "keys",
  summary: "Keys with which programs and other machines use km serve",
  usage: "list | add <name> | revoke <name> | rotate-token",
  words: [0, 2],
  wordChoices: ["list", "add", "revoke", "rotate-token"],
  details: "A key is shown once, on stdout and alone, so that it can be piped; km keeps only its hash. " +
    "Scopes: ingest sends events, read reads everything and sees terminals as they are, sessions starts sessions and tasks, types into them, reads and ends them, " +
    "admin also changes settings and keys and deletes. " +
    "A running km serve knows new keys and refuses revoked ones at once. " +
    "rotate-token replaces the secret in KM_HOME/token, which signs out every browser and every program that uses it; keys stay.",
  flags: [
    {
      name: "scope",
      type: "string",
      placeholder: "scopes",
      help:
        "What the key may do: ingest, read, sessions (start and type into them), admin; separated by commas",
    },
    { name: "json", type: "boolean", help: "One JSON object per line" },
  ],
  examples: [
    ["km keys add laptop --scope ingest", "a key that can send events and nothing else"],
    [
      "km keys add robot --scope sessions",
      "one that starts sessions and tasks, types into them, reads and ends them",
    ],
    ["km keys add ci --scope ingest,read > ci.key", "into a file: nothing else is on stdout"],
    ["km keys revoke laptop", "refused from now on"],
    ["km keys rotate-token", "everybody without a key has to sign in again (km open)"],
  ],
  json: {
    name: "name of the key",
    scopes: "what it may do",
    createdAt: "ISO 8601, UTC",
    lastUsedAt: "ISO 8601, UTC, to the minute; null: never",
    key: "the key itself, only where it was just made (add)",
  },
  async run({ scope, json }, [action = "list", ...names]) {
    const keys = new ApiKeys(kmPaths().keys);
    const name = nameOf(action, names);
    if (action !== "add" && scope !== undefined) {
      throw new KmError("usage", `--scope belongs to "km keys add", not to "km keys ${action}"`);
    }
    switch (action) {
      case "add":
        return await add(keys, name, { scope, json });
      case "revoke":
        await keys.revoke(name);
        writeError(`revoked: ${name}\n`);
        return 0;
      case "rotate-token":
        replaceToken(kmPaths().token);
        writeError('replaced the token; browsers sign in again with "km open"\n');
        return 0;
      default:
        return list(keys.list(), json);
    }
  },
});

async function add(
  keys: ApiKeys,
  name: string,
  { scope, json }: { readonly scope: string | undefined; readonly json: boolean },
): Promise<number> {
  if (scope === undefined) {
    throw new KmError("usage", `"km keys add" needs --scope: what may "${name}" do?`, {
      hint: `km keys add ${name} --scope ingest`,
    });
  }
  const scopes = parseScopes(scope);
  const key = await keys.add(name, scopes);
  write(json ? `${jsonText({ name, scopes, key })}\n` : `${key}\n`);
  writeError(
    `"${name}" may: ${
      scopes.join(", ")
    }. The key is shown this once; send it as "Authorization: Bearer <key>"\n`,
  );
  return 0;
}

function list(keys: readonly KeyInfo[], json: boolean): number {
  if (json) {
    writeLines(keys.map((key) => jsonText(key)));
    return 0;
  }
  if (keys.length === 0) {
    writeError('no keys; make one with "km keys add <name> --scope ingest"\n');
    return 0;
  }
  const columns: Column<KeyInfo>[] = [
    { title: "NAME", cell: (key) => key.name, least: 8 },
    { title: "SCOPES", cell: (key) => key.scopes.join(",") },
    { title: "CREATED", cell: (key) => toTheSecond(key.createdAt), style: () => "dim" },
    {
      title: "LAST USED",
      cell: (key) => key.lastUsedAt === null ? "never" : toTheSecond(key.lastUsedAt),
      last: true,
    },
  ];
  writeLines(table(keys, columns, stdoutTerminal()));
  return 0;
}

/** @throws {KmError} usage when the action's name is missing, or there is one too many */
function nameOf(action: string, names: readonly string[]): string {
  const [name = ""] = names;
  const isNameless = action === "list" || action === "rotate-token";
  if (isNameless === (name === "")) return name;
  throw new KmError(
    "usage",
    `"km keys ${action}" ${isNameless ? "takes no" : "needs a"} name`,
    {
      hint: 'see "km keys --help"',
    },
  );
}

/** `2026-11-21T11:50:36.123456Z` → `2026-11-21T11:50:36Z`. */
function toTheSecond(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}

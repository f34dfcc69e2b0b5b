/** What the command line knows of providers: how to get those that are not installed. @module */
import { kmPaths } from "../../config/paths.ts";
import { readConfigFile } from "../../config/config.ts";
import type { Provider } from "../../sessions/providers/provider.ts";
import { type LoadedProviders, loadProviders } from "../../sessions/providers/providers.ts";

const INSTALL: Readonly<Record<string, string>> = {
  claude: "npm install -g @anthropic-ai/claude-code",
  codex: "npm install -g @openai/codex",
  gemini: "npm install -g @google/gemini-cli",
  "cursor-agent": "see https://cursor.com/docs/cli/installation",
};

/** How to install the program of a provider; undefined: km does not know. */
export function installHint(provider: string): string | undefined {
  const how = INSTALL[provider];
  return how === undefined ? undefined : how.startsWith("see ") ? how : `install it: ${how}`;
}

/** The providers of this home. */
export function knownProviders(): ReadonlyMap<string, Provider> {
  return loadedProviders().providers;
}

/** The same, with what is wrong with those of the user. */
export function loadedProviders(): LoadedProviders {
  return loadProviders(readConfigFile(kmPaths().config)?.providers);
}

/** Completions that `install.sh` put in place know the commands of one version: after a switch, the new km writes them anew. @module */
import { environment, readEnv } from "../../config/environment.ts";
import { userHome } from "../../config/paths.ts";
import { runLimited } from "../../proc/run_limited.ts";

const LIMIT_MS = 20_000;

/** Shell, file, first line of a file that is ours; as in `scripts/install.sh`. */
function places(): readonly (readonly [shell: string, path: string, firstLine: string])[] {
  const home = userHome();
  const [config, data] = [readEnv("XDG_CONFIG_HOME"), readEnv("XDG_DATA_HOME")];
  return [
    ["bash", `${data ?? `${home}/.local/share`}/bash-completion/completions/km`, "# bash completion for km"],
    ["zsh", `${home}/.km/completions/_km`, "#compdef km"],
    ["fish", `${config ?? `${home}/.config`}/fish/completions/km.fish`, "# fish completion for km"],
  ];
}

/** Has the km at `file` write those that are there. What cannot be written stays as it is: completions are a comfort. */
export async function renewCompletions(file: string): Promise<void> {
  for (const [shell, path, firstLine] of places()) {
    const before = await Deno.readTextFile(path).catch(() => "");
    if (!before.startsWith(`${firstLine}\n`)) continue;
    const asked = await runLimited([file, "completions", shell], { env: environment(), timeoutMs: LIMIT_MS })
      .catch(() => null);
    if (asked?.code !== 0 || asked.out === before || !asked.out.startsWith(`${firstLine}\n`)) continue;
    await Deno.writeTextFile(path, asked.out).catch(() => {});
  }
}

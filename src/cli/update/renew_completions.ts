/** Completions that `install.sh` put in place know the commands of one version: after a switch, the new km writes them anew. @module */
import { isAbsolute } from "node:path";
import { environment, readEnv } from "../../config/environment.ts";
import { userHome } from "../../config/paths.ts";
import { runLimited } from "../../proc/run_limited.ts";

const LIMIT_MS = 20_000;
/** The last line that install.sh adds to what km prints. */
const MARK = /(?<=\n)# written by km's install\.sh, .*\n$/;

/** Shell and file, as in `scripts/install.sh`. Relative folders are ignored (XDG Base Directory Specification 0.8). */
function places(): readonly (readonly [shell: string, path: string])[] {
  const home = userHome();
  const folder = (name: string, otherwise: string) => {
    const given = readEnv(name);
    return given !== undefined && isAbsolute(given) ? given : `${home}/${otherwise}`;
  };
  return [
    ["bash", `${folder("XDG_DATA_HOME", ".local/share")}/bash-completion/completions/km`],
    ["zsh", `${home}/.km/completions/_km`],
    ["fish", `${folder("XDG_CONFIG_HOME", ".config")}/fish/completions/km.fish`],
  ];
}

/**
 * Has the km at `file` write those that are there just as the one at `former` prints them: whatever else lies there is somebody's own.
 * What cannot be written stays as it is: completions are a comfort.
 */
export async function renewCompletions(file: string, former: string): Promise<void> {
  for (const [shell, path] of places()) {
    const before = await Deno.readTextFile(path).catch(() => null);
    if (before === null || before.replace(MARK, "") !== await completionsOf(former, shell)) continue;
    const after = await completionsOf(file, shell);
    if (after !== null && after !== before) await Deno.writeTextFile(path, after).catch(() => {});
  }
}

/** What the km at `file` prints for `shell`; null when it does not. */
async function completionsOf(file: string, shell: string): Promise<string | null> {
  const asked = await runLimited([file, "completions", shell], { env: environment(), timeoutMs: LIMIT_MS })
    .catch(() => null);
  return asked?.code === 0 ? asked.out : null;
}

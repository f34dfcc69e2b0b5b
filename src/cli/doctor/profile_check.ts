/** Start-up files of shells that put a folder on PATH which holds no km any more. They are read for the lines of km's installer alone. @module */
import { readEnv } from "../../config/environment.ts";
import { userHome } from "../../config/paths.ts";
import { type Check, warn } from "./check.ts";
import { isThere } from "./file_modes.ts";

/** What install.sh writes between its marks: `export PATH="folder:$PATH"` for sh, `set -gx PATH "folder" $PATH` for fish. */
const BLOCK = /^# km: begin$([^]*?)^# km: end$/m;
const FOLDER = /\b(?:export PATH="((?:\\.|[^"\\])*?):\$PATH"|set -gx PATH "((?:\\.|[^"\\])*)" \$PATH)/;

/** One warning for each such file; none when all is well, and on Windows, where PATH is no file. */
export function profileChecks(): Check[] {
  if (Deno.build.os === "windows") return [];
  const home = userHome();
  return profiles(home).flatMap((file) => {
    const folder = folderIn(file, home);
    if (folder === null || isThere(`${folder}/km`)) return [];
    return [
      warn(
        "path.profile",
        `${file} puts ${folder} on PATH, where there is no km`,
        `remove the lines from "# km: begin" to "# km: end" in ${file}`,
      ),
    ];
  });
}

function profiles(home: string): string[] {
  const config = readEnv("XDG_CONFIG_HOME") ?? `${home}/.config`;
  const names = [".bashrc", ".bash_profile", ".bash_login", ".profile", ".zshrc"];
  const files = [
    ...names.map((name) => `${home}/${name}`),
    `${readEnv("ZDOTDIR") ?? home}/.zshrc`,
    `${config}/fish/conf.d/km.fish`,
  ];
  return [...new Set(files)];
}

/** The folder that the installer's lines name; null where there are none, or others. */
function folderIn(file: string, home: string): string | null {
  try {
    const [, lines = ""] = BLOCK.exec(Deno.readTextFileSync(file)) ?? [];
    const [, forSh, forFish] = FOLDER.exec(lines) ?? [];
    const quoted = forSh ?? forFish;
    if (quoted === undefined) return null;
    const inHome = quoted.startsWith("$HOME/");
    const text = quoted.slice(inHome ? "$HOME/".length : 0).replaceAll(/\\(.)/g, "$1");
    const folder = inHome ? `${home}/${text}` : text;
    return folder.startsWith("/") ? folder : null;
  } catch {
    return null; // There is none, or it cannot be read.
  }
}

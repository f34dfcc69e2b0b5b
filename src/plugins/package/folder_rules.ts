/**
 * Which folders a plugin may ask for. Pure: what a folder leads to by links is looked at where grants are resolved, which asks `folderProblem`
 * again, of the real path and with the user's own folders.
 * @module
 */

/** What may be done in a folder. */
export type FolderUse = "read" | "write";

/** Folders of the user at hand; absolute, without links. */
export interface Homes {
  readonly home: string;
  readonly kmHome: string;
}

const MAX_PATH_LENGTH = 1024;

/** Names of folders that hold secrets or km itself, wherever they lie; several at once are a path. In small letters. */
const SECRET: readonly string[] = [
  ".km",
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".docker",
  ".password-store",
  ".mozilla",
  ".thunderbird",
  ".claude",
  ".codex",
  ".gemini",
  ".cursor",
  ".git",
  ".config/gcloud",
  ".config/gh",
  ".config/op",
  ".config/sops",
  ".config/google-chrome",
  ".config/chromium",
  ".config/bravesoftware",
  ".config/claude",
  ".local/share/keyrings",
  "library/keychains",
  "library/cookies",
  "library/application support/google",
  "library/application support/firefox",
  "library/application support/claude",
  "appdata/roaming/microsoft",
  "appdata/local/microsoft",
  "appdata/local/google",
];

/** Folders that hold so many of those that they are not given away whole. */
const BROAD: readonly string[] = [
  ".config",
  ".local",
  ".local/share",
  "library",
  "library/application support",
  "appdata",
  "appdata/local",
  "appdata/roaming",
];

/** What starts from there runs as the user. */
const STARTED: readonly string[] = [
  "bin",
  "sbin",
  "autostart",
  "systemd",
  "launchagents",
  "launchdaemons",
  "startup",
  "node_modules",
  ".vscode",
];

/** In these a dot folder below the home may be written to; the others are programs' settings. */
const WRITABLE_DOTS: readonly string[] = [".cache", ".local/share", ".local/state"];

/** Of the system: nobody's data. */
const SYSTEM: readonly string[] = ["/proc", "/sys", "/dev", "/run", "/var/run", "/boot", "/root"];
const SYSTEM_WRITE: readonly string[] = [
  "/bin",
  "/sbin",
  "/lib",
  "/lib64",
  "/usr",
  "/etc",
  "/system",
  "/library",
  "/applications",
  "/private/etc",
  "c:/windows",
  "c:/program files",
  "c:/program files (x86)",
  "c:/programdata",
];

/**
 * Says what is wrong with a folder that a plugin asks for, or null. It ends a sentence: `"/" …`.
 * With `homes`, of a folder as it really is: whether it holds, or lies in, what is km's or the user's whole home.
 */
export function folderProblem(folder: string, use: FolderUse, homes?: Homes): string | null {
  return formProblem(folder) ?? placeProblem(folder, use) ??
    (homes === undefined ? null : homeProblem(folder, homes));
}

function formProblem(folder: string): string | null {
  if (folder.length > MAX_PATH_LENGTH) return `is longer than ${MAX_PATH_LENGTH} characters`;
  if (/[*?,;|"<>]/.test(folder)) return "is a pattern or holds a character that lists are made with";
  if (folder === "~" || folder === "~/") return "is the whole home folder: name one in it";
  const rest = /^(?:~\/|\/|[A-Za-z]:[\\/])(.*)$/s.exec(folder)?.[1];
  if (rest === undefined) return "is not absolute: begin it with / or ~/";
  if (rest === "") return "is the whole disk";
  if (folder.startsWith("~") || folder.startsWith("/") ? /[\\]/.test(rest) : /\/.*\\|\\.*\//.test(folder)) {
    return "mixes slashes and backslashes";
  }
  const segments = rest.split(/[/\\]/);
  if (segments.includes("..") || segments.includes(".")) return 'has "." or ".." in it';
  // Windows: the second stream of a file; a name with a dot or space at its end is the name without; `SSH~1` is a short name of another.
  if (segments.some((segment) => segment === "" || /:|[. ]$|~\d/.test(segment))) {
    return "has an empty or ambiguous part";
  }
  return null;
}

function placeProblem(folder: string, use: FolderUse): string | null {
  const path = comparable(folder);
  const home = /^(?:~|\/home\/[^/]+|\/users\/[^/]+|[a-z]:\/users\/[^/]+)(?:\/|$)/.exec(path)?.[0];
  const inHome = home === undefined ? null : path.slice(home.length);
  if (inHome === "") return "is a whole home folder: name one in it";
  if (/^(\/|[a-z]:\/)[^/]+$/.test(path)) return "is too much: name a folder in it";
  if (isBelowAny(path, SYSTEM)) return "belongs to the system";
  const held = SECRET.find((name) => `${path}/`.includes(`/${name}/`));
  if (held !== undefined) return `is where secrets lie ("${held}")`;
  if (inHome !== null && BROAD.includes(inHome)) return "is too much: settings and secrets of many programs";
  return use === "write" ? writeProblem(path, inHome) : null;
}

function writeProblem(path: string, inHome: string | null): string | null {
  if (isBelowAny(path, SYSTEM_WRITE)) return "belongs to the system";
  if (path.split("/").some((segment) => STARTED.includes(segment))) {
    return "is a place that programs are started from";
  }
  const isDot = inHome?.startsWith(".") === true;
  if (isDot && !WRITABLE_DOTS.some((dot) => inHome.startsWith(`${dot}/`))) {
    return `holds settings of programs: below a home's dot folders, only ${WRITABLE_DOTS.join(", ")}`;
  }
  return null;
}

function homeProblem(folder: string, { home, kmHome }: Homes): string | null {
  const [path, user, km] = [folder, home, kmHome].map(comparable);
  if (path === undefined || user === undefined || km === undefined) return null;
  if (isBelowAny(path, [km])) return "belongs to km";
  if (isBelowAny(km, [path])) return "holds km's own folder";
  return isBelowAny(user, [path]) ? "holds the whole home folder" : null;
}

/** As file systems that do not tell capitals, or ſ from s, would find it. */
function comparable(path: string): string {
  return path.replaceAll("\\", "/").normalize("NFKC").toLowerCase();
}

function isBelowAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

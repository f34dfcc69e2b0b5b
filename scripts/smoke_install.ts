/** Installs km with the line of the README, hands it to a proof, and removes it with the same line. @module */
import { run, type Subject } from "./smoke_proofs.ts";

/** Where a km is installed from. */
export interface InstallSource {
  /** Folder of the manifests and installers, without a slash at its end. */
  readonly baseUrl: string;
  /** An empty folder: the home of the user who installs. */
  readonly home: string;
  readonly version?: string;
  /** Whether that version is asked for by KM_VERSION; else the installer takes the newest stable one. */
  readonly pinned: boolean;
}

/** The newest stable version at an address; null where there is none: only pre-releases were made. @throws {Error} when the address does not answer */
export async function newestStable(baseUrl: string): Promise<string | null> {
  const answer = await fetch(`${baseUrl}/stable.json`, { signal: AbortSignal.timeout(30_000) });
  const text = await answer.text();
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${baseUrl}/stable.json: ${answer.status}`);
  // Only what to expect is read from it: the installer proves it.
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** A folder that is served on this machine until it is disposed of. */
export interface ServedFolder extends AsyncDisposable {
  readonly baseUrl: string;
}

/** Serves the files of a folder at 127.0.0.1. */
export function serveFolder(folder: string): ServedFolder {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const name = decodeURIComponent(new URL(url).pathname).slice(1);
    if (!/^[\w.+-]+$/.test(name)) return new Response("no such file\n", { status: 404 });
    const file = await Deno.open(`${folder}/${name}`).catch(() => null);
    if (file === null) return new Response("no such file\n", { status: 404 });
    const { size } = await file.stat();
    return new Response(file.readable, { headers: { "content-length": String(size) } });
  });
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/**
 * Installs km, proves it by `prove` and uninstalls it. Returns how much failed.
 * On Windows, the Path of the user is written and restored for real: there is only one.
 */
export async function installed(
  { baseUrl, home, version, pinned }: InstallSource,
  prove: (subject: Subject) => Promise<number>,
  tell: (line: string) => void,
): Promise<number> {
  const windows = Deno.build.os === "windows";
  const folder = `${home}/bin`;
  const km = windows ? `${folder}/km.exe` : `${folder}/km`;
  const env = {
    ...(windows ? {} : { HOME: home, XDG_CACHE_HOME: `${home}/.cache`, TMPDIR: `${home}/tmp` }),
    KM_BASE_URL: baseUrl,
    KM_INSTALL: folder,
    KM_HOME: `${home}/km`,
    ...(pinned && version !== undefined ? { KM_VERSION: version } : {}),
  };
  await Deno.mkdir(`${home}/tmp`, { recursive: true });
  const ask = windows ? windowsLine(baseUrl) : ["sh", "-c", `curl -fsSL '${baseUrl}/install.sh' | sh`];
  const installing = await run(ask, env);
  tell(indent(installing.out + installing.err));
  if (installing.code !== 0 || !await exists(km)) {
    tell(`FAILED  install: ended with ${installing.code}, ${km} is ${await exists(km) ? "" : "not "}there`);
    return 1;
  }
  const failed = await prove({ km, env, update: true, ...(version === undefined ? {} : { version }) });
  const undo = windows
    ? windowsLine(baseUrl)
    : ["sh", "-c", `curl -fsSL '${baseUrl}/install.sh' | sh -s -- --uninstall`];
  const removing = await run(undo, windows ? { ...env, KM_UNINSTALL: "1" } : env);
  tell(indent(removing.out + removing.err));
  const gone = removing.code === 0 && !await exists(km);
  tell(gone ? "ok      uninstall" : `FAILED  uninstall: ended with ${removing.code}`);
  return failed + (gone ? 0 : 1);
}

/** Windows PowerShell 5.1 is on every Windows; an error that is thrown is its exit code. */
function windowsLine(baseUrl: string): string[] {
  return [
    "powershell.exe",
    "-NoProfile",
    "-NonInteractive",
    "-Command",
    `irm '${baseUrl}/install.ps1' | iex`,
  ];
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "        ");
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

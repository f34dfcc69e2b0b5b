/** How km starts itself once more. @module */

/** The command line that runs `km <args…>`: the single file itself, or this Deno with the same entry point. */
export function selfCommand(...args: string[]): [string, ...string[]] {
  if (Deno.build.standalone) return [Deno.execPath(), ...args];
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "-A",
    Deno.mainModule.startsWith("file:") ? filePath(Deno.mainModule) : Deno.mainModule,
    ...args,
  ];
}

function filePath(url: string): string {
  const path = decodeURIComponent(new URL(url).pathname);
  return Deno.build.os === "windows" ? path.replace(/^\//, "").replaceAll("/", "\\") : path;
}

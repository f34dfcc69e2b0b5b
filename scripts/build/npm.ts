/** npm as a program: its registry, proxies and credentials are the user's own settings. @module */
import { KmError } from "../../src/core/error.ts";

const NPM = Deno.build.os === "windows" ? "npm.cmd" : "npm";

/** Runs npm and returns what it printed. @throws {KmError} download_failed, with npm's own reason */
export async function npm(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(NPM, {
    args: [...args, "--no-update-notifier", "--no-fund", "--no-audit"],
    stdin: "null",
  }).output().catch((error) => {
    throw new KmError("download_failed", `Cannot run npm: ${error.message}`, {
      hint: "install Node.js, which brings npm",
      cause: error,
    });
  });
  if (success) return new TextDecoder().decode(stdout);
  throw new KmError("download_failed", `Cannot "npm ${args.join(" ")}": ${reasonIn(stderr)}`, {
    hint: "npm's own settings say which registry is asked: npm config get registry",
  });
}

/** npm explains itself on several lines; the first that is no bare code says most. */
function reasonIn(stderr: Uint8Array): string {
  const lines = new TextDecoder().decode(stderr).split("\n").filter((line) => line.startsWith("npm error "));
  const told = lines.map((line) => line.slice("npm error ".length).replace(/^\d{3} /, "").trim());
  return told.find((line) => line !== "" && !/^(code|errno|syscall|\d{3}$)/.test(line)) ?? told[0] ??
    "npm failed";
}

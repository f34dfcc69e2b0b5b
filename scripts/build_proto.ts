/**
 * `deno task build:proto`: checks the schemas in `proto/` and makes `proto/gen` of them, which is committed, so that nobody who builds km needs
 * buf. With `--release` it also writes `proto/released.binpb`, what later schemas must stay compatible with: once per release that changed them.
 *
 * buf and its plugin come from npm with the programs of the tests (`tests/npm`).
 * @module
 */
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the schemas are. */
export const PROTO_FOLDER: string = fileURLToPath(new URL("../proto/", import.meta.url));
/** Deno's word for each processor, and npm's. */
const ARCHITECTURES = { x86_64: "x64", aarch64: Deno.build.os === "linux" ? "aarch64" : "arm64" } as const;
const PROGRAMS = fileURLToPath(new URL("../tests/npm/node_modules/.bin/", import.meta.url));
/** Null where the programs of the tests are not installed. */
export const BUF: string | null = findBuf();

if (import.meta.main) {
  await expectDone(["lint"]);
  await expectDone(["breaking", "--against", "released.binpb"]);
  await generateProto(PROTO_FOLDER);
  if (Deno.args.includes("--release")) {
    await expectDone(["build", "--exclude-source-info", "-o", "released.binpb"]);
  }
}

/** Writes what is made of the schemas into `folder`/gen. */
export async function generateProto(folder: string): Promise<void> {
  await expectDone(["generate", "-o", folder]);
}

/** Runs buf where the schemas are; `output` is what it said. */
export async function runBuf(args: readonly string[]): Promise<{ success: boolean; output: string }> {
  if (BUF === null) {
    throw new Error("buf is not installed: deno task test fetches it, or: cd tests/npm && npm ci");
  }
  const { success, stdout, stderr } = await new Deno.Command(BUF, {
    args: [...args],
    cwd: PROTO_FOLDER,
    env: { PATH: `${PROGRAMS}${delimiter}${Deno.env.get("PATH") ?? ""}`, BUF_LOG_FORMAT: "text" },
    stdin: "null",
  }).output();
  return { success, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function expectDone(args: readonly string[]): Promise<void> {
  const { success, output } = await runBuf(args);
  if (!success) throw new Error(`buf ${args.join(" ")}:\n${output}`);
}

/**
 * The program itself: `@bufbuild/buf` names a package for each system, and the lock file of who installs it from a registry that lacks one of
 * them is refused by `npm ci`.
 */
function findBuf(): string | null {
  const system = `${Deno.build.os === "windows" ? "win32" : Deno.build.os}-${ARCHITECTURES[Deno.build.arch]}`;
  const name = Deno.build.os === "windows" ? "buf.exe" : "buf";
  const path = join(PROGRAMS, `../@bufbuild/buf-${system}/bin/${name}`);
  try {
    return Deno.statSync(path).isFile ? path : null;
  } catch {
    return null;
  }
}

/** Reading and writing what belongs to the user. @module */
import { type Attempt, attempts } from "../attempt.ts";

const DENO = attempts("files", [
  ["file-read-text", "Reads a file as text", `return await Deno.readTextFile(c.file);`],
  ["file-read-text-sync", "Reads a file as text, at once", `return Deno.readTextFileSync(c.file);`],
  ["file-read-bytes", "Reads a file's bytes", `return show(await Deno.readFile(c.file));`],
  ["file-read-url", "Reads a file by its URL", `return Deno.readTextFileSync(new URL(c.url));`],
  [
    "file-open",
    "Opens a file and reads from it",
    `const file = await Deno.open(c.file); const b = new Uint8Array(512); await file.read(b); return show(b);`,
  ],
  [
    "file-open-stream",
    "Opens a file as a stream",
    `const file = Deno.openSync(c.file); return await new Response(file.readable).text();`,
  ],
  [
    "file-dots",
    "Reads a file by a way with dots",
    `return Deno.readTextFileSync(c.folder + "/../" + c.folder.split("/").pop() + "/./" + c.file.split("/").pop());`,
  ],
  [
    "file-slashes",
    "Reads a file by a way with many slashes",
    `return Deno.readTextFileSync("//" + c.file.replaceAll("/", "///"));`,
  ],
  [
    "file-nul",
    "Reads a file with a NUL behind its name",
    `return Deno.readTextFileSync(c.file + "\\0.txt");`,
  ],
  [
    "file-case",
    "Reads a file by its name in capitals",
    `return Deno.readTextFileSync(c.file.toUpperCase());`,
  ],
  ["file-stat", "Asks when a file was changed", `return String((await Deno.stat(c.file)).mtime.getTime());`],
  [
    "file-lstat",
    "Asks when a file was changed, without links",
    `return String(Deno.lstatSync(c.file).mtime.getTime());`,
  ],
  [
    "file-list",
    "Lists a folder",
    `return (await Array.fromAsync(Deno.readDir(c.folder), (e) => e.name)).join();`,
  ],
  [
    "file-list-sync",
    "Lists a folder at once",
    `return [...Deno.readDirSync(c.folder)].map((e) => e.name).join();`,
  ],
  ["file-real-path", "Asks where a link leads in the end", `return await Deno.realPath(c.link);`],
  ["file-read-link", "Asks where a link leads", `return Deno.readLinkSync(c.link);`],
  ["file-through-link", "Reads a file through a link", `return Deno.readTextFileSync(c.link);`],
  ["file-copy", "Copies a file", `await Deno.copyFile(c.file, c.out + "/file-copy");`],
  ["file-write", "Writes a file", `await Deno.writeTextFile(c.out + "/file-write", "x");`],
  [
    "file-write-sync",
    "Writes a file at once",
    `Deno.writeFileSync(c.out + "/file-write-sync", new Uint8Array(3));`,
  ],
  ["file-create", "Creates a file", `(await Deno.create(c.out + "/file-create")).close();`],
  ["file-append", "Adds to a file", `await Deno.writeTextFile(c.victim, "x", { append: true });`],
  ["file-make-folder", "Makes a folder", `await Deno.mkdir(c.out + "/file-make-folder");`],
  [
    "file-temp-folder",
    "Makes a temporary folder",
    `return await Deno.makeTempDir({ dir: c.out }) && c.claim;`,
  ],
  ["file-temp-file", "Makes a temporary file", `return Deno.makeTempFileSync({ dir: c.out }) && c.claim;`],
  [
    "file-temp-anywhere",
    "Makes a temporary file where the system keeps them",
    `return Deno.makeTempFileSync() && c.claim;`,
  ],
  ["file-remove", "Removes a file", `await Deno.remove(c.victim);`],
  ["file-rename", "Renames a file", `Deno.renameSync(c.victim, c.out + "/file-rename");`],
  ["file-symlink", "Makes a symbolic link", `await Deno.symlink(c.file, c.out + "/file-symlink");`],
  ["file-hard-link", "Makes a hard link", `Deno.linkSync(c.file, c.out + "/file-hard-link");`],
  ["file-truncate", "Cuts a file", `await Deno.truncate(c.victim, 1);`],
  ["file-mode", "Changes who may read a file", `await Deno.chmod(c.victim, 0o777);`],
  ["file-owner", "Changes whose a file is", `await Deno.chown(c.victim, 1, 1);`],
  ["file-time", "Changes a file's time", `Deno.utimeSync(c.victim, 1, 1);`],
  ["file-watch", "Watches a folder", `const w = Deno.watchFs(c.folder); w.close(); return c.claim;`],
  ["file-chdir", "Goes to another folder", `Deno.chdir(c.folder); return c.claim;`],
  ["file-umask", "Asks what new files are closed to", `return Deno.umask() >= 0 ? c.claim : "";`],
  [
    "file-resource",
    "Makes a file of a number",
    `const f = new Deno.FsFile(3); const b = new Uint8Array(64); f.readSync(b); return show(b);`,
  ],
  ["file-fetch", "Fetches a file", `return await (await fetch(c.url)).text();`],
  [
    "file-fetch-wasm",
    "Compiles a file as WebAssembly",
    `return String(await WebAssembly.compileStreaming(fetch(c.url)));`,
  ],
]);

const NODE = attempts("files", [
  [
    "file-node-read",
    "Reads a file by node:fs",
    `return (await load("node:fs")).readFileSync(c.file, "utf8");`,
  ],
  ["file-node-bare", "Reads a file by fs", `return (await load("fs")).readFileSync(c.file, "utf8");`],
  [
    "file-node-promises",
    "Reads a file by node:fs/promises",
    `return await (await load("node:fs/promises")).readFile(c.file, "utf8");`,
  ],
  [
    "file-node-builtin",
    "Reads a file by getBuiltinModule",
    `return process.getBuiltinModule("node:fs").readFileSync(c.file, "utf8");`,
  ],
  [
    "file-node-blob",
    "Reads a file as a blob",
    `return await (await (await load("node:fs")).openAsBlob(c.file)).text();`,
  ],
  [
    "file-node-glob",
    "Looks for files by a pattern",
    `return (await load("node:fs")).globSync(c.folder + "/*").join();`,
  ],
  [
    "file-node-write",
    "Writes a file by node:fs",
    `(await load("node:fs")).writeFileSync(c.out + "/file-node-write", "x");`,
  ],
  [
    "file-node-copy",
    "Copies a folder by node:fs",
    `(await load("node:fs")).cpSync(c.folder, c.out + "/copied", { recursive: true });`,
  ],
  [
    "file-node-exists",
    "Asks whether a file is there",
    `return (await load("node:fs")).existsSync(c.file) ? c.claim : "";`,
  ],
  [
    "file-node-access",
    "Asks whether a file may be read",
    `(await load("node:fs")).accessSync(c.file); return c.claim;`,
  ],
  [
    "file-node-require",
    "Reads a file by require",
    `return JSON.stringify((await load("node:module")).createRequire(c.url)(c.file + ".json"));`,
  ],
  [
    "file-node-wasi",
    "Opens a folder by WASI",
    `new (await load("node:wasi")).WASI({ version: "preview1", preopens: { "/": c.folder } }); return c.claim;`,
  ],
]);

/** Attempts on files. */
export const FILES: readonly Attempt[] = [...DENO, ...NODE];

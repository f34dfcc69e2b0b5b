/** Commands of `km plugins` for those who write plugins. Each is one file here; nothing is loaded before it is asked for. @module */
import type { Loader } from "../../command.ts";

/** By the word behind `km plugins`; each record's `name` is both words: `plugins new`. */
export const AUTHOR_COMMANDS: Readonly<Record<string, Loader>> = {
  new: () => import("./new.ts"),
  dev: () => import("./dev.ts"),
  test: () => import("./test_command.ts"),
  build: () => import("./build.ts"),
  keygen: () => import("./keygen.ts"),
  sign: () => import("./sign.ts"),
  verify: () => import("./verify.ts"),
};

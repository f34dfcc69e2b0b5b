/** Every attempt. @module */
import type { Attempt } from "../attempt.ts";
import { FILES } from "./files.ts";
import { FORGING } from "./forge.ts";
import { IMPORTS } from "./imports.ts";
import { NETWORKS } from "./network.ts";
import { PROC_AND_LINKS } from "./proc.ts";
import { RUNNING } from "./programs.ts";
import { REACHING } from "./reach.ts";
import { RESOURCES } from "./resources.ts";
import { SYSTEM_AND_ENVIRONMENT } from "./system.ts";

export const ATTEMPTS: readonly Attempt[] = [
  ...FILES,
  ...PROC_AND_LINKS,
  ...SYSTEM_AND_ENVIRONMENT,
  ...NETWORKS,
  ...RUNNING,
  ...IMPORTS,
  ...REACHING,
  ...FORGING,
  ...RESOURCES,
];

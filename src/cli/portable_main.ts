/** Where the portable file comes in: its header passes its own path in front of the user's words, and what it changed in the environment. @module */
import { restoreLaunchEnvironment } from "../config/launch_environment.ts";
import { enterPortable } from "./installation.ts";
import { main } from "./main.ts";

restoreLaunchEnvironment();
const [file = "", ...argv] = Deno.args;
enterPortable(file);
Deno.exit(await main(argv));

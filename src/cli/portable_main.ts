/** Where the portable file comes in: its header passes its own path in front of the user's words. @module */
import { enterPortable } from "./installation.ts";
import { main } from "./main.ts";

const [file = "", ...argv] = Deno.args;
enterPortable(file);
Deno.exit(await main(argv));

/** Downloads Deno as its one argument says (JSON of a `DenoDownload`): a process that can be killed in the middle of it. @module */
import { downloadDeno } from "../../src/proc/deno_download.ts";

await downloadDeno(JSON.parse(Deno.args[0] ?? ""));

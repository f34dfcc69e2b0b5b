/** The Deno that helps an author: the one that plugins run on. @module */
import { environment } from "../../../config/environment.ts";
import type { DenoTool } from "../../../plugins/author/deno_tools.ts";
import { findDeno } from "../../../proc/deno_runtime.ts";
import { denoPlaces } from "../../deno_for_plugins.ts";

/** Finds it; null with the reason where there is none. */
export async function denoTool(): Promise<DenoTool> {
  const found = await findDeno(denoPlaces());
  switch (found.status) {
    case "ready":
      return { path: found.path, env: environment() };
    case "refused":
      return { path: null, reason: `KM_DENO will not do: ${found.reason}`, hint: found.hint };
    case "off":
      return { path: null, reason: "there is none that plugins can run on", hint: found.hint };
  }
}

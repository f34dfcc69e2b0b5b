/** What `km plugins licence`, `login` and `logout` do. @module */
import { describeLicence, type Licence } from "../../auth/licence.ts";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { askLine, canAsk } from "../ask.ts";
import { jsonText } from "../json_text.ts";
import { write, writeError } from "../terminal.ts";
import type { LICENCE_JSON } from "./licence_contract.ts";
import { currentLicence, logIn, logOut } from "./licence.ts";

/** Longest text that is read as a token; a token has about 1,200 characters. */
const MAX_TOKEN_BYTES = 64 * 1024;

/** Prints what the licence opens; returns the exit code. */
export async function showLicence(json: boolean): Promise<number> {
  return print(await currentLicence(), json);
}

/** Takes the token of `tokenFile`, else of stdin. @throws {KmError} usage, not_found, not_trusted, store_unavailable */
export async function logInNow(tokenFile: string | undefined, json: boolean): Promise<number> {
  const licence = await logIn(tokenFile === undefined ? await tokenOfStdin() : tokenOfFile(tokenFile));
  return print(licence, json);
}

/** Forgets the token. */
export async function logOutNow(json: boolean): Promise<number> {
  const wasThere = await logOut();
  if (!json) {
    writeError(
      wasThere
        ? "signed out; plugins of higher tiers stop within seconds\n"
        : "there was no licence to sign out of\n",
    );
    return 0;
  }
  return print(await currentLicence(), json);
}

function print(licence: Licence, json: boolean): number {
  write(`${json ? jsonText(fields(licence)) : printable(describeLicence(licence))}\n`);
  return 0;
}

function fields({ state, tier, customerId, plugins, expiresAtS, graceEndsAtS, reason }: Licence): Record<
  keyof typeof LICENCE_JSON,
  unknown
> {
  return {
    state,
    tier,
    customerId,
    plugins,
    expiresAt: timeOf(expiresAtS),
    graceEndsAt: timeOf(graceEndsAtS),
    reason,
  };
}

function timeOf(timeS: number | null): string | null {
  const date = new Date((timeS ?? NaN) * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function tokenOfFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new KmError("not_found", `Cannot read the token file "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function tokenOfStdin(): Promise<string> {
  if (canAsk()) return askLine("Licence token: ") ?? "";
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of Deno.stdin.readable) {
    size += chunk.length;
    if (size > MAX_TOKEN_BYTES) {
      throw new KmError("usage", "What stdin holds is too long for a licence token");
    }
    chunks.push(chunk);
  }
  return await new Blob(chunks).text();
}

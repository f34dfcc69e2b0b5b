/** Where the daemon may listen: loopback, or elsewhere when that is asked for in so many words. @module */
import { lookup } from "node:dns/promises";
import { KmError } from "../core/error.ts";

export interface BindOptions {
  /** TLS, or `--insecure-bind`: what makes another address than loopback acceptable. */
  readonly tls: boolean;
  readonly insecureBind: boolean;
  /** Looks a name up; the system's resolver, which also reads `127.1` and `2130706433` as addresses. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/**
 * The address to listen on for `--host`. What was judged is what is listened on: a name is looked up once, here.
 * @throws {KmError} usage when it is not loopback and nothing says that this is wanted, or when there is no such host
 */
export async function bindAddress(host: string, options: BindOptions): Promise<string> {
  const addresses = await (options.resolve ?? systemResolve)(withoutBrackets(host)).catch(() => []);
  const [first] = addresses;
  if (first === undefined) {
    throw new KmError("usage", `Cannot listen on "${host}": no such host`, {
      hint: "give an address of this machine, such as 127.0.0.1",
    });
  }
  if (addresses.every(isLoopback) || options.tls || options.insecureBind) return first;
  throw new KmError("usage", `Cannot listen on "${host}": other machines could reach it, unencrypted`, {
    hint: "leave out --host, or give --tls-cert and --tls-key; " +
      "--insecure-bind serves plain HTTP there all the same, where everyone on the way can read token and data",
  });
}

/** True for an IP address that only this machine reaches. */
export function isLoopback(address: string): boolean {
  const v4 = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  return /^127(\.\d{1,3}){3}$/.test(v4) || address === "::1";
}

function withoutBrackets(host: string): string {
  return /^\[(.*)\]$/.exec(host)?.[1] ?? host;
}

async function systemResolve(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

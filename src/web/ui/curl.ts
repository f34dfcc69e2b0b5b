/** A command for a shell that asks km's API, as pages print it to be copied. Pure. @module */

export interface CurlOptions {
  /** GET unless told. */
  readonly method?: string;
  /** True when the request needs credentials: those of the file that km keeps its token in. */
  readonly authorized: boolean;
  readonly body?: { readonly type: string; readonly text: string };
  /** True for an answer that does not end, to see it as it comes. */
  readonly streams?: boolean;
}

const TOKEN = `-H "Authorization: Bearer $(cat "\${KM_HOME:-$HOME/.km}/token")"`;

/** Nothing of `url` or the body means anything to the shell. */
export function curlCommand(url: string, { method, authorized, body, streams }: CurlOptions): string {
  return [
    streams ? "curl -sSN" : "curl -sS",
    ...(method === undefined || method.toUpperCase() === "GET" ? [] : [`-X ${method.toUpperCase()}`]),
    ...(authorized ? [TOKEN] : []),
    ...(body ? [`-H ${quote(`Content-Type: ${body.type}`)}`, `-d ${quote(body.text)}`] : []),
    quote(url),
  ].join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The dashboard's files: a closed list, read once. Nothing of a request's path ever reaches the file system. @module */

const FILES: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  "/assets/app.js": { file: "app.js", type: "text/javascript; charset=utf-8" },
  "/assets/app.css": { file: "app.css", type: "text/css; charset=utf-8" },
};
const PAGE = { file: "index.html", type: "text/html; charset=utf-8" };
/** Paths of the dashboard's pages; the page itself decides what it shows. */
const PAGES = /^\/(?:|live|inspect(?:\/[0-9a-f-]{1,36})?|servers|tools|settings|docs)$/;

/** The file at `path`; null when there is none. */
export async function staticFile(path: string): Promise<Response | null> {
  const found = FILES[path] ?? (PAGES.test(path) ? PAGE : undefined);
  if (found === undefined) return null;
  const bytes = await Deno.readFile(new URL(`./static/${found.file}`, import.meta.url));
  return new Response(bytes, { headers: { "Content-Type": found.type } });
}

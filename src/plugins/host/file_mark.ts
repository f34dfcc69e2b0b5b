/** Whether a file is another than at the last look. @module */

export class FileMark {
  readonly #path: string;
  #mark: string;

  /** `known`: as it is now, it is known already. */
  constructor(path: string, { known = false }: { readonly known?: boolean } = {}) {
    this.#path = path;
    this.#mark = known ? markOf(path) : "";
  }

  /** True after each change; at the first look, unless it is known. */
  isChanged(): boolean {
    const mark = markOf(this.#path);
    const isChanged = this.#mark !== mark;
    this.#mark = mark;
    return isChanged;
  }
}

function markOf(path: string): string {
  try {
    const { ino, size, mtime, ctime } = Deno.statSync(path);
    return [ino, size, mtime?.getTime(), ctime?.getTime()].join(" ");
  } catch {
    return "none";
  }
}

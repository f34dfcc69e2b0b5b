/** The model whose price turns tokens into money. @module */

/** What the setting `model` says; null: none is set. */
export function modelOf(text: string): string | null {
  const name = text.trim();
  return name === "none" || name === "" ? null : name;
}

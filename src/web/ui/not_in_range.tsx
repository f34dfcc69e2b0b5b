/** What is said when an address names something that the chosen range does not have. @module */
import type { JSX } from "preact";
import { type Range, RANGES } from "../shell/range.ts";
import { changedQuery } from "../shell/router.ts";
import { Name } from "./name.tsx";

export function NotInRange({ name, range }: { readonly name: string; readonly range: Range }): JSX.Element {
  const longest = RANGES.at(-1)?.value ?? range.value;
  return (
    <p class="quiet-note" role="status">
      <strong>
        <Name text={name} />
      </strong>{" "}
      was not seen in {range.words}.{" "}
      {range.value !== longest && (
        <a href={location.pathname + changedQuery(location.search, { range: longest })}>Look further back</a>
      )}
    </p>
  );
}

/** What stands where rows will be, as high as they will be. @module */
import type { JSX } from "preact";

export function RowsSkeleton({ rows }: { readonly rows: number }): JSX.Element {
  return (
    <div class="rows-skeleton" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows + 1 }, (_, at) => (
        <div key={at}>
          <span class="skeleton" />
        </div>
      ))}
    </div>
  );
}

/** What plugins noted on a message, in their words. @module */
import type { JSX } from "preact";
import { printable, printableLines } from "../../core/printable.ts";
import { Name } from "../ui/name.tsx";
import type { Annotation } from "./detail.ts";

export function Annotations({ annotations }: { readonly annotations: readonly Annotation[] }): JSX.Element {
  return (
    <section aria-label="Notes of plugins">
      <h3>Notes of plugins</h3>
      <dl class="annotations">
        {annotations.map(({ plugin, key, value }) => (
          <div key={`${plugin} ${key}`} title={`The plugin ${printable(plugin)} says this`}>
            <dt>
              <Name text={plugin} />: <Name text={key} />
            </dt>
            <dd>{printableLines(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

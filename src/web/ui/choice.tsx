/** A choice of one among few, shown side by side. @module */
import type { JSX } from "preact";
import { useId } from "preact/hooks";

export interface ChoiceProps<Value extends string> {
  /** What is chosen, for those who cannot see it. */
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly title?: string }[];
  readonly value: Value;
  onChoose(value: Value): void;
}

/** Radio buttons in the shape of a segmented control: arrow keys move within. */
export function Choice<Value extends string>(
  { label, options, value, onChoose }: ChoiceProps<Value>,
): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="sr-only">{label}</legend>
      {options.map((option) => (
        <label key={option.value} title={option.title}>
          <input
            type="radio"
            class="sr-only"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

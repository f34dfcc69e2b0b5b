/** The odometer: how far everything has come, in digits that roll. @module */
import type { JSX } from "preact";
import { printable } from "../../core/printable.ts";
import { useState } from "preact/hooks";
import { formatPercent, plural } from "../../core/quantity.ts";
import type { Odometer as Distance, Overview } from "../shell/contract.ts";
import { liveHref } from "../shell/links.ts";
import { Choice } from "../ui/choice.tsx";
import { formatMoney, formatOdometer } from "../ui/figures.ts";

const PERIODS = [
  { value: "today", label: "Today" },
  { value: "week", label: "Week", title: "Seven days, today included" },
  { value: "all", label: "All", title: "Everything that is recorded" },
] as const;

type Period = typeof PERIODS[number]["value"];

export function Odometer({ overview }: { readonly overview: Overview | null }): JSX.Element {
  const [period, setPeriod] = useState<Period>("today");
  const odometer = overview?.odometer;
  const [now, before] = [odometer?.[period], period === "today" ? odometer?.yesterday : odometer?.today];
  const compare = (value: (distance: Distance) => string) =>
    before === undefined ? "" : period === "today" ? `${value(before)} yesterday` : `${value(before)} today`;
  return (
    <section class="card odometer" aria-labelledby="odometer-title" aria-busy={overview === null}>
      <header class="card-head">
        <h2 id="odometer-title">Odometer</h2>
        <div class="card-aside">
          <Choice<Period>
            label="Period of the odometer"
            options={PERIODS}
            value={period}
            onChoose={setPeriod}
          />
        </div>
      </header>
      <dl class="odometer-figures">
        <Figure
          label="Messages"
          title="All that is recorded: messages of clients and servers, lines of servers' logs, and what km saw of servers"
          value={now?.messages}
          note={compare((at) => formatOdometer(at.messages))}
        />
        <Figure
          label="Calls"
          value={now?.calls}
          note={compare((at) => formatOdometer(at.calls))}
          {...(now !== undefined && now.errors > 0 &&
            {
              warning: `${plural(now.errors, "error")}, ${
                formatPercent(now.errors / Math.max(1, now.calls))
              }`,
            })}
        />
        <Figure
          label="Tokens"
          title="Estimated: what the answers of tools put into a model"
          value={now?.tokens}
          note={compare((at) => formatOdometer(at.tokens))}
        />
        <Money distance={now} model={overview?.model ?? null} note={compare((at) => money(at))} />
      </dl>
    </section>
  );
}

function Figure(
  { label, title, value, note, warning }: {
    readonly label: string;
    readonly title?: string;
    readonly value: number | undefined;
    readonly note: string;
    readonly warning?: string;
  },
): JSX.Element {
  return (
    <div class="figure">
      <dt title={title}>{label}</dt>
      <dd class="figure-value">
        {value === undefined
          ? <span class="skeleton digits-skeleton" />
          : <Digits text={formatOdometer(value)} />}
      </dd>
      <dd class="figure-note">
        {note}
        {warning !== undefined && <a class="is-bad" href={liveHref({ outcome: "errors" })}>{warning}</a>}
      </dd>
    </div>
  );
}

function Money(
  { distance, model, note }: {
    readonly distance: Distance | undefined;
    readonly model: string | null;
    readonly note: string;
  },
): JSX.Element {
  const known = distance !== undefined && distance.costMicroUsd !== null;
  return (
    <div class="figure">
      <dt title="What those tokens cost as input of the model that the setting names">
        {model === null ? "Money" : (
          <>
            Money <span class="sub">as {printable(model)}</span>
          </>
        )}
      </dt>
      <dd class="figure-value">
        {distance === undefined
          ? <span class="skeleton digits-skeleton" />
          : known
          ? <Digits text={money(distance)} />
          : <span class="none">–</span>}
      </dd>
      <dd class="figure-note">
        {known
          ? note
          : distance === undefined
          ? ""
          : model === null
          ? <a href="/settings">Name a model to see money</a>
          : `No price is known for ${printable(model)}`}
      </dd>
    </div>
  );
}

function money({ costMicroUsd }: Distance): string {
  return costMicroUsd === null ? "–" : formatMoney(costMicroUsd);
}

/** Text whose digits roll to their next value, as on the instrument. */
function Digits({ text }: { readonly text: string }): JSX.Element {
  const signs = [...text];
  return (
    <span class="digits">
      <span class="sr-only">{text}</span>
      <span aria-hidden="true" class="digits-row">
        {signs.map((sign, at) => {
          // Counted from the right: the ones stay the ones when a number grows longer.
          const place = signs.length - at;
          return /\d/.test(sign)
            ? <Wheel key={`wheel ${place}`} digit={Number(sign)} />
            : <span key={`sign ${place}`} class="digits-sign">{sign}</span>;
        })}
      </span>
    </span>
  );
}

function Wheel({ digit }: { readonly digit: number }): JSX.Element {
  return (
    <span class="wheel">
      <span class={`wheel-strip at-${digit}`}>0123456789</span>
    </span>
  );
}

/** What is known of a message and its call, in pairs. @module */
import type { ComponentChildren, JSX } from "preact";
import type { Outcome } from "../../core/event.ts";
import { printable } from "../../core/printable.ts";
import { formatBytes, formatDuration } from "../../core/quantity.ts";
import { liveHref } from "../shell/links.ts";
import { formatCount } from "../ui/figures.ts";
import type { Detail } from "./detail.ts";

const OUTCOMES: Readonly<Record<Outcome, { readonly class: string; readonly text: string }>> = {
  open: { class: "info", text: "waiting for its answer" },
  ok: { class: "good", text: "ok" },
  error: { class: "bad", text: "error" },
  tool_error: { class: "bad", text: "the tool failed" },
  cancelled: { class: "warn", text: "cancelled" },
  late: { class: "warn", text: "answered after it was cancelled" },
  hung: { class: "bad", text: "never answered" },
};

export function Facts({ detail }: { readonly detail: Detail }): JSX.Element {
  const { event, call } = detail;
  const outcome = call && OUTCOMES[call.outcome];
  return (
    <dl class="message-facts">
      {outcome && (
        <Fact name="Outcome">
          <span class={`tag ${outcome.class}`}>{outcome.text}</span>
        </Fact>
      )}
      {call && <Fact name="Took">{formatDuration(call.durationMs) || "–"}</Fact>}
      {call && (
        <Fact name="Sizes" title="Of the request → of the answer">
          {formatBytes(call.requestBytes)} → {formatBytes(call.responseBytes)}
        </Fact>
      )}
      {call && call.tokens > 0 && (
        <Fact name="Tokens" title="An estimate of what the answer takes of a model's context">
          ≈ {formatCount(call.tokens)}
        </Fact>
      )}
      <Fact name="Server">
        <a href={liveHref({ server: event.server })}>{printable(event.server)}</a>
      </Fact>
      {call && call.client !== null && <Fact name="Client">{printable(call.client)}</Fact>}
      <Fact name="Run" title={printable(event.correlationId)}>
        <a class="facts-id" href={liveHref({ correlation: event.correlationId })}>
          {printable(event.correlationId)}
        </a>
      </Fact>
      {event.rpcId !== null && (
        <Fact name="RPC id">
          <code>{printable(event.rpcId)}</code>
        </Fact>
      )}
      {call && call.operationId !== null && (
        <Fact name="Continues">
          <a class="facts-id" href={`/inspect/${call.operationId}`}>{call.operationId}</a>
        </Fact>
      )}
      <Fact name="Id" title={event.id}>
        <code class="facts-id">{event.id}</code>
      </Fact>
    </dl>
  );
}

function Fact(
  { name, title, children }: {
    readonly name: string;
    readonly title?: string;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

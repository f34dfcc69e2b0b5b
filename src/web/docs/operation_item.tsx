/** One operation of the API: opened, it tells all that the contract says about it. @module */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { CopyLine } from "../ui/copy_line.tsx";
import {
  type Content,
  type Contract,
  curlLine,
  type Operation,
  type Parameter,
  resolveResponse,
} from "./contract_reader.ts";
import { Inline, Prose } from "./prose.tsx";
import { type Schema, schemaFields, typeWords } from "./schema.ts";

export interface OperationProps {
  readonly operation: Operation;
  readonly contract: Contract;
}

export function OperationItem(
  { operation, contract, open }: OperationProps & { readonly open: boolean },
): JSX.Element {
  const [isOpen, setOpen] = useState(open);
  useEffect(() => {
    if (open) setOpen(true);
  }, [open]);
  return (
    <details
      class="operation"
      id={`op-${operation.id}`}
      open={isOpen}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>
        <span class={`method ${operation.method}`}>{operation.method}</span>
        <code class="operation-path">{operation.path}</code>
        <span class="operation-summary">{operation.summary}</span>
        <Scope scope={operation.scope} />
      </summary>
      {isOpen && <OperationBody operation={operation} contract={contract} />}
    </details>
  );
}

function Scope({ scope }: { readonly scope: string | null }): JSX.Element {
  if (scope === null) return <span class="tag">open</span>;
  if (scope === "any") return <span class="tag info">signed in</span>;
  return <span class={`tag ${scope === "admin" ? "warn" : "info"}`}>{scope}</span>;
}

function OperationBody({ operation, contract }: OperationProps): JSX.Element {
  const curl = curlLine(operation, contract, location.origin);
  return (
    <div class="operation-body">
      {operation.description !== undefined && <Prose text={operation.description} />}
      {curl !== null && <CopyLine text={curl} label="Copy the curl line" />}
      <Parameters parameters={operation.parameters ?? []} />
      {operation.requestBody && (
        <Bodies
          title="Body"
          content={operation.requestBody.content}
          description={operation.requestBody.description ?? ""}
          contract={contract}
        />
      )}
      <h3>Responses</h3>
      {Object.entries(operation.responses).map(([status, told]) => {
        const response = resolveResponse(told, contract);
        const good = /^[123]/.test(status);
        return (
          <details key={status} class="response" open={good}>
            <summary>
              <span class={`tag ${good ? "good" : ""}`}>{status}</span>{" "}
              <Inline text={response.description ?? ""} />
            </summary>
            {response.content && <Bodies content={response.content} contract={contract} />}
          </details>
        );
      })}
    </div>
  );
}

function Parameters({ parameters }: { readonly parameters: readonly Parameter[] }): JSX.Element | null {
  if (parameters.length === 0) return null;
  return (
    <>
      <h3>Parameters</h3>
      <ul class="fields">
        {parameters.map(({ name, in: place, required, description, schema }) => (
          <li key={`${place} ${name}`}>
            <span class="field-name">
              <code>{name}</code>
              {place !== "query" && <span class="sub">{place}</span>}
              {required && <span class="tag warn">required</span>}
            </span>
            <span class="field-type">
              {typeWords(schema)}
              {schema.default !== undefined && `, ${JSON.stringify(schema.default)} when left out`}
            </span>
            <span class="field-text">
              <Inline text={description ?? schema.description ?? ""} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Bodies(
  { title, content, description = "", contract }: {
    readonly title?: string;
    readonly content: Content;
    readonly description?: string;
    readonly contract: Contract;
  },
): JSX.Element {
  return (
    <>
      {title !== undefined && <h3>{title}</h3>}
      {description !== "" && <Prose text={description} />}
      {Object.entries(content).map(([type, { schema }]) => (
        <div key={type}>
          <p class="sub">
            {type} {schema && <code>{typeWords(schema)}</code>}
          </p>
          {schema && <Fields schema={schema} contract={contract} />}
        </div>
      ))}
    </>
  );
}

function Fields(
  { schema, contract }: { readonly schema: Schema; readonly contract: Contract },
): JSX.Element | null {
  const fields = schemaFields(schema, contract.components?.schemas ?? {});
  if (fields.length === 0) return null;
  return (
    <ul class="fields">
      {fields.map(({ path, type, required, description }) => (
        <li key={path.join(".")} class={`depth-${Math.min(path.length, 6)}`}>
          <span class="field-name">
            <code>{path.at(-1)}</code>
            {!required && <span class="sub">optional</span>}
          </span>
          <span class="field-type">{type}</span>
          <span class="field-text">
            <Inline text={description} />
          </span>
        </li>
      ))}
    </ul>
  );
}

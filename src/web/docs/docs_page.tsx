/** The reader of the API's contract. @module */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { answer, useQuery } from "../shell/api.ts";
import { setParams, usePlace } from "../shell/router.ts";
import { CopyLine } from "../ui/copy_line.tsx";
import { curlCommand } from "../ui/curl.ts";
import { Empty } from "../ui/empty.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { PageHead } from "../ui/page_head.tsx";
import { RowsSkeleton } from "../ui/skeleton.tsx";
import { type Contract, findOperations, type Group, readGroups } from "./contract_reader.ts";
import { OperationItem } from "./operation_item.tsx";
import { Prose } from "./prose.tsx";

export function DocsPage(): JSX.Element {
  const { params } = usePlace();
  const { data, error, refresh } = useQuery(
    "contract",
    // The contract describes itself only as an object: its own shape is what `Contract` says.
    (signal) => answer<Contract>(fetch("/api/openapi.json", { signal })),
  );
  const groups = useMemo(() => data === null ? null : readGroups(data), [data]);
  const words = params.get("q") ?? "";
  const shown = groups && findOperations(groups, words);
  return (
    <>
      <PageHead title="API" {...(data && { note: `version ${data.info.version}` })}>
        <a class="button" href="/api/openapi.json" download="km-openapi.json">OpenAPI 3.1</a>
      </PageHead>
      {error && <ErrorNote error={error} retry={refresh} />}
      <div class="docs">
        <Index groups={shown ?? []} words={words} />
        <div class="docs-body">
          {data === null || shown === null
            ? !error && (
              <div class="card">
                <RowsSkeleton rows={12} />
              </div>
            )
            : (
              <>
                {words === "" && <Introduction contract={data} />}
                {shown.length === 0 && (
                  <Empty title={`Nothing contains “${words}”`}>
                    Search for a path, a word of a description or the name of a parameter.
                  </Empty>
                )}
                {shown.map((group) => (
                  <GroupPart key={group.name} group={group} contract={data} opened={params.get("op")} />
                ))}
              </>
            )}
        </div>
      </div>
    </>
  );
}

function Index(
  { groups, words }: { readonly groups: readonly Group[]; readonly words: string },
): JSX.Element {
  return (
    <nav class="docs-index" aria-label="Operations">
      <search>
        <input
          class="input"
          type="search"
          aria-label="Search the API"
          placeholder="Search the API"
          value={words}
          onInput={({ currentTarget }) => setParams({ q: currentTarget.value })}
        />
      </search>
      <div class="docs-links">
        {groups.map((group) => (
          <div key={group.name}>
            <p class="docs-group-name">{group.name}</p>
            <ul>
              {group.operations.map(({ id, method, path }) => (
                <li key={id}>
                  <a
                    href={`/docs?op=${id}`}
                    onClick={(event) => {
                      event.preventDefault();
                      setParams({ op: id }, { push: true });
                      show(id);
                    }}
                  >
                    <span class={`method ${method}`}>{method}</span> {path.replace(/^\/api/, "")}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </nav>
  );
}

function Introduction({ contract }: { readonly contract: Contract }): JSX.Element {
  return (
    <section class="card docs-intro" aria-label="Introduction">
      <Prose text={contract.info.description ?? ""} />
      <CopyLine
        label="Copy the curl line"
        text={curlCommand(`${location.origin}/api/activity?limit=5`, { authorized: true })}
      />
    </section>
  );
}

function GroupPart(
  { group, contract, opened }: {
    readonly group: Group;
    readonly contract: Contract;
    readonly opened: string | null;
  },
): JSX.Element {
  // A link to an operation opens the page there.
  useEffect(() => {
    if (opened !== null && group.operations.some(({ id }) => id === opened)) show(opened);
  }, []);
  return (
    <section class="docs-group" aria-labelledby={`group-${group.name}`}>
      <h2 id={`group-${group.name}`}>{group.name}</h2>
      <p class="sub">{group.description}</p>
      <div class="card">
        {group.operations.map((operation) => (
          <OperationItem
            key={operation.id}
            operation={operation}
            contract={contract}
            open={operation.id === opened}
          />
        ))}
      </div>
    </section>
  );
}

function show(id: string): void {
  requestAnimationFrame(() => document.getElementById(`op-${id}`)?.scrollIntoView({ block: "start" }));
}

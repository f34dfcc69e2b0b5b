/** PowerShell read by a real grammar (tree-sitter's), for tests on machines that have no PowerShell. @module */
import { createRequire } from "node:module";
import { ROOT } from "./e2e/harness.ts";

/** A node of the syntax tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly text: string;
  readonly isError: boolean;
  readonly isMissing: boolean;
  readonly hasError: boolean;
  readonly startPosition: { readonly row: number };
  readonly children: readonly SyntaxNode[];
}

interface TreeSitter {
  readonly Parser: {
    new (): { setLanguage(language: unknown): void; parse(text: string): { readonly rootNode: SyntaxNode } };
    init(): Promise<void>;
  };
  readonly Language: { load(path: string): Promise<unknown> };
}

/** Makes a parser. The packages are those of tests/npm. */
export async function powerShellParser(): Promise<(text: string) => SyntaxNode> {
  const require = createRequire(`${ROOT}tests/npm/package.json`);
  // The package has types of its own, which only a file inside of tests/npm would find.
  const { Parser, Language } = require("web-tree-sitter") as TreeSitter;
  await Parser.init();
  const grammar = require.resolve("tree-sitter-powershell/tree-sitter-powershell.wasm");
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return (text) => parser.parse(text).rootNode;
}

/** The node and all below it, in the order of the text. */
export function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const child of node.children) yield* walk(child);
}

/** All nodes of a type. */
export function nodes(root: SyntaxNode, type: string): SyntaxNode[] {
  return [...walk(root)].filter((node) => node.type === type);
}

/** Where the text is no PowerShell: "line: text"; empty when it is. */
export function syntaxErrors(root: SyntaxNode): string[] {
  return [...walk(root)].filter(({ isError, isMissing }) => isError || isMissing)
    .map(({ startPosition, text }) => `${startPosition.row + 1}: ${text.slice(0, 60)}`);
}

/** A function of the text, without the functions inside of it. */
export interface PowerShellFunction {
  readonly name: string;
  readonly commands: readonly SyntaxNode[];
  /** Names of variables that are set here: parameters, assignments, loops. */
  readonly sets: ReadonlySet<string>;
  /** Names of variables that stand here. */
  readonly names: ReadonlySet<string>;
}

/** All functions, the nested ones too. */
export function functionsOf(root: SyntaxNode): PowerShellFunction[] {
  return nodes(root, "function_statement").map((node) => {
    const own = [...walkOwn(node, true)];
    const variables = (found: readonly SyntaxNode[]) =>
      found.filter(({ type }) => type === "variable").map(({ text }) => variableName(text));
    const assigned = own.filter(({ type }) => type === "left_assignment_expression").flatMap(assignedIn);
    const parameters = own.filter(({ type }) => type === "script_parameter" || type === "function_parameter")
      .flatMap((parameter) => variables([...walk(parameter)]).slice(0, 1));
    const declared = own.filter(({ type }) => type === "function_parameter_declaration")
      .flatMap((list) => variables([...walk(list)]));
    const loops = own.filter(({ type }) => type === "foreach_statement")
      .flatMap(({ children }) => variables(children).slice(0, 1));
    return {
      name: nodes(node, "function_name")[0]?.text ?? "",
      commands: own.filter(({ type }) => type === "command"),
      sets: new Set([...assigned, ...parameters, ...declared, ...loops]),
      names: new Set(variables(own)),
    };
  });
}

/** `$a, $b = …` sets both; `$a.b = …` and `$a[1] = …` read $a. */
function assignedIn(left: SyntaxNode): string[] {
  if (!/^\$[\w:]+(\s*,\s*\$[\w:]+)*$/.test(left.text.trim())) return [];
  return left.text.split(",").map((part) => variableName(part.trim()));
}

function* walkOwn(node: SyntaxNode, isTop = false): Generator<SyntaxNode> {
  if (node.type === "function_statement" && !isTop) return;
  yield node;
  for (const child of node.children) yield* walkOwn(child);
}

/** PowerShell does not tell upper case from lower case. */
function variableName(text: string): string {
  return text.replace(/^[$@]\{?/, "").replace(/\}$/, "").toLowerCase();
}

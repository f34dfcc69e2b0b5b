/**
 * `deno lint` plugin that keeps the one law and the owners of `rooms.ts`. It sees every way one file can name another:
 * import, export from, `import type`, `import("…")` as value and as type, `import.meta.resolve`, `new URL("…", import.meta.url)` (workers).
 * @module
 */
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type EdgeKind, refuseEdge, refusePath, refuseUse } from "./rooms.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

const plugin: Deno.lint.Plugin = {
  name: "rooms",
  rules: { direction: { create: checkDirection }, owners: { create: checkOwners } },
};
export default plugin;

function checkDirection(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const path = repositoryPath(context.filename);

  function check(node: Deno.lint.Node, target: unknown, kind: EdgeKind): void {
    const specifier = literalText(target);
    if (specifier === null || !/^(\.{0,2}\/|file:)/.test(specifier)) return;
    const message = refuseEdge(path, targetPath(context.filename, specifier), kind);
    if (message) context.report({ node, message });
  }

  return {
    Program(node) {
      const message = refusePath(path);
      if (message) context.report({ node, message });
    },
    ImportDeclaration: (node) => check(node, node.source, edgeKind(node)),
    ExportAllDeclaration: (node) => check(node, node.source, node.exportKind),
    ExportNamedDeclaration: (node) => check(node, node.source, node.exportKind),
    TSImportType: (node) => check(node, typeArgument(node), "type"),
    ImportExpression(node) {
      check(node, node.source, "value");
      if (path.startsWith("src/") && !path.endsWith("_test.ts") && literalText(node.source) === null) {
        context.report({
          node,
          message: "import() needs a literal path: the law cannot be checked otherwise",
        });
      }
    },
    CallExpression(node) {
      if (context.sourceCode.getText(node.callee) === "import.meta.resolve") {
        check(node, node.arguments[0], "value");
      }
    },
    NewExpression(node) {
      const [target, base] = node.arguments;
      if (base && context.sourceCode.getText(base).startsWith("import.meta.")) check(node, target, "value");
    },
  };
}

function checkOwners(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const path = repositoryPath(context.filename);

  function check(node: Deno.lint.Node, name: string | null): void {
    const message = name === null ? null : refuseUse(path, name);
    if (message) context.report({ node, message });
  }

  return {
    MemberExpression(node) {
      if (node.object.type !== "Identifier") return;
      const property = node.computed ? literalText(node.property) : identifierName(node.property);
      check(node, property === null ? null : `${node.object.name}.${property}`);
    },
    // const { env } = Deno;
    VariableDeclarator(node) {
      if (node.id.type !== "ObjectPattern" || node.init?.type !== "Identifier") return;
      for (const property of node.id.properties) {
        if (property.type === "Property") check(node, `${node.init.name}.${identifierName(property.key)}`);
      }
    },
    ImportDeclaration: (node) => check(node, literalText(node.source)),
    ExportAllDeclaration: (node) => check(node, literalText(node.source)),
    ExportNamedDeclaration: (node) => check(node, literalText(node.source)),
    ImportExpression: (node) => check(node, literalText(node.source)),
    TSImportType: (node) => check(node, literalText(typeArgument(node))),
  };
}

/** `import { type A } from` is as type-only as `import type { A } from`; both vanish when compiled. */
function edgeKind(node: Deno.lint.ImportDeclaration): EdgeKind {
  const allTypes = node.specifiers.length > 0 &&
    node.specifiers.every((specifier) =>
      specifier.type === "ImportSpecifier" && specifier.importKind === "type"
    );
  return allTypes ? "type" : node.importKind;
}

/** The `"./a.ts"` of `import("./a.ts").A`, as a node. */
function typeArgument(node: Deno.lint.TSImportType): unknown {
  return node.argument.type === "TSLiteralType" ? node.argument.literal : node.argument;
}

/** Text of a string literal or of a template without holes; null for everything else. */
function literalText(node: unknown): string | null {
  // The lint tree is untyped here on purpose: each caller hands a different kind of node.
  const { type, value, quasis } = (node ?? {}) as {
    type?: string;
    value?: unknown;
    quasis?: { cooked: string }[];
  };
  if (type === "Literal" && typeof value === "string") return value;
  return type === "TemplateLiteral" && quasis?.length === 1 ? quasis[0]?.cooked ?? null : null;
}

function identifierName(node: Deno.lint.Node): string | null {
  return node.type === "Identifier" ? node.name : literalText(node);
}

function targetPath(filename: string, specifier: string): string {
  if (specifier.startsWith("file:")) return repositoryPath(fileURLToPath(specifier));
  return repositoryPath(resolve(dirname(filename), specifier));
}

/** Path inside the repository, with `/` on every system. */
function repositoryPath(filename: string): string {
  return relative(ROOT, resolve(filename)).split(sep).join("/");
}

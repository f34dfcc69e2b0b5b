/** Writes the Homebrew formula of a release: `km.rb`. @see https://docs.brew.sh/Formula-Cookbook @module */
import type { ReleaseFile } from "../../src/update/manifest.ts";
import { type Target, TARGETS } from "../build/targets.ts";

/** What packagers need to know of a release. */
export interface Package {
  readonly version: string;
  readonly license: string;
  readonly homepage: string;
  /** Address of the folder of the manifests. */
  readonly baseUrl: string;
  /** By target; each `url` is absolute. */
  readonly files: Readonly<Partial<Record<Target, ReleaseFile>>>;
}

/** One line, without an article at its start and shorter than 80 letters, as `brew audit` wants it. */
export const DESCRIPTION = "Transparent proxy that records what AI tools and MCP servers say";

const SYSTEMS = [["darwin", "macos"], ["linux", "linux"]] as const;
const PROCESSORS = [["aarch64", "arm", "arm64"], ["x86_64", "intel", "x86_64"]] as const;

/** The formula, or null when the release has nothing for macOS or Linux. */
export function formulaText(released: Package): string | null {
  const blocks = SYSTEMS.map(([os, system]) => systemBlock(released, os, system));
  const [macos, linux] = blocks;
  if (!macos && !linux) return null;
  return [
    "class Km < Formula",
    `  desc ${quote(DESCRIPTION)}`,
    `  homepage ${quote(released.homepage)}`,
    `  version ${quote(released.version)}`,
    `  license ${quote(released.license)}`,
    "",
    "  livecheck do",
    `    url ${quote(`${released.baseUrl}/stable.json`)}`,
    "    strategy :json do |json|",
    '      json["version"]',
    "    end",
    "  end",
    "",
    ...macos ? linux ? [] : ["  depends_on :macos", ""] : ["  depends_on :linux", ""],
    ...blocks.flatMap((block) => block ? [...block, ""] : []),
    "  def install",
    '    bin.install Dir["km-*"].first => "km"',
    '    generate_completions_from_executable bin/"km", "completions", shells: [:bash, :zsh, :fish]',
    "  end",
    "",
    "  test do",
    '    assert_match version.to_s, shell_output("#{bin}/km --version")',
    "  end",
    "end",
    "",
  ].join("\n");
}

function systemBlock({ files }: Package, os: string, system: string): string[] | null {
  const found = PROCESSORS.flatMap(([arch, processor, name]) => {
    const target = (Object.keys(TARGETS) as Target[]).find((target) =>
      TARGETS[target].os === os && TARGETS[target].arch === arch
    );
    const file = target && files[target];
    return file ? [{ processor, name, file }] : [];
  });
  const [only] = found;
  if (!only) return null;
  const lines = found.flatMap(({ processor, file }) => [
    `    on_${processor} do`,
    // The file is no archive, and Homebrew must not look into it for one.
    `      url ${quote(file.url)}, using: :nounzip`,
    `      sha256 ${quote(file.sha256)}`,
    "    end",
  ]);
  const needs = found.length === 1 ? [`    depends_on arch: :${only.name}`, ""] : [];
  return [`  on_${system} do`, ...needs, ...lines, "  end"];
}

/** In Ruby's double quotes. @throws {TypeError} when `text` could end them or is read by Ruby */
function quote(text: string): string {
  if (!/^[ !$-[\]-~]*$/.test(text)) throw new TypeError(`${JSON.stringify(text)} may not stand in a formula`);
  return `"${text}"`;
}

import assert from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { missingProgram, testUnless } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import type { Manifest } from "../../src/update/manifest.ts";
import { TARGET_NAMES } from "../build/targets.ts";
import { type FakeOptions, fakeRelease } from "./fake_release.ts";
import { formulaText } from "./homebrew.ts";

const LINUX = ["x86_64-unknown-linux-gnu"] as const;

Deno.test("the Homebrew formula has address and SHA-256 of each file, as the manifest", async () => {
  verifies("release-packagers");
  const { formula, manifest } = await release();
  const blocks = [["macos", "apple-darwin"], ["linux", "unknown-linux-gnu"]] as const;
  for (const [system, os] of blocks) {
    const block = new RegExp(`^  on_${system} do\\n(.*?)^  end\\n`, "ms").exec(formula)?.[1] ?? "";
    for (const [processor, arch] of [["arm", "aarch64"], ["intel", "x86_64"]] as const) {
      const file = manifest.files[`${arch}-${os}`];
      const inner = new RegExp(`^    on_${processor} do\\n(.*?)^    end\\n`, "ms").exec(block)?.[1] ?? "";
      assert.equal(
        inner,
        `      url "https://km.example/r/${file?.name}", using: :nounzip\n      sha256 "${file?.sha256}"\n`,
      );
    }
    assert.doesNotMatch(block, /depends_on/);
  }
  assert.match(formula, /^ {2}version "1\.2\.3"$/m);
  assert.match(formula, /^ {4}generate_completions_from_executable bin\/"km", "completions", shells: /m);
  assert.match(formula, /^ {4}assert_match version\.to_s, shell_output\("#\{bin\}\/km --version"\)$/m);
});

testUnless(missingProgram("ruby"), "the Homebrew formulas are Ruby, and do what they say in it", async () => {
  verifies("release-packagers");
  for (const targets of [TARGET_NAMES, LINUX, TARGET_NAMES.slice(0, 1)]) {
    using temp = new TempFolder();
    const { folder } = await fakeRelease(temp.path, { targets });
    await Deno.writeTextFile(`${temp.path}/homebrew.rb`, HOMEBREW);
    const args = ["-w", "-r", `${temp.path}/homebrew.rb`, `${folder}/km.rb`];
    const { code, stdout, stderr } = await new Deno.Command("ruby", { args, cwd: folder }).output();
    const err = new TextDecoder().decode(stderr);
    assert.deepEqual([code, err], [0, ""]);
    const urls = new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith("url "));
    assert.equal(urls.length, targets.filter((target) => !target.includes("windows")).length);
  }
});

/** The words of a formula, printed. @see https://docs.brew.sh/Formula-Cookbook */
const HOMEBREW = `
class Formula
  def self.method_missing(word, *args, **more)
    puts [word, *args, *more.to_a].join(" ")
    yield if block_given? && word.start_with?("on_")
  end
  def self.test # Kernel has another.
  end
  def self.respond_to_missing?(*)
    true
  end
end
`;

Deno.test("the Homebrew formula of a release with few files says what it is for", async () => {
  verifies("release-packagers");
  const linux = await release({ targets: LINUX });
  assert.match(linux.formula, /^ {2}depends_on :linux$/m);
  assert.match(linux.formula, /^ {2}on_linux do\n {4}depends_on arch: :x86_64$/m);
  assert.doesNotMatch(linux.formula, /on_macos|on_arm/);
  assert.equal(linux.scoop, null);
  assert.deepEqual(linux.left, ["no km.json: nothing was built for Windows"]);
  const mac = await release({ targets: ["aarch64-apple-darwin"] });
  assert.match(mac.formula, /^ {2}depends_on :macos$/m);
  assert.match(mac.formula, /^ {2}on_macos do\n {4}depends_on arch: :arm64$/m);
});

Deno.test("the Scoop manifest has address and SHA-256 of each file, and finds the next version by itself", async () => {
  verifies("release-packagers");
  const filesUrl = "https://km.example/download/v1.2.3";
  const { scoop, manifest } = await release({ filesUrl });
  const file = (target: string) => manifest.files[target];
  const entry = (target: string) => ({
    url: `${filesUrl}/km-1.2.3-${target}.exe#/km.exe`,
    hash: file(target)?.sha256,
  });
  const renewed = (target: string) => ({
    url: `https://km.example/download/v$version/km-$version-${target}.exe#/km.exe`,
    hash: { url: "https://km.example/r/v$version.json", jsonpath: `$.files['${target}'].sha256` },
  });
  const [intel, arm] = ["x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc"];
  assert.deepEqual(scoop, {
    version: "1.2.3",
    description: "Transparent proxy that records what AI tools and MCP servers say.",
    homepage: "https://km.example/r",
    license: "MIT",
    architecture: { "64bit": entry(intel), arm64: entry(arm) },
    bin: "km.exe",
    checkver: { url: "https://km.example/r/stable.json", jsonpath: "$.version" },
    autoupdate: { architecture: { "64bit": renewed(intel), arm64: renewed(arm) } },
  });
});

Deno.test("a release for Windows alone has no formula, a pre-release has neither, and that is said", async () => {
  verifies("release-packagers");
  const windows = await release({ targets: ["x86_64-pc-windows-msvc"] });
  assert.deepEqual([windows.formula, windows.left], ["", ["no km.rb: nothing was built for macOS or Linux"]]);
  const beta = await release({ version: "1.3.0-beta.1" });
  assert.deepEqual([beta.formula, beta.scoop], ["", null]);
  assert.deepEqual(beta.left, ["no km.rb, no km.json: 1.3.0-beta.1 is a pre-release"]);
});

Deno.test("formulaText() refuses what Ruby would read as code", () => {
  const file = { name: "km", url: 'https://km.example/#{exit}"', bytes: 1, sha256: "0" };
  const released = {
    version: "1.2.3",
    license: "MIT",
    homepage: "https://km.example",
    baseUrl: "https://km.example",
  };
  assert.throws(
    () => formulaText({ ...released, files: { [LINUX[0]]: file } }),
    /may not stand in a formula/,
  );
});

interface Made {
  readonly formula: string;
  readonly scoop: unknown;
  readonly manifest: Manifest;
  readonly left: readonly string[];
}

async function release(options: FakeOptions = {}): Promise<Made> {
  using temp = new TempFolder();
  const { folder, left } = await fakeRelease(temp.path, options);
  const scoop = await Deno.readTextFile(`${folder}/km.json`).catch(() => "null");
  return {
    formula: await Deno.readTextFile(`${folder}/km.rb`).catch(() => ""),
    scoop: JSON.parse(scoop),
    manifest: JSON.parse(await Deno.readTextFile(`${folder}/v${options.version ?? "1.2.3"}.json`)),
    left,
  };
}

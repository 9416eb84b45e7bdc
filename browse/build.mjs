/** Build the page: `node build.mjs [FOLDER]`, by default into the application's own folder. The same bytes every time. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { mesh } from "topojson-client";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "..", "api", "documents", "browse", "static");
const LICENSED = ["@dagrejs/dagre", "@dagrejs/graphlib", "lossless-json", "papaparse", "preact", "world-atlas"];

const module = (...names) => join(here, "node_modules", ...names);

mkdirSync(target, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { browse: "src/main.tsx", layout: "src/layout.ts" },
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome120", "firefox121", "safari17.4"],
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
await build({ absWorkingDir: here, entryPoints: { browse: "src/browse.css" }, outdir: target, minify: true, charset: "utf8", logLevel: "warning" });

/** Coasts and borders as lines of tenths of degrees, x, y, x, y, ... (Natural Earth 1:110m, public domain). */
const atlas = JSON.parse(readFileSync(module("world-atlas", "countries-110m.json"), "utf8"));
const lines = (topology) =>
  topology.coordinates.map((line) => {
    const points = line.map(([x, y]) => [Math.round(x * 10), Math.round(y * 10)]);
    return points.filter(([x, y], index) => index === 0 || x !== points[index - 1][0] || y !== points[index - 1][1]).flat();
  });
const land = { coasts: lines(mesh(atlas, atlas.objects.land)), borders: lines(mesh(atlas, atlas.objects.countries, (one, other) => one !== other)) };
writeFileSync(join(target, "land.json"), `${JSON.stringify(land)}\n`);

const license = (name) => {
  const { version } = JSON.parse(readFileSync(module(name, "package.json"), "utf8"));
  const text = ["LICENSE", "LICENSE.md", "LICENSE.txt"].flatMap((file) => {
    try {
      return [readFileSync(module(name, file), "utf8")];
    } catch {
      return [];
    }
  })[0];
  if (text === undefined) throw new Error(`${name} has no license file`);
  return `${name} ${version}\n\n${text.trim().replaceAll("\r\n", "\n")}\n`;
};
writeFileSync(join(target, "LICENSES.txt"), LICENSED.map(license).join(`\n${"-".repeat(80)}\n\n`));

// Bundle app.mjs into the file that the argument names.
import { build } from "esbuild";

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ["app.mjs"],
  outfile: process.argv[2],
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  // Its compiled files extend a class of ra-core by ES5, which ra-core 5.15 no longer allows; its sources are published too.
  alias: { "ra-supabase-ui-materialui": "../node_modules/ra-supabase-ui-materialui/src/index.ts" },
  define: { "process.env.NODE_ENV": '"production"' },
});

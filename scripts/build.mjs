// npm run build: bundles the product into dist/. What is heavy lies in bundles of its own, loaded when first used.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Leaves `import('../core')` as a require of the bundle beside it, so that the caller's bundle stays small. */
const lazyCore = {
  name: 'lazy-core',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/core$/ }, () => ({ path: './core.js', external: true }));
  },
};

/** dockerode loads gRPC for BuildKit sessions, which we do not open: an empty module saves 600 kB and 100 ms. */
const withoutGrpc = {
  name: 'without-grpc',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@grpc\// }, ({ path }) => ({ path, namespace: 'empty' }));
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
};

const program = {
  ...common,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Some packages' main is UMD, whose requires a bundler cannot see.
  mainFields: ['module', 'main'],
  // Some dependencies are ES modules that ask where they are; CommonJS has __filename for that.
  define: { 'import.meta.url': 'moduleAddress' },
  banner: { js: "const moduleAddress = require('node:url').pathToFileURL(__filename).href;" },
  external: ['vscode', 'cpu-features', '*.node'],
};

const bundles = [
  { entryPoints: { extension: 'src/extension.ts' }, plugins: [lazyCore] },
  {
    entryPoints: { core: 'src/core.ts', debugAdapter: 'src/debug/main.ts', cli: 'src/cli/main.ts' },
    plugins: [withoutGrpc],
  },
].map(({ entryPoints, plugins }) => ({
  ...program,
  plugins,
  outdir: 'dist',
  entryPoints: Object.fromEntries(Object.entries(entryPoints).filter(([, path]) => existsSync(`${root}/${path}`))),
}));

/** The guest view's page, for the browser that webviews are. */
const page = {
  ...common,
  platform: 'browser',
  format: 'iife',
  entryPoints: { guestView: 'media/src/guestView.ts' },
  outdir: 'media/dist',
};

await Promise.all(
  [...bundles, page].filter(({ entryPoints }) => Object.keys(entryPoints).length > 0).map((options) => build(options)),
);

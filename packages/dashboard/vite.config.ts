import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    outDir: 'dist/app',
    emptyOutDir: true,
    // The policy of the server allows no data: URL and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: 'es2023',
  },
  oxc: { jsx: { runtime: 'automatic' } },
});

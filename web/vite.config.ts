import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';

// The development server and the preview pass the API on to a running stack.
const origin = process.env.CIRRUS_ORIGIN ?? 'http://127.0.0.1:8080';
const proxy = {
  '^/(api|openai|ollama|health)(/|$)': { target: origin, changeOrigin: false },
  '/ws': { target: origin, ws: true, changeOrigin: false },
};

export default defineConfig({
  plugins: [
    tailwindcss(),
    sveltekit({
      compilerOptions: { runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true) },
      adapter: adapter({ fallback: 'index.html' }),
      output: { bundleStrategy: 'split' },
    }),
  ],
  server: { proxy },
  preview: { proxy },
  build: { target: 'es2022' },
  worker: { format: 'es' },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});

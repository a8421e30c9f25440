import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the sources; a running `custos up` answers the API.
const server = "http://127.0.0.1:8420";

export default defineConfig({
  plugins: [react()],
  build: {
    // The content security policy admits fonts and scripts as files of our own only, never inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: { "/api": { target: server, ws: true } },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});

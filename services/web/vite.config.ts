import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { budget } from './build/budget.ts'
import { serviceWorker } from './build/service-worker.ts'

/** Where a running gateway is, for `npm run dev` and `npm run preview`. */
const gateway = process.env.AMPARO_URL ?? 'http://localhost:8080'
const proxy = { '/api': gateway, '/health': gateway, '/rails': gateway }

export default defineConfig({
  plugins: [react(), serviceWorker(), budget()],
  resolve: { alias: { '~': new URL('./src', import.meta.url).pathname } },
  server: { proxy },
  preview: { proxy },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
})

import { fileURLToPath } from 'node:url'
import uni from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'

// Where the program runs for which pages are written.
const api = process.env.YANLU_API ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: './',
  plugins: [uni()],
  resolve: { alias: { '@': fileURLToPath(new URL('src', import.meta.url)) } },
  server: { proxy: { '/v1': api, '/demo': api } },
  build: { target: 'es2017', sourcemap: false },
})

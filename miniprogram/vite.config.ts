import { fileURLToPath } from 'node:url'
import uni from '@dcloudio/vite-plugin-uni'
import { defineConfig, type Plugin } from 'vite'

// Where the program runs for which pages are written.
const api = process.env.YANLU_API ?? 'http://127.0.0.1:8080'

// The mini-program has its own attribute for a role, which a browser does not know;
// role, beside it, is the browser's.
const browserRoles: Plugin = {
  name: 'browser-roles',
  enforce: 'pre',
  transform: (code, id) => (process.env.UNI_PLATFORM === 'h5' && /\.vue$/.test(id) ? code.replace(/\s:?aria-role="[^"]*"/g, '') : undefined),
}

export default defineConfig({
  base: './',
  plugins: [browserRoles, uni()],
  resolve: { alias: { '@': fileURLToPath(new URL('src', import.meta.url)) } },
  server: { proxy: { '/v1': api, '/demo': api } },
  build: { target: 'es2017', sourcemap: false },
})

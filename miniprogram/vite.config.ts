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

/**
 * In which file of the H5 page a module of ours comes: one for what is opened first, one
 * for the member's pages, one for staff's, one for those at a desk. Left alone, there
 * would be a file for each component, and on a poor line each file costs a round trip.
 */
function part(id: string): string {
  const at = id.includes('node_modules') ? '' : (id.split('?')[0]!.split('/src/')[1] ?? '')
  if (/^desk\/(DeskLogin\.vue|Side\.vue|places\.ts)$/.test(at)) return 'first' // they frame all pages on a wide screen
  if (at.startsWith('desk/')) return 'desk'
  if (at.startsWith('staff/')) return 'staff'
  if (/^forms\/.*\.vue$|^pages\/(act|desk|inbox|matter|me|mine|sessions|submit)\//.test(at)) return 'member'
  return 'first'
}

// A mini-program that does not know where the API is would be found out on telephones.
if (process.env.UNI_PLATFORM === 'mp-weixin' && !/^https:\/\/[^/]+$/.test(process.env.VITE_API_ORIGIN ?? '')) {
  throw new Error('VITE_API_ORIGIN must say where the API is, as https://api.example.org')
}

export default defineConfig({
  base: './',
  plugins: [browserRoles, uni()],
  resolve: { alias: { '@': fileURLToPath(new URL('src', import.meta.url)) } },
  server: { proxy: { '/v1': api, '/demo': api } },
  build: { target: 'es2017', sourcemap: false, rollupOptions: process.env.UNI_PLATFORM === 'h5' ? { output: { manualChunks: part } } : {} },
})

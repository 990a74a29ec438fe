/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Where the mini-program finds the API, as https://host; the browser page needs none. */
  readonly VITE_API_ORIGIN?: string
}

declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}

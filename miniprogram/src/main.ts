import { createSSRApp } from 'vue'
import App from './App.vue'
// #ifdef H5
import { nameWhatIsWithin } from './platform/labels'
// #endif

export function createApp() {
  const app = createSSRApp(App)
  // #ifdef H5
  nameWhatIsWithin(app)
  // #endif
  return { app }
}

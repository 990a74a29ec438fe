import type { App, ComponentPublicInstance } from 'vue'

/**
 * In a browser the platform's components wrap what people use, and keep the names that
 * they are given for themselves: a screen reader would not hear them. This names the
 * elements within.
 */
export function nameWhatIsWithin(app: App) {
  const name = (it: ComponentPublicInstance) => {
    const host = it.$el as Element | null
    if (host?.nodeType !== Node.ELEMENT_NODE) return
    const label = host.getAttribute('aria-label')
    switch (host.tagName) {
      case 'UNI-INPUT':
      case 'UNI-TEXTAREA':
        if (label) host.querySelector('input, textarea')?.setAttribute('aria-label', label)
        break
      case 'UNI-SWITCH':
        host.setAttribute('role', 'switch')
        host.setAttribute('aria-checked', String(host.querySelector('.uni-switch-input-checked') !== null))
        break
      case 'UNI-IMAGE':
      case 'UNI-TABBAR':
        for (const image of host.querySelectorAll('img')) image.alt = label ?? ''
    }
  }
  app.mixin({
    mounted() {
      name(this as ComponentPublicInstance)
    },
    updated() {
      name(this as ComponentPublicInstance)
    },
  })
}

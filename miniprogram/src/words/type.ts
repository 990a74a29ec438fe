import { computed, ref } from 'vue'
import { platform, storage } from '@/platform'

// 关怀模式: the person's own switch, or by itself where the phone's type is large.
const large = 1.3
const chosen = ref(storage.get<boolean>('large'))
const phone = ref(1)

export const isLarge = computed(() => chosen.value ?? phone.value >= 1.15)
const scale = computed(() => (isLarge.value ? Math.max(large, Math.min(phone.value, 1.6)) : 1))

/** For the page-meta of every page. */
export const pageStyle = computed(() => `--app-scale:${scale.value};`)

export function readType() {
  phone.value = platform.typeScale()
  platform.applyScale(scale.value)
}

export function setLarge(on: boolean) {
  chosen.value = on
  storage.set('large', on)
  platform.applyScale(scale.value)
}

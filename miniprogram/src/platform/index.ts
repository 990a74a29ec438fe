import { h5 } from './h5'
import type { Platform } from './platform'
import { weixin } from './weixin'

export type { Chosen, Consent, Keep, Platform } from './platform'

// A constant of the build: the other platform is dropped from the bundle.
export const platform: Platform = process.env.UNI_PLATFORM === 'mp-weixin' ? weixin : h5

/** Small things that outlive the program. */
export interface Store {
  get<T>(key: string): T | undefined
  set(key: string, value: unknown): void
  remove(key: string): void
  keys(): string[]
}

export const storage: Store = {
  get: <T>(key: string) => {
    const text = uni.getStorageSync(key)
    return typeof text === 'string' && text !== '' ? (JSON.parse(text) as T) : undefined
  },
  set: (key, value) => uni.setStorageSync(key, JSON.stringify(value)),
  remove: (key) => uni.removeStorageSync(key),
  keys: () => uni.getStorageInfoSync().keys,
}

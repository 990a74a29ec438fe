import { onLoad, onPullDownRefresh, onShow } from '@dcloudio/uni-app'
import { ref, shallowRef, watch, type Ref } from 'vue'
import { arrived } from '@/outbox'
import { session } from '@/session'
import { readType } from '@/words/type'

/** The route of the page that is shown. */
export const here = ref('')

function arriveHere() {
  const pages = getCurrentPages()
  here.value = pages[pages.length - 1]?.route ?? ''
}

/** Sends whoever is not logged in to do so, and back here afterwards. */
export function useGuard(needs: 'bound' | 'account' = 'bound') {
  onLoad(() => {
    if (session.me && (needs === 'account' || session.me.bound)) return
    const pages = getCurrentPages()
    const here = pages[pages.length - 1] as unknown as { $page?: { fullPath: string }; route: string } | undefined
    const at = here?.$page?.fullPath ?? '/' + (here?.route ?? '')
    if (at.startsWith('/pages/login/')) return // a session that has just ended is on its way there
    const to = encodeURIComponent(at)
    uni.reLaunch({ url: session.me ? `/pages/bind/index?to=${to}` : `/pages/login/index?to=${to}` })
  })
  onShow(() => {
    readType()
    arriveHere()
  })
}

/** What a page reads whenever it is shown, pulled down, or something that waited has arrived. */
export function useLoad<T>(read: () => Promise<T>): { data: Ref<T | undefined>; error: Ref<unknown>; loading: Ref<boolean>; load(): Promise<void> } {
  const data = shallowRef<T>()
  const error = ref<unknown>()
  const loading = ref(true)
  let turn = 0

  async function load() {
    const mine = ++turn
    try {
      const got = await read()
      if (mine !== turn) return // a later one is under way
      data.value = got
      error.value = undefined
    } catch (e) {
      if (mine === turn) error.value = e
    } finally {
      if (mine === turn) loading.value = data.value === undefined
    }
  }

  const bound = () => session.me?.bound === true
  onShow(() => {
    if (bound()) void load()
  })
  onPullDownRefresh(() => {
    void load().finally(() => uni.stopPullDownRefresh())
  })
  watch(arrived, () => {
    if (bound()) void load()
  })
  return { data, error, loading, load }
}

/** A list that goes on: the first page again on load, the next on more. */
export function usePages<T>(read: (after?: string) => Promise<{ items: T[]; next?: string }>) {
  const next = ref<string>()
  const pages = useLoad(async () => {
    const page = await read()
    next.value = page.next
    return page.items
  })
  async function more() {
    if (!next.value) return
    const after = next.value
    next.value = undefined
    try {
      const page = await read(after)
      pages.data.value = [...(pages.data.value ?? []), ...page.items]
      next.value = page.next
    } catch (e) {
      pages.error.value = e
      next.value = after
    }
  }
  return { ...pages, next, more }
}

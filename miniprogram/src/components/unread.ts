import { ref } from 'vue'
import { api } from '@/api'
import { session } from '@/session'
import { countOf } from '@/words/size'

const inboxTab = 2

/** How many messages are unread. */
export const unread = ref(0)

/** Marks the tab of the inbox. Only pages of the tab bar may do so. */
export async function countUnread() {
  if (!session.me?.bound) return
  try {
    unread.value = (await api.get('/v1/inbox/count')).unread
    const ignore = () => undefined // the person has gone on to a page without the bar
    if (unread.value > 0) uni.setTabBarBadge({ index: inboxTab, text: countOf(unread.value), fail: ignore })
    else uni.removeTabBarBadge({ index: inboxTab, fail: ignore })
  } catch {
    // The mark stays as it was.
  }
}

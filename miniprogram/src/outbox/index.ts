import { ref } from 'vue'
import { drafts, waiting } from '@/drafts'
import { session } from '@/session'

/** Grows when something that waited has arrived: lists are read again. */
export const arrived = ref(0)

let busy = false

/** Sends what waits, if there is somebody and something. */
export async function flush() {
  if (busy || !session.me?.bound) return
  busy = true
  try {
    const sent = await drafts.flush(session.person)
    if (sent.length > 0) {
      arrived.value++
      uni.showToast({ title: sent.length === 1 ? '等待发送的一件已提交' : `等待发送的${sent.length}件已提交`, icon: 'none' })
    }
  } finally {
    busy = false
  }
}

/** Begins to send by itself: when the net comes back, when the program is opened, and now and then. */
export function watchNet() {
  uni.onNetworkStatusChange(({ isConnected }) => {
    if (isConnected) void flush()
  })
  setInterval(() => {
    if (waiting.value.some((d) => !d.trouble)) void flush()
  }, 30_000)
}

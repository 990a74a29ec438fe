import { ref } from 'vue'
import type { Kind } from '@/api/kinds'
import { session } from '@/session'

/** Taking out a table: one at a time, and why it was refused. */
export function useTake() {
  const taking = ref(false)
  const refused = ref<unknown>()
  async function take(run: () => Promise<void>) {
    if (taking.value) return
    taking.value = true
    refused.value = undefined
    try {
      await run()
    } catch (e) {
      refused.value = e
    } finally {
      taking.value = false
    }
  }
  return { taking, refused, take }
}

/** Whether the list of a kind is given out to this person as a table. */
export const mayTake = (kind: Kind) => session.may(`${kind}.export`)

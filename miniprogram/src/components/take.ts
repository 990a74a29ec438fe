import { ref } from 'vue'
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

const takers = ['INFO_STAFF', 'PROPOSAL_STAFF', 'PROPOSAL_CHAIR', 'LEADER', 'UNIT_HANDLER', 'UNIT_LEADER']

/** Whether lists are given out to this person as tables. */
export const mayTake = () => session.has(...takers)

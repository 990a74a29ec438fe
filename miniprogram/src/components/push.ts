import { api, newKey } from '@/api'
import { platform } from '@/platform'

// The platform shows its question only inside of a tap, so what to ask is read before.
let wanted: string[] = []
const atMost = 3

export async function readTemplates() {
  if (!platform.weixin) return
  try {
    wanted = (await api.get('/v1/templates')).items.filter((t) => t.ask).slice(0, atMost).map((t) => t.template_id)
  } catch {
    wanted = [] // the inbox tells them as well
  }
}

/** Asks for the permission of a push; to be the first thing that a tap waits for. */
export async function askPush() {
  const consents = await platform.askPush(wanted)
  if (consents.length === 0) return
  // A hint for the server; the platform tells it the truth.
  api.post('/v1/grants', { body: { consents }, key: newKey() }).catch(() => undefined)
}

import { ref } from 'vue'
import { api, type components } from '@/api'
import { storage } from '@/platform'
import type { Form } from './form'

type Schemas = components['schemas']
type Catalogue = Schemas['FormsView']

// The forms of all actions are one answer, which is kept by its ETag: a phone
// without a net has those of the last time.
interface Kept {
  etag: string
  forms: Catalogue
}

const kept = ref(storage.get<Kept>('forms'))
let asked: Promise<Catalogue> | undefined

async function ask(): Promise<Catalogue> {
  const answer = await api.call('GET', '/v1/forms', { headers: kept.value ? { 'If-None-Match': kept.value.etag } : {} })
  if (answer.status !== 304) {
    kept.value = { etag: answer.headers.etag ?? '', forms: answer.body as Catalogue }
    storage.set('forms', kept.value)
  }
  return kept.value!.forms
}

/** The forms: those that are kept at once, while it is asked once a start whether they are current. */
export async function catalogue(): Promise<Catalogue> {
  asked ??= ask().catch((error) => {
    asked = undefined
    throw error
  })
  if (!kept.value) return asked
  asked.catch(() => undefined) // what is kept will do
  return kept.value.forms
}

/** The form of an action; asks the server when what is kept does not have it. */
export async function formOf(flow: string, action: string): Promise<Form> {
  const find = (c: Catalogue) => c.forms.find((f) => f.flow === flow && f.action === action)
  const form = find(await catalogue()) ?? find(await (asked ?? ask()))
  return form ?? { flow, action, label: '', fields: [] }
}

/** The words for the choices of a list. */
export async function labelsOf(list: string): Promise<Record<string, string>> {
  return Object.fromEntries(((await catalogue()).options[list] ?? []).map((o) => [o.value, o.label]))
}

import { computed, ref } from 'vue'
import { api, baseOf, newKey, upload } from '@/api'
import { formOf } from '@/forms/catalogue'
import { platform, storage } from '@/platform'
import { session } from '@/session'
import { Drafts, type Stand } from './drafts'

export * from './draft'
export { savedAs, type Outcome, type Stand, type Theirs } from './drafts'

const changes = ref(0)

export const drafts = new Drafts({
  store: storage,
  base: baseOf,
  fields: async (kind, action) => (await formOf(kind, action)).fields,
  post: async (path, body, key) => (await api.call('POST', path, { body, key })).body as Stand,
  read: async (path) => (await api.call('GET', path)).body as Stand,
  upload: async (name, key) => {
    const file = await platform.keep.get(name)
    return file && upload(file, key)
  },
  dropFile: (name) => platform.keep.drop(name),
  newKey,
  now: () => Date.now(),
  changed: () => changes.value++,
})

/** What this person is writing, and what waits to be sent. */
export const mine = computed(() => (changes.value >= 0 ? drafts.list(session.person) : []))
export const writing = computed(() => mine.value.filter((d) => !d.handed))
export const waiting = computed(() => mine.value.filter((d) => d.handed))

import { ref } from 'vue'
import { newKey, Problem, upload, wordsOf } from '@/api'
import type { KeptFile } from '@/drafts/draft'
import { platform, storage } from '@/platform'
import { session } from '@/session'
import { bodyOf, check, holdsFiles, type FormField, type Values, type Wrong } from './form'

type Files = Record<string, KeptFile[]>

interface Typed {
  values: Values
  files: Files
  /** Of the paper that it is recorded from. */
  paper: Values
  scans: Files
  key: string
}

const blank = (values: Values = {}): Typed => ({ values, files: {}, paper: {}, scans: {}, key: newKey() })

const againAt = () => `again:${session.person}`

/** What this person gave the last time, in fields where it is mostly the same again. */
export function lastTime(fields: FormField[]): Values {
  const last = storage.get<Values>(againAt()) ?? {}
  return Object.fromEntries(fields.filter((f) => f.again && last[f.name] !== undefined).map((f) => [f.name, last[f.name]]))
}

export function remember(fields: FormField[], values: Values) {
  const given = fields.filter((f) => f.again && values[f.name] !== undefined).map((f) => [f.name, values[f.name]])
  if (given.length > 0) storage.set(againAt(), { ...storage.get<Values>(againAt()), ...Object.fromEntries(given) })
}

/** What is typed into the form of an act: kept on the device until it is done. */
export function useTyped() {
  const typed = ref<Typed>(blank())
  const wrong = ref<Wrong>({})
  const paperWrong = ref<Wrong>({})
  const refused = ref('')
  const stale = ref(false)
  let place = ''

  /** Goes on with what was typed at a place, or begins with values. */
  function begin(at: string, values: () => Values) {
    place = `act:${session.person}:${at}`
    typed.value = storage.get<Typed>(place) ?? blank(values())
  }

  // Another content is another act.
  function set(change: Partial<Typed>) {
    typed.value = { ...typed.value, ...change, key: newKey() }
    wrong.value = {}
    paperWrong.value = {}
    refused.value = ''
    storage.set(place, typed.value)
  }

  function isComplete(fields: FormField[], paperFields: FormField[]): boolean {
    const t = typed.value
    wrong.value = check(fields, { ...t.values, ...t.files })
    paperWrong.value = check(paperFields, { ...t.paper, ...t.scans })
    return Object.keys(wrong.value).length + Object.keys(paperWrong.value).length === 0
  }

  async function uploaded(fields: FormField[], values: Values, files: Files): Promise<Values> {
    const all = { ...values }
    for (const f of fields.filter(holdsFiles)) {
      const list = files[f.name] ?? []
      for (const file of list.filter((x) => !x.attachment)) {
        const content = await platform.keep.get(file.name)
        if (!content) throw new Problem(410, { title: `“${file.label}”已不在这台设备上，请删去后重新添加。` })
        file.attachment = await upload(content, file.key)
        storage.set(place, typed.value)
      }
      if (list.length > 0) all[f.name] = list.map((x) => x.attachment)
    }
    return bodyOf(fields, all)
  }

  /** The body of the request; its files are there when it resolves. */
  async function body(fields: FormField[], paperFields: FormField[]): Promise<Values> {
    const t = typed.value
    const body = await uploaded(fields, t.values, t.files)
    return paperFields.length > 0 ? { ...body, paper: await uploaded(paperFields, t.paper, t.scans) } : body
  }

  /** It is done: the next one begins anew, with what mostly stays. */
  function done(fields: FormField[]) {
    const t = typed.value
    remember(fields, t.values)
    storage.remove(place)
    for (const file of [...Object.values(t.files), ...Object.values(t.scans)].flat()) if (file.name) void platform.keep.drop(file.name)
  }

  function refuse(error: unknown) {
    refused.value = wordsOf(error)
    if (!(error instanceof Problem)) return
    wrong.value = error.fields
    paperWrong.value = Object.fromEntries(Object.entries(error.fields).map(([name, words]) => [name.replace(/^paper\./, ''), words]))
    stale.value = error.status === 409
  }

  return { typed, wrong, paperWrong, refused, stale, begin, set, isComplete, body, done, refuse }
}

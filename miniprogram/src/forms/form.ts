import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Form = Schemas['FormView']
export type FormField = Schemas['FieldView']
export type Values = Record<string, unknown>
export type Wrong = Record<string, string>

/** Widgets whose value is a list of kept files. */
export const holdsFiles = (field: FormField) => field.widget === 'files' || field.widget === 'pictures'

/** Length as the server counts: characters, after trimming. */
export const lengthOf = (text: string) => [...text.normalize('NFC').trim()].length

/** Whether a value is chosen from a list. */
export const chooses = (field: FormField) => ['choice', 'choices', 'person', 'people', 'collection'].includes(field.widget)

const isEmpty = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '') || (Array.isArray(value) && value.length === 0)

/** The fields that are asked for, by what is chosen in others. */
export const asked = (fields: FormField[], values: Values) => fields.filter((f) => !f.when || f.when.values.includes(String(values[f.when.field] ?? '')))

/** What is chosen in one field has its say in the lists of others: what goes by it is chosen anew. */
export function changed(fields: FormField[], values: Values, change: Values): Values {
  const anew = fields.filter((f) => f.by && f.by in change && change[f.by] !== values[f.by])
  return { ...values, ...Object.fromEntries(anew.map((f) => [f.name, undefined])), ...change }
}

/** What another field has already, which is not offered in this one. */
export function takenIn(f: FormField, values: Values): string[] {
  const value = f.unless ? values[f.unless] : undefined
  return Array.isArray(value) ? value.map(String) : typeof value === 'string' && value ? [value] : []
}

/** What is missing or too long, by the form alone; the server says the rest. */
export function check(fields: FormField[], values: Values): Wrong {
  const wrong: Wrong = {}
  for (const f of asked(fields, values)) {
    const said = fault(f, values[f.name])
    if (said) wrong[f.name] = said
  }
  return wrong
}

/** What is wrong with a field, or first with one of its rows. */
export function wrongOf(f: FormField, wrong: Wrong): string | undefined {
  return wrong[f.name] ?? Object.entries(wrong).find(([name]) => name.startsWith(`${f.name}[`))?.[1]
}

const picked = new Set(['choice', 'choices', 'person', 'people', 'matter', 'collection', 'date'])

function fault(f: FormField, value: unknown): string | undefined {
  if (f.widget === 'switch') return undefined
  if (isEmpty(value)) {
    if (!f.required) return undefined
    return `${picked.has(f.widget) ? '请选择' : holdsFiles(f) ? '请添加' : '请填写'}${f.label}`
  }
  if (f.fields && Array.isArray(value)) {
    for (const [i, row] of value.entries()) {
      const said = Object.values(check(f.fields, row as Values))[0]
      if (said) return `第${i + 1}个：${said}`
    }
  }
  if (Array.isArray(value)) return f.max && value.length > f.max ? `${f.label}最多${f.max}个` : undefined
  if (f.widget === 'number') {
    const n = Number(value)
    if (!Number.isFinite(n)) return `${f.label}请填数字`
    if (n < (f.min ?? 0)) return `${f.label}不能小于${f.min ?? 0}`
    return f.max && n > f.max ? `${f.label}不能大于${f.max}` : undefined
  }
  const n = lengthOf(String(value))
  if (f.min && n < f.min) return `${f.label}至少${f.min}字，现在${n}字`
  return f.max && n > f.max ? `${f.label}最多${f.max}字，现在${n}字` : undefined
}

/** The body of a request: only what is filled in, in the types that the server takes. */
export function bodyOf(fields: FormField[], values: Values): Values {
  const body: Values = {}
  for (const f of asked(fields, values)) {
    const value = values[f.name]
    if (f.widget === 'switch') {
      if (value || f.required) body[f.name] = Boolean(value)
    } else if (!isEmpty(value)) {
      body[f.name] = given(f, value)
    }
    // A place that was chosen on the map has its position beside it.
    if (f.widget === 'place' && !isEmpty(value) && values.latitude !== undefined) {
      body.latitude = values.latitude
      body.longitude = values.longitude
    }
  }
  return body
}

function given(f: FormField, value: unknown): unknown {
  if (f.widget === 'number') return Number(value)
  if (f.fields && Array.isArray(value)) return value.map((row) => bodyOf(f.fields ?? [], row as Values))
  return typeof value === 'string' ? value.trim() : value
}

const lists = new Set(['choices', 'people', 'originals', 'rows'])

/** Whether a value is one that a field can show: other things bear the names of fields, too. */
function fits(f: FormField, value: unknown): boolean {
  if (lists.has(f.widget)) return Array.isArray(value)
  return f.widget === 'switch' ? typeof value === 'boolean' : typeof value === 'string' || typeof value === 'number'
}

interface Filling {
  text?: object
  edited?: { title: string }
  authors?: { person_id?: string; role: string }[]
  proposed_unit_ids?: string[]
  upper?: { collection_id?: string }
  handler_name?: string
  handler_phone?: string
}

/** What a form begins with, when the thing that it is about has such fields already. */
export function filled(fields: FormField[], thing: object): Values {
  const { text, edited, ...own } = thing as Filling
  const [lead, ...others] = own.proposed_unit_ids ?? []
  const from: Values = { ...text, ...edited, contact_name: own.handler_name, contact_phone: own.handler_phone, lead_unit_id: lead, co_unit_ids: lead && others, ...own, ...(edited && { title: edited.title }) }
  // The number and the state are the server's, whatever a form calls by their names.
  delete from.number
  // Which session of its own it belongs to is the server's, too: one chooses a higher body's.
  from.collection_id = own.upper?.collection_id
  if (own.authors) from.co_author_ids = own.authors.filter((a) => a.role === 'CO' && a.person_id).map((a) => a.person_id)
  const values: Values = {}
  for (const f of fields) {
    if (!holdsFiles(f) && fits(f, from[f.name])) values[f.name] = from[f.name]
  }
  if (from.latitude !== undefined) Object.assign(values, { latitude: from.latitude, longitude: from.longitude })
  return values
}

/** The values of one form that another asks for, too. */
export const shared = (fields: FormField[], values: Values): Values =>
  Object.fromEntries(fields.filter((f) => values[f.name] !== undefined).map((f) => [f.name, values[f.name]]))

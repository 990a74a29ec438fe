import { api, type components } from '@/api'
import { allOf } from '@/api/all'
import { catalogue } from './catalogue'

export interface Option {
  value: string
  label: string
  /** What tells namesakes apart. */
  note?: string
}

type Named = components['schemas']['NamedView']

const named = (p: Named): Option => ({
  value: p.id,
  label: p.name,
  note: [p.position, p.sector, p.group].filter(Boolean).join(' · '),
})

type UnitKind = components['schemas']['UnitView']['kind']

async function units(kind?: UnitKind[]): Promise<Option[]> {
  const all = await allOf((after) => api.get('/v1/units', { query: { limit: 100, after, kind } }))
  return all.map((u) => ({ value: u.id, label: u.name, note: u.word }))
}

// Where the lists are that do not come with the forms.
const remote: Record<string, () => Promise<Option[]>> = {
  units: () => units(),
  leading_units: () => units(['COMMITTEE', 'SUPERVISION_OFFICE', 'LIAISON_GROUP']),
  every_unit: () => units(['HANDLING_UNIT', 'COMMITTEE', 'OFFICE', 'SUPERVISION_OFFICE', 'LIAISON_GROUP', 'STUDY_GROUP', 'TASK_FORCE', 'PARTY', 'PEOPLE_GROUP', 'STUDIO']),
  sectors: async () => (await api.get('/v1/sectors')).items.filter((s) => !s.ended).map((s) => ({ value: s.name, label: s.name })),
  groups: async () => (await api.get('/v1/groups')).items.filter((g) => !g.ended).map((g) => ({ value: g.name, label: g.name })),
  terms: async () => (await api.get('/v1/terms')).items.map((t) => ({ value: t.id, label: t.label })),
  period_units: async () => [
    { value: 'WORKING_DAY', label: '工作日' },
    { value: 'DAY', label: '天' },
    { value: 'HOUR', label: '小时' },
    { value: 'MONTH', label: '月' },
  ],
  outcomes: async () => (await api.get('/v1/outcomes')).items.map((o) => ({ value: o.value, label: o.label })),
  collections: async () => (await api.get('/v1/collections')).items.filter((c) => c.open && c.body).map((c) => ({ value: c.id, label: c.title })),
}

/** Lists of people, who are looked for by name. */
export const isOfPeople = (list: string) => list === 'members' || list === 'colleagues'

type BodyKind = NonNullable<components['schemas']['StandsForView']['kind']>
const ofBodies = 'bodies_'

/** The units of a kind for which this person hands in matters of a kind. */
async function bodiesOf(kind: string, bodyKind?: string): Promise<Option[]> {
  if (!bodyKind) return []
  const all = await allOf((after) => api.get('/v1/bodies', { query: { kind, body_kind: bodyKind as BodyKind, limit: 100, after } }))
  return all.map((u) => ({ value: u.id, label: u.name }))
}

/** What a field chooses from: of a list that goes by another field, by what is chosen there. */
export async function optionsOf(list: string, by?: string): Promise<Option[]> {
  if (list.startsWith(ofBodies)) return bodiesOf(list.slice(ofBodies.length), by)
  return remote[list]?.() ?? ((await catalogue()).options[list] ?? [])
}

/** People whose names begin with what was typed. */
export async function peopleOf(list: string, name: string): Promise<Option[]> {
  const query = { limit: 50, name: name || undefined }
  return list === 'colleagues'
    ? (await api.get('/v1/work/colleagues', { query })).items.map(named)
    : (await api.get('/v1/members', { query })).items.map(named)
}

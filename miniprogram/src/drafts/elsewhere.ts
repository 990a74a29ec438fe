import { api, kinds, type Kind } from '@/api'
import { mine } from '.'

export interface Elsewhere {
  kind: Kind
  id: string
  title: string
}

/** The drafts of a kind that the server has and this device has not. */
export async function elsewhere(kind: Kind): Promise<Elsewhere[]> {
  const { items } = await api.get(kinds[kind].base, { query: { mine: true, stage: 'DRAFT', limit: 20 } })
  const here = new Set(mine.value.map((d) => d.saved?.id))
  return items.filter((m) => !here.has(m.id)).map((m) => ({ kind, id: m.id, title: m.title }))
}

export const elsewhereOfAll = async (): Promise<Elsewhere[]> => (await Promise.all((Object.keys(kinds) as Kind[]).map(elsewhere))).flat()

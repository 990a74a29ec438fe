import type { components } from '@/api'

type Page = components['schemas']['HandoverListView']

interface Given {
  id: string
  number: string
  title: string
  answering: string[]
  beside: string[]
  due?: string
}

interface Signer {
  unit: string
  answers: number
  opinions: number
}

/** A hand-over list as it is printed: what was given, once each, and who signs for it. */
export interface HandoverList {
  title: string
  held_on: string
  given: Given[]
  signers: Signer[]
}

/** Reads the pages of a list to its end. What a unit has given back is not in it. */
export async function listOf(read: (after?: string) => Promise<Page>): Promise<HandoverList> {
  const given = new Map<string, Given>()
  const signers = new Map<string, Signer>()
  let page: Page
  let after: string | undefined
  do {
    page = await read(after)
    after = page.next
    for (const l of page.items) {
      if (![...l.answering_units, ...l.co_units].includes(l.unit)) continue
      const known = given.get(l.matter_id)
      if (!known) given.set(l.matter_id, { id: l.matter_id, number: l.number ?? '', title: l.title, answering: l.answering_units, beside: l.co_units, due: l.due_at })
      else if (l.role !== 'CO') known.due = l.due_at
      const signer = signers.get(l.unit_id) ?? { unit: l.unit, answers: 0, opinions: 0 }
      if (l.role === 'CO') signer.opinions++
      else signer.answers++
      signers.set(l.unit_id, signer)
    }
  } while (after)
  return { title: page.title, held_on: page.held_on, given: [...given.values()], signers: [...signers.values()] }
}

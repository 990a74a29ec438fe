import { expect, it } from 'vitest'
import { listOf } from '@/desk/handover/list'

type Page = Awaited<ReturnType<Parameters<typeof listOf>[0]>>
type Line = Page['items'][number]

const line = (matter: string, unit: string, role: Line['role'], answering: string[], co: string[], due: string) =>
  ({ matter_id: matter, title: matter, unit, unit_id: unit, role, answering_units: answering, co_units: co, due_at: due }) as Line

it('prints each matter once, over all pages, and lets each unit sign once', async () => {
  const pages: Record<string, Page> = {
    '': { id: '1', title: '提案交办会', held_on: '2026-03-20', next: 'two', items: [line('甲', '教育局', 'CO', ['水利局'], ['教育局'], '2026-04-20'), line('丁', '教育局', 'LEAD', [], [], '2026-06-20')] },
    two: { id: '1', title: '提案交办会', held_on: '2026-03-20', items: [line('甲', '水利局', 'LEAD', ['水利局'], ['教育局'], '2026-06-20'), line('乙', '教育局', 'LEAD', ['教育局'], [], '2026-06-21')] },
  }
  const list = await listOf(async (after) => pages[after ?? ''])
  expect(list.given.map((m) => [m.title, m.answering, m.beside, m.due])).toEqual([
    ['甲', ['水利局'], ['教育局'], '2026-06-20'],
    ['乙', ['教育局'], [], '2026-06-21'],
  ])
  expect(list.signers).toEqual([{ unit: '教育局', answers: 1, opinions: 1 }, { unit: '水利局', answers: 1, opinions: 0 }])
})

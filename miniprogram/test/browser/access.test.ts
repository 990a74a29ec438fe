import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, step } from './hands'
import { desk, enter, stage, type Stage, visit } from './stage'

// What axe finds against WCAG 2.2 AA on every page: roles, names, contrast, sizes of
// what is tapped.

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      // Keys scroll the document itself, wherever the focus is.
      rules: { 'scrollable-region-focusable': { enabled: false } },
    })
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.html.slice(0, 160)}`))
  })
}

async function look(page: Page, path: string, words: string) {
  await visit(page, `${s.url}/#/${path}`)
  await page.locator('uni-page-body:visible').getByText(words).first().waitFor()
  expect.soft(await faults(page), path).toEqual([])
}

const body = { title: '修复人民路路灯', body: '已经有两周了，行人不便，建议尽快处理。', category: 'CITY', place: '人民路中段' }

it('everybody can use the pages of members', async () => {
  const { page } = await s.device()
  await page.goto(s.url)
  await page.getByText('同意并继续').waitFor()
  expect.soft(await faults(page), 'consent').toEqual([])
  await enter(page, s.url, '扎西卓玛')
  const { id } = await call<{ id: string }>(page, '/v1/suggestions', body)
  for (const [path, words] of [
    ['', '，您好'],
    ['pages/mine/index', '修复人民路路灯'],
    [`pages/matter/index?kind=suggestion&id=${id}`, '人民路中段'],
    ['pages/submit/index?kind=suggestion', '标题'],
    ['pages/submit/index?kind=opinion', '标题'],
    ['pages/submit/index?kind=proposal', '案由'],
    ['pages/inbox/index', '消息'],
    ['pages/me/index', '关怀模式'],
    ['pages/sessions/index', '这一台'],
    ['pages/privacy/index', '收集什么'],
  ]) {
    await look(page, path, words)
  }
})

it('everybody can use the pages of the office, on a telephone and at a desk', async () => {
  const member = await s.device()
  await enter(member.page, s.url, '李春山')
  const { id } = await call<{ id: string }>(member.page, '/v1/suggestions', body)
  for (const size of [undefined, desk]) {
    const { page } = await s.device(size)
    await enter(page, s.url, '王静')
    for (const [path, words] of [
      ['', '，您好'],
      ['staff/queue/index', '审核'],
      [`pages/matter/index?kind=suggestion&id=${id}`, '人民路中段'],
      [`pages/act/index?kind=suggestion&id=${id}&flow=suggestion&subject=${id}&action=accept`, '办理方式'],
      ['staff/record/index', '纸件'],
      ['staff/undelivered/index', '告知'],
      ['staff/overdue/index', '逾期'],
    ]) {
      await look(page, path, words)
    }
  }
  const text = { title: '关于城乡公交的提案', situation: '群众反映较多，亟需改善。', analysis: '部门之间衔接不够。', advice: '一、统筹规划；二、增加投入。', category: 'TRAFFIC', proposer: 'INDIVIDUAL' }
  const proposal = await call<{ id: string }>(member.page, '/v1/proposals', text)
  const { page } = await s.device(desk)
  await enter(page, s.url, '王静')
  const { items: units } = await call<{ items: { id: string }[] }>(page, '/v1/units')
  await step(page, '/v1/proposals', proposal.id, 'file')
  await step(page, '/v1/proposals', proposal.id, 'dispatch', { meeting: '提案交办会', mode: 'SOLE', lead_unit_id: units[0].id })
  const { items: meetings } = await call<{ items: { id: string }[] }>(page, '/v1/handovers')
  for (const [path, words] of [
    ['desk/work/index', '从左边选一件'],
    ['desk/matters/index', '修复人民路路灯'],
    ['desk/counts/index', '办到哪里'],
    [`desk/handover/index?id=${meetings[0].id}`, '签收'],
    ['desk/roster/index', '名册'],
  ]) {
    await look(page, path, words)
  }
})

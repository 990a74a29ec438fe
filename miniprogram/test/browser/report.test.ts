import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { button, call, step } from './hands'
import { rowsOf } from './sheet'
import { desk, enter, shot, stage, type Stage } from './stage'

// What is counted, taken out as tables, and printed.

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const bar = (page: Page, label: string) => page.locator('.bar-row:visible', { has: page.locator('.bar-label', { hasText: new RegExp(`^${label}$`) }) })
const figure = (page: Page, words: string) => page.locator('.figure:visible', { hasText: words }).locator('.figure-number')
const line = (page: Page, words: string) => page.locator('tbody tr:visible', { hasText: words })
const kind = (page: Page, label: string) => page.locator('.segment:visible', { hasText: label }).click()
const place = (page: Page, label: string) => page.locator('.side-place', { has: page.getByText(label, { exact: true }) }).click()

async function saved(page: Page, label: string) {
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, label).click()])
  return file
}

async function at(name: string) {
  const d = await s.device(desk)
  await enter(d.page, s.url, name)
  return d
}

const text = { situation: '群众反映较多，亟需改善。', analysis: '投入不足，部门之间衔接不够。', advice: '一、统筹规划；二、增加投入。', proposer: 'INDIVIDUAL' }
const titles = ['关于城乡公交的提案', '关于村卫生室的提案', '关于河道整治的提案']

/** Three proposals, of which two are filed, numbered and handed over at a meeting; and a suggestion. */
async function fill() {
  const member = await s.device()
  await enter(member.page, s.url, '古丽娜尔·艾山')
  await call(member.page, '/v1/suggestions', { title: '修复人民路路灯', body: '已经有两周了，行人不便，建议尽快处理。', category: 'CITY', place: '人民路中段' })
  const ids: string[] = []
  for (const [i, title] of titles.entries()) ids.push((await call<{ id: string }>(member.page, '/v1/proposals', { ...text, title, category: ['TRAFFIC', 'HEALTH', 'TRAFFIC'][i] })).id)
  const { page, trouble } = await at('王静')
  const { items: units } = await call<{ items: { id: string; name: string }[] }>(page, '/v1/units?limit=100')
  for (const id of ids.slice(0, 2)) await step(page, '/v1/proposals', id, 'file')
  await call(page, '/v1/proposals/numbers', { ids: [ids[1], ids[0]], start: 7 })
  const meeting = { meeting: '提案交办会' }
  await step(page, '/v1/proposals', ids[1], 'dispatch', { ...meeting, mode: 'LEAD_CO', lead_unit_id: units[0].id, co_unit_ids: [units[1].id] })
  await step(page, '/v1/proposals', ids[0], 'dispatch', { ...meeting, mode: 'SOLE', lead_unit_id: units[1].id })
  return { page, trouble, units: units.map((u) => u.name) }
}

it('counts what there is, leads to it, and gives it out; and prints what was handed over', async () => {
  const { page, trouble, units } = await fill()
  await place(page, '统计')
  await bar(page, '待审核').getByText('1件').waitFor()
  expect(await figure(page, '件微建议').textContent()).toBe('1')
  await kind(page, '提案')
  await bar(page, '办理中').getByText('2件').waitFor()
  await bar(page, '待审查').getByText('1件').waitFor()
  await bar(page, '交通出行').getByText('2件').waitFor()
  await bar(page, '医疗卫生').getByText('1件').waitFor()
  const month = new Date(Date.now() + 8 * 3600_000).getUTCMonth() + 1
  await bar(page, `${month}月`).getByText('3件').waitFor()
  expect(await page.locator('.bar-row:visible', { hasText: /^\d+月/ }).count()).toBe(12)
  expect([await figure(page, '件提案').textContent(), await figure(page, '件在单位办理').textContent(), await figure(page, '件答复逾期').textContent()]).toEqual(['3', '2', '0'])
  await shot(page, 'report-counts')

  // A session is counted for itself; a year without anything says so.
  const sessions = page.locator('select[aria-label=会议]:visible')
  await sessions.selectOption({ index: 1 })
  await page.locator('.bars-title:visible', { hasText: '哪个月收到' }).waitFor({ state: 'detached' })
  await sessions.selectOption('')
  await bar(page, `${month}月`).waitFor()
  await page.locator('select[aria-label=年份]:visible').selectOption({ index: 3 })
  await page.getByText('这里还没有收到提案').waitFor()
  await page.locator('select[aria-label=年份]:visible').selectOption({ index: 0 })

  const all = await saved(page, '导出这些事项')
  expect(all.suggestedFilename()).toMatch(/^提案（\d{4}年）\.xlsx$/)
  const rows = await rowsOf(all)
  expect(rows[0].slice(0, 4)).toEqual(['编号', '案由', '类别', '第一提案人'])
  expect(rows.slice(1).map((r) => r[1])).toEqual([titles[1], titles[0], titles[2]])
  expect(rows[1]).toEqual(expect.arrayContaining(['医疗卫生', '古丽娜尔·艾山', '办理中', `主办：${units[0]}；会办：${units[1]}`]))

  // The state leads to just those that it counts, and they are given out as they are shown.
  await bar(page, '办理中').click()
  await line(page, titles[0]).waitFor()
  expect(await line(page, '提案').count()).toBe(2)
  await shot(page, 'report-matters')
  expect((await rowsOf(await saved(page, '导出'))).slice(1).map((r) => r[1])).toEqual([titles[1], titles[0]])

  await place(page, '交办清单')
  await page.locator('.item:visible', { hasText: '提案交办会' }).click()
  await button(page, '打印').click()
  await page.locator('.paper:visible .paper-title', { hasText: '提案交办会交办清单' }).waitFor()
  expect((await line(page, titles[1]).locator('td').allTextContents()).slice(2, 5)).toEqual([titles[1], units[0], units[1]])
  expect(await page.locator('.paper-sign').allTextContents()).toHaveLength(2)
  await shot(page, 'report-handover')
  const paper = await rowsOf(await saved(page, '下载Excel表格'))
  expect(paper[0][0]).toBe('提案交办会交办清单')
  expect(paper[3].slice(2, 5)).toEqual([titles[1], units[0], units[1]])
  await page.emulateMedia({ media: 'print' })
  await page.locator('.side').waitFor({ state: 'hidden' })
  for (const hidden of ['uni-page-head', '.desk-bar', 'uni-tabbar']) expect(await page.locator(`${hidden}:visible`).count(), hidden).toBe(0)
  expect((await page.locator('.paper:visible').boundingBox())!.x).toBe(0)
  await shot(page, 'report-print')
  expect(trouble).toEqual([])
})

it('a unit prints what it was given, and counts nothing', async () => {
  const { page } = await at('陈一帆')
  await page.locator('.side-place', { hasText: '交办清单' }).first().waitFor()
  expect(await page.locator('.side-place', { hasText: '统计' }).count()).toBe(0)
})

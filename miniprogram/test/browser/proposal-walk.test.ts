import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { act, button, confirm, field, pick, stands, write } from './hands'
import { desk, enter, shot, stage, type Stage, visit } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const title = '关于改善城乡公交衔接的建议'
const like = '关于改善公交候车条件的建议'
const place = (page: Page, label: string) => page.locator('.side-place', { has: page.getByText(label, { exact: true }) })
const line = (page: Page, words: string) => page.locator('tbody tr:visible', { hasText: words })

/** Writes a proposal up to where one hands it in. */
async function draft(page: Page, words: Record<string, string>) {
  await page.locator('.big', { hasText: '提案' }).click()
  await write(page, { 情况: '城乡公交目前每天只有四班，换乘平均要等一个小时，老人和学生都不方便。', 分析: '主要是两家公司的班次各排各的，没有衔接。', ...words })
  await button(page, '下一步').click()
  await pick(page, '类别', '交通出行')
}

it('two like 提案 are merged, numbered, handed over at a meeting, and each author reads an answer of their own', async () => {
  const [lead, cosigner, other, office, unit] = [await s.device(), await s.device(), await s.device(), await s.device(desk), await s.device(desk)]
  await enter(lead.page, s.url, '李春山')
  await draft(lead.page, { 案由: title, 建议: '建议由县交通运输局统一排班，并在换乘站公布时刻表，半年内完成。' })
  await pick(lead.page, '联名人', '欧阳敏')
  await lead.page.getByText('草稿已保存').waitFor()
  await button(lead.page, '征求联名').click()
  await stands(lead.page, '征求联名')
  const there = lead.page.url()

  await enter(cosigner.page, s.url, '欧阳敏')
  await cosigner.page.getByText('李春山请您联名').first().click()
  await act(cosigner.page, '同意联名')
  await confirm(cosigner.page)
  await cosigner.page.locator('.author:visible', { hasText: '欧阳敏' }).getByText('已同意').waitFor()
  await lead.page.reload()
  await act(lead.page, '修改或提交')
  await button(lead.page, '下一步').click()
  await button(lead.page, '提交').last().click()
  await stands(lead.page, '待审查')

  await enter(other.page, s.url, '扎西卓玛')
  await draft(other.page, { 案由: like, 建议: '建议由县住建局在三个换乘站各建一座候车亭，年底前完成。' })
  await button(other.page, '提交').last().click()
  await stands(other.page, '待审查')
  const elsewhere = other.page.url()

  // The office reviews the first, merges the second into it, and files it.
  const page = office.page
  await enter(page, s.url, '买买提·吐尔逊')
  await place(page, '待办').click()
  await page.locator('.work-row', { hasText: title }).click()
  await stands(page, '待审查')
  await act(page, '提交预审意见')
  await pick(page, '审查意见', '立案')
  await pick(page, '建议主办单位', '言城县住房和城乡建设局')
  await write(page, { 建议并案: like })
  await shot(page, 'proposal-review-wide')
  await confirm(page)
  await page.locator('.work-row', { hasText: like }).click()
  await page.locator('.work-matter .matter-title', { hasText: like }).waitFor()
  await act(page, '并案')
  await field(page, '并入').locator('.entry').click()
  await page.locator('.sheet:visible .item', { hasText: title }).waitFor()
  expect(await page.locator('.sheet:visible .item', { hasText: like }).count()).toBe(0) // nothing is merged into itself
  await shot(page, 'proposal-merge-wide')
  await page.locator('.sheet:visible .item', { hasText: title }).click()
  await write(page, { 相同之处: '都建议改善换乘站。' })
  await confirm(page)
  await page.locator('.work-row', { hasText: like }).waitFor({ state: 'detached' })
  await page.locator('.work-row', { hasText: title }).click()
  await stands(page, '待复审')
  await act(page, '立案')
  await write(page, { 会议名称: '提案审查委员会第一次会议' })
  await pick(page, '拟主办单位', '言城县住房和城乡建设局')
  await button(page, '只立案').click()
  await stands(page, '已立案')
  await shot(page, 'proposal-filed-wide')

  // It gets its number by the list, and goes to the unit at the meeting.
  await place(page, '编号').click()
  await line(page, title).locator('[role=checkbox]').click()
  await page.locator('.numbers-start input').fill('31')
  await button(page, '给这1件编号').click()
  await page.locator('.note', { hasText: '第31号' }).waitFor()
  await place(page, '待办').click()
  await page.locator('.work-row', { hasText: title }).click()
  await page.locator('.work-matter .matter-head', { hasText: '第31号' }).waitFor()
  await act(page, '交办')
  await field(page, '主办单位').locator('.chip.on', { hasText: '住房和城乡建设局' }).waitFor() // as it was proposed
  await write(page, { 交办会: '2026年提案交办会', 办理要求: '请先与提案人见面，再作答复。' })
  await shot(page, 'proposal-handover-wide')
  await confirm(page)
  await page.locator('.work-row', { hasText: title }).waitFor({ state: 'detached' })
  await place(page, '交办清单').click()
  await page.locator('.item', { hasText: '2026年提案交办会' }).click()
  await page.getByText('还有1件没有签收').waitFor()
  await shot(page, 'handover-list-wide')

  // The unit signs for what the list gives it, and answers both.
  await enter(unit.page, s.url, '陈一帆')
  await place(unit.page, '交办清单').click()
  await unit.page.locator('.item', { hasText: '2026年提案交办会' }).click()
  await button(unit.page, '一起签收1件').click()
  await write(unit.page, { 经办人: '陈一帆', 联系电话: '0991-5550101' })
  await shot(unit.page, 'handover-sign-wide')
  await button(unit.page, '签收这1件').click()
  await unit.page.getByText('都签收了').waitFor()
  await shot(unit.page, 'handover-signed-wide')
  await unit.page.locator('.item', { hasText: title }).click()
  await act(unit.page, '登记沟通情况')
  await pick(unit.page, '沟通方式', '走访')
  await write(unit.page, { 沟通内容: '到换乘站听取了两位提案人的意见。' })
  await confirm(unit.page)
  await unit.page.locator('.event:visible', { hasText: '登记沟通情况' }).waitFor()
  await act(unit.page, '提交答复函')
  await pick(unit.page, '办理结果', 'A 已经解决或采纳')
  await write(unit.page, { 答复内容: '两家公司已统一排班，时刻表已在换乘站公布。', 签发人: '马建设', 文号: '言住建函〔2026〕12号' })
  await pick(unit.page, '沟通方式', '走访')
  await unit.page.getByLabel(`对“${like}”的答复`).locator('textarea').fill('三座候车亭已经建好，欢迎您来看。')
  await unit.page.getByText('分别答复').scrollIntoViewIfNeeded()
  await shot(unit.page, 'proposal-letter-wide')
  await confirm(unit.page)
  await unit.page.getByText('答复待审查').first().waitFor()

  // The office passes it.
  await place(page, '待办').click()
  await page.locator('.work-row', { hasText: title }).click()
  await page.locator('.work-matter').getByText('三座候车亭已经建好').waitFor()
  await shot(page, 'proposal-check-wide')
  await act(page, '审查通过')
  await confirm(page)
  await page.locator('.work-row', { hasText: title }).waitFor({ state: 'detached' })

  // Each reads what is theirs. The first sponsor and who was merged rate it.
  await visit(lead.page, there)
  await lead.page.getByText('两家公司已统一排班').waitFor()
  expect(await lead.page.getByText('三座候车亭已经建好').count()).toBe(0) // that is the other's letter
  await shot(lead.page, 'proposal-answered')
  await act(lead.page, '评价')
  await pick(lead.page, '办理态度', '满意')
  await pick(lead.page, '办理结果', '满意')
  await confirm(lead.page)
  await stands(lead.page, '已办结')
  await cosigner.page.goto(s.url + '/#/pages/inbox/index')
  await cosigner.page.locator('.item', { hasText: title }).first().click()
  await cosigner.page.getByText('两家公司已统一排班').waitFor()
  await shot(cosigner.page, 'proposal-cosigner-answered')
  await visit(other.page, elsewhere)
  await other.page.getByText('三座候车亭已经建好').waitFor()
  expect(await other.page.getByText('两家公司已统一排班').count()).toBe(0)
  await act(other.page, '评价答复')
  await pick(other.page, '办理态度', '满意')
  await pick(other.page, '办理结果', '基本满意')
  await confirm(other.page)
  await other.page.locator('.tag', { hasText: '办理结果 基本满意' }).waitFor()
  await shot(other.page, 'proposal-merged-rated')
  for (const d of [lead, cosigner, other, office, unit]) expect(d.trouble).toEqual([])
})

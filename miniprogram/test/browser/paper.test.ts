import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { act, button, call, confirm, field, pick, stands, step, write } from './hands'
import { desk, enter, shot, stage, type Stage } from './stage'

// Half of the work is on paper or by telephone: whose act it was, and who typed it.

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const base = '/v1/suggestions'

/** Fills in of which paper it is: its date, and a photo of it. */
async function paper(page: Page, label = '扫描件') {
  await field(page, '纸件日期').locator('.entry').click()
  await page.locator('.uni-picker-action-confirm:visible').click()
  await field(page, '纸件日期').getByText('请选择').waitFor({ state: 'detached' })
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), field(page, label).locator('.file-add').first().click()])
  await chooser.setFiles([{ name: '纸件.png', mimeType: 'image/png', buffer: await page.screenshot() }])
  await field(page, label).locator('.file-picture').waitFor()
}

/** Records an action from paper: offered last, after what one does oneself. */
const record = (page: Page, label: string) => act(page, `代录：${label}`)
const event = (page: Page, label: string) => page.locator('.event:visible', { has: page.getByText(label, { exact: true }) }).first()

it('a unit signs for and answers on paper, and a member rates by telephone', async () => {
  const [member, office] = [await s.device(), await s.device(desk)]
  await enter(member.page, s.url, '李春山')
  await enter(office.page, s.url, '王静')
  const { id } = await call<{ id: string }>(member.page, base, { title: '村口水渠清淤', body: '村口水渠淤积多年，下雨就漫到路上，建议尽快清淤。', category: 'AGRICULTURE' })
  const units = await call<{ items: { id: string; name: string }[] }>(office.page, '/v1/units?limit=100')
  await step(office.page, base, id, 'accept', { route: 'DIRECT_UNIT' })
  await step(office.page, base, id, 'dispatch', { lead_unit_id: units.items.find((u) => u.name.includes('水利局'))!.id })

  const page = office.page
  await page.goto(`${s.url}/#/pages/matter/index?kind=suggestion&id=${id}`)
  await record(page, '签收')
  await write(page, { 经办人: '艾力江', 联系电话: '0991-5550202', 纸件署名: '艾力江' })
  await paper(page)
  await confirm(page)
  await page.locator('.assigned:visible', { hasText: '办理中' }).waitFor()
  await record(page, '提交答复')
  await pick(page, '办理结果', 'A 已经解决或采纳')
  await write(page, { 答复内容: '水渠已清淤三公里，今后每年汛前清一次。', 联系人: '艾力江', 联系电话: '0991-5550202' })
  await pick(page, '沟通方式', '走访')
  await button(page, '提交答复').click()
  await page.getByText('请选择纸件日期').waitFor() // it counts from there
  await write(page, { 纸件署名: '艾力江' })
  await paper(page)
  await page.getByText('纸件署名').scrollIntoViewIfNeeded()
  await shot(page, 'paper-reply-wide')
  await confirm(page)
  await page.locator('.assigned:visible', { hasText: '答复待审查' }).waitFor()

  // Whose act it was, who typed it, and the scan.
  const answered = event(page, '提交答复')
  await answered.getByText('艾力江，王静 纸件代录').waitFor()
  await answered.locator('.thumb-picture').waitFor()
  await answered.scrollIntoViewIfNeeded()
  await shot(page, 'paper-timeline-wide')
  await act(page, '审查通过')
  await confirm(page)
  await stands(page, '已答复')

  // The member reads the answer, and nothing of what the office typed.
  await member.page.goto(`${s.url}/#/pages/matter/index?kind=suggestion&id=${id}`)
  await member.page.getByText('水渠已清淤三公里').waitFor()
  expect(await member.page.getByText('王静').count()).toBe(0)

  await record(page, '评价')
  await pick(page, '办理态度', '满意')
  await pick(page, '办理结果', '基本满意')
  await pick(page, '记录方式', '电话')
  await field(page, '纸件日期').locator('.entry').click()
  await page.locator('.uni-picker-action-confirm:visible').click()
  await shot(page, 'paper-rating-wide')
  await confirm(page)
  await stands(page, '已办结')
  await event(page, '评价').getByText('李春山，王静 电话记录').waitFor()
  await member.page.reload()
  await stands(member.page, '已办结')
  await member.page.locator('.tag', { hasText: '办理结果 基本满意' }).waitFor()
  for (const d of [member, office]) expect(d.trouble).toEqual([])
})

it('a 提案 on paper is typed in the name of its member, who follows it', async () => {
  const [office, member] = [await s.device(), await s.device()]
  const page = office.page
  await enter(page, s.url, '买买提·吐尔逊')
  await page.locator('.big', { hasText: '代录纸件' }).click()
  await page.locator('.segment', { hasText: '提案' }).click()
  await field(page, '案由').waitFor()
  await pick(page, '本人', '扎西卓玛')
  await paper(page)
  await write(page, { 案由: '关于增加乡村教师周转房的提案', 情况: '三个乡的教师没有宿舍，每天往返四十公里。', 建议: '建议由县教育局建设周转房二十套。' })
  await pick(page, '类别', '教育')
  await page.getByText('纸上写的').scrollIntoViewIfNeeded()
  await shot(page, 'paper-proposal')
  await button(page, '录入').click()
  await stands(page, '待审查')
  await event(page, '提交').getByText('扎西卓玛，买买提·吐尔逊 纸件代录').waitFor()
  await event(page, '提交').locator('.thumb-picture').waitFor() // the paper as it was signed
  await shot(page, 'paper-proposal-recorded')

  await enter(member.page, s.url, '扎西卓玛')
  await member.page.goto(`${s.url}/#/pages/mine/index`)
  await member.page.locator('.segment:visible', { hasText: '提案' }).click()
  await member.page.locator('.item', { hasText: '关于增加乡村教师周转房的提案' }).click()
  await stands(member.page, '待审查')
  for (const d of [office, member]) expect(d.trouble).toEqual([])
})

it('a liaison hands in for a member, who is told', async () => {
  const admin = await s.device(desk)
  await enter(admin.page, s.url, '林管理')
  const { id } = await call<{ id: string }>(admin.page, '/v1/people', { name: '帕提古丽', phone: '13800000041' })
  await call(admin.page, `/v1/people/${id}/appoint`, { role: 'STUDIO_LIAISON' })

  const [liaison, member] = [await s.device(), await s.device()]
  const page = liaison.page
  await enter(page, s.url, '帕提古丽')
  await page.locator('.big', { hasText: '微建议' }).click()
  await write(page, { 标题: '老街增设休息座椅', 内容: '老街没有座椅，老人买菜走累了没处歇脚，建议增设座椅。' })
  await pick(page, '类别', '城市建设')
  await button(page, '提交').last().click()
  await page.getByText('请选择代哪位委员提交').waitFor()
  await pick(page, '代哪位委员提交', '古丽娜尔·艾山')
  await shot(page, 'behalf')
  await button(page, '提交').last().click()
  await page.getByText('已经收到').waitFor()
  await page.getByText('古丽娜尔·艾山').first().waitFor()
  await shot(page, 'behalf-matter')

  await enter(member.page, s.url, '古丽娜尔·艾山')
  await member.page.goto(`${s.url}/#/pages/inbox/index`)
  await member.page.locator('.item', { hasText: '老街增设休息座椅' }).waitFor()
  await shot(member.page, 'behalf-told')
  await member.page.locator('.item', { hasText: '老街增设休息座椅' }).click()
  await stands(member.page, '待审核')
  for (const d of [admin, liaison, member]) expect(d.trouble).toEqual([])
})

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { act, button, confirm, field, pick, write } from './hands'
import { enter, shot, stage, type Stage } from './stage'

// What happens between the office, a leader and a unit on the way to an answer.

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

async function queue(page: Page) {
  const at = `${s.url}/#/staff/queue/index`
  if (page.url() === at) await page.reload()
  else await page.goto(at)
  await page.locator('.task:visible, .empty:visible').first().waitFor()
}

const row = (page: Page, title: string) => page.locator('.task:visible', { hasText: title })
const open = async (page: Page, title: string) => {
  await queue(page)
  await row(page, title).locator('.task-main').click()
  await page.locator('.matter-head:visible').waitFor()
}

async function submit(page: Page, path: string, body: object) {
  const status = await page.evaluate(
    async ([to, text]) => (await fetch(to, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: text })).status,
    [path, JSON.stringify(body)],
  )
  expect(status).toBe(201)
}

it('a unit asks for more time, reports, and is answered; the office passes on and takes over', async () => {
  const title = '校门口加装减速带'
  const member = await s.device()
  await enter(member.page, s.url, '古丽娜尔·艾山')
  await submit(member.page, '/v1/suggestions', { title, body: '上学时车多车快，建议在校门口两侧加装减速带。', category: 'TRAFFIC' })

  const office = await s.device()
  await enter(office.page, s.url, '王静')
  await open(office.page, title)
  await act(office.page, '交给同事')
  await pick(office.page, '交给', '买买提·吐尔逊')
  await confirm(office.page)
  await office.page.getByText('买买提·吐尔逊').first().waitFor()
  await act(office.page, '我来办')
  await confirm(office.page)
  await office.page.locator('.fact:visible', { hasText: '经办同事' }).getByText('王静').waitFor()
  await act(office.page, '受理')
  await pick(office.page, '办理方式', '直接交承办单位')
  await pick(office.page, '拟主办单位', '言城县教育局')
  await button(office.page, '受理并转办').click()
  await office.page.locator('.assigned:visible', { hasText: '言城县教育局' }).waitFor()
  await shot(office.page, 'office-dispatched')

  const unit = await s.device()
  await enter(unit.page, s.url, '周小禾')
  await open(unit.page, title)
  await act(unit.page, '签收')
  await write(unit.page, { 经办人: '周小禾', 联系电话: '0991-5550303' })
  await confirm(unit.page)
  await unit.page.locator('.assigned:visible', { hasText: '办理中' }).waitFor()
  await act(unit.page, '登记沟通情况')
  await pick(unit.page, '沟通方式', '电话')
  await write(unit.page, { 沟通内容: '已电话听取提案人意见。' })
  await confirm(unit.page)
  await unit.page.locator('.event:visible', { hasText: '登记沟通情况' }).waitFor()
  await act(unit.page, '办理进展')
  await unit.page.locator('.field:visible textarea').first().fill('已与交警大队看过现场。')
  await confirm(unit.page)
  await unit.page.locator('.event:visible', { hasText: '已与交警大队看过现场' }).waitFor()
  await act(unit.page, '申请延期')
  await write(unit.page, { 理由: '减速带正在采购。', '延期（工作日）': '3' })
  await shot(unit.page, 'unit-extension')
  await confirm(unit.page)
  await unit.page.locator('.assigned:visible', { hasText: '延期待批' }).waitFor()

  await open(office.page, title)
  await office.page.locator('.assigned:visible', { hasText: '申请延期3个工作日' }).waitFor()
  await shot(office.page, 'office-extension')
  await act(office.page, '同意延期')
  await confirm(office.page)
  await office.page.locator('.assigned:visible', { hasText: '已延期3个工作日' }).waitFor()

  await queue(unit.page)
  await row(unit.page, title).locator('.task-act', { hasText: '答复' }).click()
  // A phrase of the unit or the office, then one's own words.
  await unit.page.getByText('用常用语').click()
  const phrase = unit.page.locator('.sheet:visible .item').first()
  await phrase.waitFor()
  await shot(unit.page, 'unit-phrases')
  await phrase.click()
  await expect.poll(() => field(unit.page, '答复内容').locator('textarea').inputValue()).not.toBe('')
  for (const d of [member, office, unit]) expect(d.trouble).toEqual([])
})

it('two of the office act on the same one: the second is told, and keeps what was typed', async () => {
  const title = '小区门口增设充电桩'
  const member = await s.device()
  await enter(member.page, s.url, '古丽娜尔·艾山')
  await submit(member.page, '/v1/suggestions', { title, body: '电动车多，充电难，建议在小区门口增设充电桩。', category: 'LIVELIHOOD' })
  const [first, second] = [await s.device(), await s.device()]
  await enter(first.page, s.url, '王静')
  await enter(second.page, s.url, '买买提·吐尔逊')
  for (const d of [first, second]) {
    await open(d.page, title)
    await act(d.page, '退回修改')
    await write(d.page, { 理由: '请写明是哪个小区。' })
  }
  await confirm(first.page)
  await first.page.locator('.matter-head:visible', { hasText: '待修改' }).waitFor()
  await confirm(second.page)
  await second.page.locator('.error-note:visible').waitFor()
  await shot(second.page, 'office-stale')
  expect(await field(second.page, '理由').locator('textarea').inputValue()).toBe('请写明是哪个小区。')
  await button(second.page, '刷新，看最新情况').click()
  await second.page.locator('.error-note:visible', { hasText: '现在是“待修改”，不能再“退回修改”了' }).waitFor()
})

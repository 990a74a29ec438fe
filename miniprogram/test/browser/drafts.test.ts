import { afterAll, beforeAll, expect, it } from 'vitest'
import { button, call, field, write } from './hands'
import { enter, shot, stage, type Stage } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const title = '关于增设夜间班车的建议'
const person = '李春山'

it('a draft is taken up on another device, and nothing that was typed on either is lost', async () => {
  const first = await s.device()
  await enter(first.page, s.url, person)
  await first.page.locator('.big', { hasText: '提案' }).click()
  await write(first.page, { 案由: title, 情况: '晚上八点以后没有班车。' })
  await first.page.getByText('草稿已保存').waitFor()

  const second = await s.device()
  await enter(second.page, s.url, person)
  await second.page.getByText('在另一台设备上写的').waitFor()
  await shot(second.page, 'home-draft-elsewhere')
  await second.page.getByText(title).click()
  await expect.poll(() => field(second.page, '情况').locator('textarea').inputValue()).toBe('晚上八点以后没有班车。')
  await write(second.page, { 分析: '白天的司机晚上没有人接班。' })
  await second.page.getByText('草稿已保存').waitFor()

  // The first goes on where the second stopped.
  await first.page.goto(s.url + '/#/')
  await first.page.getByText(title).click()
  await expect.poll(() => field(first.page, '分析').locator('textarea').inputValue()).toBe('白天的司机晚上没有人接班。')

  // Both change it, one of them without a net.
  await first.context.setOffline(true)
  await write(first.page, { 建议: '这一台写的建议：每晚加开两班。' })
  await write(second.page, { 建议: '另一台写的建议：到十点。' })
  await second.page.goto(s.url + '/#/') // leaving saves at once
  const { items } = await call<{ items: { id: string }[] }>(second.page, '/v1/proposals?mine=true&stage=DRAFT')
  await expect.poll(async () => (await call<{ advice: string }>(second.page, `/v1/proposals/${items[0].id}`)).advice).toBe('另一台写的建议：到十点。')
  await first.context.setOffline(false)
  await first.page.reload()
  await first.page.getByText('两台设备上都改过').waitFor()
  await shot(first.page, 'draft-both')
  await first.page.locator('.uni-modal__btn_default').click()
  await expect.poll(() => field(first.page, '建议').locator('textarea').inputValue()).toBe('这一台写的建议：每晚加开两班。')
})

it('drafts are listed apart, and one is thrown away', async () => {
  const { page, trouble } = await s.device()
  await enter(page, s.url, person)
  await page.goto(s.url + '/#/pages/mine/index')
  await page.locator('.segment', { hasText: '提案' }).click()
  await page.locator('.chip', { hasText: '草稿' }).click()
  await page.getByText(title).waitFor()
  await shot(page, 'mine-drafts')
  await page.getByText(title).click()
  await field(page, '案由').waitFor()
  await page.getByText('删去草稿').click()
  await page.locator('.uni-modal__btn_primary').click()
  await page.getByText('，您好').waitFor()
  await page.goto(s.url + '/#/pages/mine/index')
  await page.locator('.segment', { hasText: '提案' }).click()
  await page.locator('.chip', { hasText: '草稿' }).click()
  await page.getByText('没有草稿').waitFor()
  expect(trouble).toEqual([])
})

it('what was handed in on another device is not handed in again', async () => {
  const first = await s.device()
  const second = await s.device()
  await enter(first.page, s.url, '古丽娜尔·艾山')
  await first.page.locator('.big', { hasText: '微建议' }).click()
  await write(first.page, { 标题: '增设垃圾桶', 内容: '东街没有垃圾桶，建议增设四个并每天清运。' })
  await field(first.page, '类别').locator('.chip').first().click()
  await first.page.getByText('草稿已保存').waitFor()
  await first.page.goto(s.url + '/#/')
  await enter(second.page, s.url, '古丽娜尔·艾山')
  await second.page.getByText('增设垃圾桶').click()
  await button(second.page, '提交').click()
  await second.page.getByText('已经收到').waitFor()
  await first.page.getByText('增设垃圾桶').first().click()
  await first.page.locator('.matter-head', { hasText: '待审核' }).waitFor()
  await first.page.goto(s.url + '/#/pages/mine/index')
  await first.page.locator('.item').first().waitFor()
  expect(await first.page.locator('.item:visible', { hasText: '增设垃圾桶' }).count()).toBe(1)
})

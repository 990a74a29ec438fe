import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, step } from './hands'
import { enter, shot, stage, type Stage } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

it('messages are marked until they are read, one by one or all', async () => {
  const [member, office] = [await s.device(), await s.device()]
  await enter(office.page, s.url, '王静')
  await enter(member.page, s.url, '古丽娜尔·艾山')
  const ids: string[] = []
  for (const title of ['修复人民路路灯', '增设垃圾桶', '修补东街路面']) {
    const { id } = await call<{ id: string }>(member.page, '/v1/suggestions', { title, body: '已经有两周了，行人不便，建议尽快处理。', category: 'CITY' })
    await step(office.page, '/v1/suggestions', id, 'accept', { route: 'DIRECT_UNIT' })
    ids.push(id)
  }
  const page = member.page
  const unread = page.locator('.item:visible .dot')
  await page.goto(s.url + '/#/pages/inbox/index')
  await expect.poll(() => unread.count()).toBe(3)
  await shot(page, 'inbox-unread')
  await page.locator('.item:visible').first().click()
  await page.locator('.matter-head').waitFor()
  await page.goto(s.url + '/#/pages/inbox/index')
  await expect.poll(() => unread.count()).toBe(2)
  await page.getByText('都看过了').click()
  await expect.poll(() => unread.count()).toBe(0)
  await expect.poll(() => page.locator('.uni-tabbar__badge:visible').count()).toBe(0)
  expect(member.trouble).toEqual([])
})

it('a push opens its matter, after a login where one is needed', async () => {
  const { page } = await s.device()
  await enter(page, s.url, '李春山')
  const { id } = await call<{ id: string }>(page, '/v1/suggestions', { title: '村小门前画斑马线', body: '村小门前车多，建议尽快画线并设减速带。', category: 'TRAFFIC' })
  const other = await s.device()
  await other.page.goto(`${s.url}/#/pages/matter/index?kind=suggestion&id=${id}`)
  await other.page.getByText('同意并继续').click()
  await other.page.getByText('李春山', { exact: true }).click()
  await other.page.locator('.matter-title', { hasText: '村小门前画斑马线' }).waitFor()
})

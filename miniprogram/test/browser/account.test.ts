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

it('home has what the server opens, and no more than it opens now', async () => {
  for (const [name, has, not] of [
    ['王静', ['待办', '代录纸件', '未送达', '同事不在'], ['社情民意']],
    ['陈一帆', ['待办', '交办清单', '社情民意'], ['代录纸件', '提案', '微建议', '跟踪落实']],
    ['古丽娜尔·艾山', ['微建议', '社情民意', '提案'], ['待办', '代录纸件']],
    ['林管理', ['现在没有等您处理的事'], ['微建议', '代录纸件', '待办']],
  ] as const) {
    const { page, trouble } = await s.device()
    await enter(page, s.url, name)
    await page.locator('.section-title, .empty').first().waitFor()
    for (const label of has) await page.getByText(label, { exact: true }).locator('visible=true').first().waitFor()
    for (const label of not) expect(await page.getByText(label, { exact: true }).locator('visible=true').count(), `${name}: ${label}`).toBe(0)
    await shot(page, `home-${name}`)
    expect(trouble).toEqual([])
  }
})

it('what is taken away is gone at the next open, and what is kept is little', async () => {
  const { page } = await s.device()
  await enter(page, s.url, '古丽娜尔·艾山')
  const kept = () => page.evaluate(() => JSON.stringify(Object.entries(localStorage)))
  const now = await kept()
  for (const not of ['少数民族界', '第一联络组', 'bound_at', 'proof']) expect(now).not.toContain(not)
  // As if more had been open to her the last time.
  await page.evaluate(() => {
    const [key, value] = Object.entries(localStorage).find(([k]) => k === 'session')!
    localStorage.setItem(key, value.replace(/may(\\?)":\[/, 'may$1":[$1"work.overdue$1",'))
  })
  expect(await kept()).toContain('work.overdue')
  let answer = () => {}
  const held = new Promise<void>((go) => (answer = go))
  await page.route('**/v1/me', async (route) => {
    await held
    await route.continue()
  })
  await page.reload()
  await page.getByText('逾期情况').waitFor()
  answer()
  await page.getByText('逾期情况').waitFor({ state: 'detached' })
  expect(await kept()).not.toContain('work.overdue')

  await page.goto(s.url + '/#/pages/me/index')
  await page.getByText('退出登录').click()
  await page.locator('uni-modal .uni-modal__btn_primary').click()
  await page.getByText('委员建言，件件有回音').waitFor()
  expect(await kept()).not.toContain('古丽娜尔')
})

it('the address of another matter shows that one, and going about does not read the page anew', async () => {
  const { page, trouble } = await s.device()
  await enter(page, s.url, '古丽娜尔·艾山')
  const ids: string[] = []
  for (const title of ['疏通南街雨水井', '更换公园长椅']) ids.push((await call<{ id: string }>(page, '/v1/suggestions', { title, body: '已经有两周了，行人不便，建议尽快处理。', category: 'CITY' })).id)
  let loads = 0
  page.on('load', () => loads++)
  const shows = (title: string) => page.locator('.matter-title:visible', { hasText: title }).waitFor()
  await page.goto(`${s.url}/#/pages/mine/index`)
  await page.locator('.item:visible', { hasText: '疏通南街雨水井' }).click()
  await shows('疏通南街雨水井')
  await page.goBack()
  await page.locator('.item:visible', { hasText: '更换公园长椅' }).click()
  await shows('更换公园长椅')
  await page.waitForTimeout(700) // what watches the address has looked
  expect(loads).toBe(0)
  for (const [i, title] of [[0, '疏通南街雨水井'], [1, '更换公园长椅'], [0, '疏通南街雨水井']] as const) {
    await page.evaluate((id) => (location.hash = `#/pages/matter/index?kind=suggestion&id=${id}`), ids[i])
    await shows(title)
  }
  expect(trouble).toEqual([])
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

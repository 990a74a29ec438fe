import { afterAll, beforeAll, expect, it } from 'vitest'
import { enter, shot, stage, type Stage } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

it('what is handed in without a net, with two pictures, is one matter when the net is back', async () => {
  const { context, page } = await s.device()
  await enter(page, s.url, '李春山')
  await page.locator('.big', { hasText: '微建议' }).click()
  const field = (label: string) => page.locator('.field', { has: page.getByText(label, { exact: true }) })
  await field('类别').locator('.chip', { hasText: '教育' }).click()
  await context.setOffline(true)
  await field('标题').locator('input').fill('村小门前缺斑马线')
  await field('内容').locator('textarea').fill('村小门前车多，没有斑马线，建议尽快画线并设减速带。')
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), field('照片').locator('.file-add').click()])
  const picture = await page.screenshot()
  await chooser.setFiles(['门前.png', '路口.png'].map((name) => ({ name, mimeType: 'image/png', buffer: picture })))
  await expect.poll(() => page.locator('.file-picture').count()).toBe(2)
  const submit = page.locator('uni-button:visible', { hasText: '提交' })
  await submit.dblclick()
  await page.getByText('现在没有网').waitFor()
  await shot(page, 'offline')

  // The page is killed while there is no net, and opened again when there is.
  await page.close()
  await context.setOffline(false)
  const again = await context.newPage()
  await again.goto(s.url + '/#/pages/mine/index')
  await again.getByText('待审核').waitFor()
  expect(await again.getByText('村小门前缺斑马线').count()).toBe(1)
  await again.getByText('村小门前缺斑马线').click()
  await expect.poll(() => again.locator('.thumb-picture').count()).toBe(2)
  expect(await again.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('draft:')))).toEqual([])
})

it('a session that was ended elsewhere says so, and what was typed is still there', async () => {
  const phone = await s.device()
  const other = await s.device()
  await enter(phone.page, s.url, '扎西卓玛')
  await enter(other.page, s.url, '扎西卓玛')
  await phone.page.locator('.big', { hasText: '微建议' }).click()
  await phone.page.locator('.field input').first().fill('还没有写完')
  await other.page.goto(s.url + '/#/pages/sessions/index')
  await other.page.locator('.item', { hasNotText: '这一台' }).first().click()
  await other.page.locator('.uni-modal__btn_primary').click()
  await expect.poll(() => other.page.locator('.item').count()).toBe(1)
  await phone.page.goto(s.url + '/#/pages/inbox/index')
  await phone.page.getByText('请重新登录').waitFor()
  await shot(phone.page, 'session-ended')
  await phone.page.getByText('扎西卓玛', { exact: true }).click()
  await phone.page.getByText('还没有写完').waitFor()
})

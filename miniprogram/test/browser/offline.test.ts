import { afterAll, beforeAll, expect, it } from 'vitest'
import { act, button, call, field, pick, stands, write } from './hands'
import { enter, shot, stage, type Stage } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

it('what is handed in without a net, with two pictures, is one matter when the net is back', async () => {
  const { context, page } = await s.device()
  await enter(page, s.url, '李春山')
  await page.locator('.big', { hasText: '微建议' }).click()
  await pick(page, '类别', '教育')
  await context.setOffline(true)
  await write(page, { 标题: '村小门前缺斑马线', 内容: '村小门前车多，没有斑马线，建议尽快画线并设减速带。' })
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), field(page, '照片').locator('.file-add').click()])
  const picture = await page.screenshot()
  await chooser.setFiles(['门前.png', '路口.png'].map((name) => ({ name, mimeType: 'image/png', buffer: picture })))
  await expect.poll(() => page.locator('.file-picture').count()).toBe(2)
  await button(page, '提交').dblclick()
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

it('the net goes in the middle of handing in: what had arrived is used, the rest goes later, by itself', async () => {
  const { context, page } = await s.device()
  await enter(page, s.url, '欧阳敏')
  await page.locator('.big', { hasText: '微建议' }).click()
  await write(page, { 标题: '乡卫生院门口积水', 内容: '一下雨就积水，轮椅进不来，建议垫高并铺防滑砖。' })
  await pick(page, '类别', '医疗卫生')
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), field(page, '照片').locator('.file-add').click()])
  const picture = await page.screenshot()
  await chooser.setFiles(['门口.png', '坡道.png'].map((name) => ({ name, mimeType: 'image/png', buffer: picture })))
  await expect.poll(() => page.locator('.file-picture').count()).toBe(2)
  // The first picture arrives, and nothing after it.
  let sent = 0
  await page.route('**/v1/attachments', async (route) => {
    if (sent++ > 0) return route.abort('internetdisconnected')
    await route.continue()
    await context.setOffline(true)
  })
  await button(page, '提交').dblclick()
  await page.getByText('现在没有网').waitFor()
  expect(sent).toBeGreaterThan(0)
  await page.close()
  await context.setOffline(false)
  const again = await context.newPage()
  await again.goto(s.url + '/#/pages/mine/index')
  await again.getByText('待审核').waitFor()
  expect(await again.getByText('乡卫生院门口积水').count()).toBe(1)
  await again.getByText('乡卫生院门口积水').click()
  await expect.poll(() => again.locator('.thumb-picture').count()).toBe(2)
})

it('two taps on one button are one act', async () => {
  const [member, office] = [await s.device(), await s.device()]
  await enter(member.page, s.url, '古丽娜尔·艾山')
  await member.page.locator('.big', { hasText: '微建议' }).click()
  await write(member.page, { 标题: '广场增设饮水点', 内容: '夏天广场上人多，没有饮水的地方，建议增设饮水点。' })
  await pick(member.page, '类别', '城市建设')
  await button(member.page, '提交').dblclick()
  await member.page.getByText('已经收到').waitFor()
  const { items } = await call<{ items: { id: string; title: string }[] }>(member.page, '/v1/suggestions?mine=true')
  expect(items.filter((x) => x.title === '广场增设饮水点')).toHaveLength(1)

  await enter(office.page, s.url, '王静')
  await office.page.goto(`${s.url}/#/pages/matter/index?kind=suggestion&id=${items[0].id}`)
  await act(office.page, '退回修改')
  await write(office.page, { 理由: '请写明是哪个广场。' })
  await office.page.locator('.foot uni-button.primary:visible').last().dblclick()
  await stands(office.page, '待修改')
  const { timeline } = await call<{ timeline: { label: string }[] }>(office.page, `/v1/suggestions/${items[0].id}`)
  expect(timeline.filter((x) => x.label === '退回修改')).toHaveLength(1)
  expect([...member.trouble, ...office.trouble]).toEqual([])
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

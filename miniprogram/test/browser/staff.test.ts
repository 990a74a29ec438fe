import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { enter, shot, stage, type Stage } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const field = (page: Page, label: string) => page.locator('.field:visible', { has: page.getByText(label, { exact: true }) })
const chip = (page: Page, label: string, option: string) => field(page, label).locator('.chip', { hasText: option })
const button = (page: Page, label: string) => page.locator('uni-button:visible', { hasText: label })
const row = (page: Page, title: string) => page.locator('.task:visible', { hasText: title })
const toast = (page: Page, words: string) => page.locator('.uni-toast, .uni-sample-toast').filter({ hasText: words }).first().waitFor()

/** Counts what a thumb does. */
function thumb() {
  let taps = 0
  return {
    tap: async (target: Locator) => {
      await target.click()
      taps++
    },
    get taps() {
      return taps
    },
  }
}

/** What somebody hands in elsewhere. */
async function hand(page: Page, path: string, body: object) {
  const status = await page.evaluate(
    async ([to, text]) => (await fetch(to, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: text })).status,
    [path, JSON.stringify(body)],
  )
  expect(status).toBe(201)
}

const words = '晚上行人不便，已有两位老人绊倒，建议尽快修复并定期检查。'
const suggest = (page: Page, title: string) => hand(page, '/v1/suggestions', { title, body: title + '：' + words, category: 'CITY', place: '人民路中段' })

/** Opens the queue, or looks at it again. */
async function queue(page: Page) {
  const at = `${s.url}/#/staff/queue/index`
  if (page.url() === at) await page.reload()
  else await page.goto(at)
  await page.locator('.task:visible, .empty:visible').first().waitFor()
}

it('the office and a unit clear their queues with few taps', async () => {
  const member = await s.device()
  await enter(member.page, s.url, '古丽娜尔·艾山')
  for (const title of ['修复人民路路灯', '河东桥头积水', '菜市场门口停车乱', '公园长椅破损', '图书馆延长开放']) await suggest(member.page, title)

  const office = await s.device()
  await enter(office.page, s.url, '王静')
  await office.page.getByText('看全部').waitFor()
  await shot(office.page, 'staff-home')
  await office.page.locator('.big', { hasText: '待办' }).click()
  await row(office.page, '修复人民路路灯').waitFor()
  await shot(office.page, 'staff-queue')

  // Accepted and handed to a unit.
  const accept = thumb()
  await accept.tap(row(office.page, '修复人民路路灯').locator('.task-act'))
  await accept.tap(chip(office.page, '办理方式', '直接交承办单位'))
  await accept.tap(chip(office.page, '拟主办单位', '言城县住房和城乡建设局').or(field(office.page, '拟主办单位').locator('.entry')))
  if (await office.page.locator('.sheet:visible').count()) await accept.tap(office.page.locator('.sheet:visible .choice', { hasText: '住房和城乡建设局' }))
  await shot(office.page, 'staff-accept')
  await accept.tap(button(office.page, '受理并转办'))
  await toast(office.page, '受理、转办：已完成')
  expect(accept.taps).toBeLessThanOrEqual(4)
  await row(office.page, '河东桥头积水').waitFor()
  await row(office.page, '修复人民路路灯').waitFor({ state: 'detached' })

  // Several at once.
  await button(office.page, '选几件一起办').click()
  for (const title of ['河东桥头积水', '菜市场门口停车乱', '公园长椅破损']) await row(office.page, title).locator('.task-main').click()
  await shot(office.page, 'staff-choose')
  await button(office.page, '一起办理3件').click()
  await office.page.locator('.item:visible', { hasText: '受理' }).first().waitFor()
  await shot(office.page, 'staff-bulk')
  await office.page.locator('.item:visible', { has: office.page.getByText('受理', { exact: true }) }).click()
  // How it was done the last time stands there already.
  await chip(office.page, '办理方式', '直接交承办单位').and(office.page.locator('.on')).waitFor()
  await button(office.page, '受理这3件').click()
  await toast(office.page, '3件：受理，已完成')
  await row(office.page, '河东桥头积水').locator('.task-act', { hasText: '转办' }).waitFor()
  await shot(office.page, 'staff-queue-after')

  // The unit signs for it and answers.
  const unit = await s.device()
  await enter(unit.page, s.url, '陈一帆')
  await shot(unit.page, 'unit-home')
  await queue(unit.page)
  await shot(unit.page, 'unit-queue')
  await row(unit.page, '修复人民路路灯').locator('.task-act', { hasText: '签收' }).click()
  await field(unit.page, '经办人').locator('input').fill('陈一帆')
  await field(unit.page, '联系电话').locator('input').fill('0991-5550101')
  await button(unit.page, '签收').click()
  await row(unit.page, '修复人民路路灯').locator('.task-act', { hasText: '答复' }).waitFor()
  await row(unit.page, '修复人民路路灯').locator('.task-main').click()
  await button(unit.page, '提交答复').waitFor()
  await shot(unit.page, 'unit-matter')
  await unit.page.goBack()

  const answer = async (title: string) => {
    const t = thumb()
    await t.tap(row(unit.page, title).locator('.task-act', { hasText: '答复' }))
    await field(unit.page, '答复内容').locator('textarea').fill('已安排维修班组，本周内修好。')
    await t.tap(chip(unit.page, '办理结果', 'A').first())
    // Whoever signed for it is whom to call.
    expect(await field(unit.page, '联系人').locator('input').inputValue()).toBe('陈一帆')
    await shot(unit.page, 'unit-reply')
    await t.tap(button(unit.page, '提交答复'))
    await row(unit.page, title).waitFor({ state: 'detached' })
    return t.taps
  }
  expect(await answer('修复人民路路灯')).toBeLessThanOrEqual(3)

  // The second one: what is mostly the same stands there.
  await queue(office.page)
  await row(office.page, '河东桥头积水').locator('.task-act', { hasText: '转办' }).click()
  await field(office.page, '主办单位').locator('.chip, .entry').first().waitFor()
  await chip(office.page, '主办单位', '住房和城乡建设局').or(field(office.page, '主办单位').locator('.entry')).click()
  if (await office.page.locator('.sheet:visible').count()) await office.page.locator('.sheet:visible .choice', { hasText: '住房和城乡建设局' }).click()
  await shot(office.page, 'staff-dispatch')
  await button(office.page, '转办').click()
  await row(office.page, '河东桥头积水').waitFor({ state: 'detached' })
  await queue(unit.page)
  await row(unit.page, '河东桥头积水').locator('.task-act').click()
  expect(await field(unit.page, '经办人').locator('input').inputValue()).toBe('陈一帆')
  await button(unit.page, '签收').click()
  await row(unit.page, '河东桥头积水').locator('.task-act', { hasText: '答复' }).waitFor()
  expect(await answer('河东桥头积水')).toBeLessThanOrEqual(3)

  // The office checks it.
  await queue(office.page)
  await row(office.page, '修复人民路路灯').locator('.task-main').click()
  await button(office.page, '审查通过').waitFor()
  await shot(office.page, 'staff-check')
  await button(office.page, '审查通过').click()
  await office.page.getByText('确定要“审查通过”吗').waitFor()
  await office.page.locator('.foot uni-button.primary:visible').last().click()
  await office.page.getByText('已答复').first().waitFor()
  await shot(office.page, 'staff-matter')

  for (const d of [member, office, unit]) expect(d.trouble).toEqual([])
})

it('a swipe opens what is to be done', async () => {
  const member = await s.device()
  await enter(member.page, s.url, '古丽娜尔·艾山')
  await suggest(member.page, '路口加装红绿灯')
  const { context, page } = await s.device()
  await enter(page, s.url, '王静')
  await queue(page)
  const box = (await row(page, '路口加装红绿灯').boundingBox())!
  const client = await context.newCDPSession(page)
  const y = box.y + box.height / 2
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) => client.send('Input.dispatchTouchEvent', { type, touchPoints: x === undefined ? [] : [{ x, y }] })
  await touch('touchStart', 200)
  for (let x = 190; x >= 60; x -= 10) await touch('touchMove', x)
  await touch('touchEnd')
  const swiped = page.locator('[role=listitem]', { hasText: '路口加装红绿灯' }).locator('.task-swiped')
  await expect.poll(async () => ((await swiped.boundingBox())?.x ?? 999) < 320).toBe(true)
  await shot(page, 'staff-swipe')
  await swiped.click()
  await button(page, '受理并转办').waitFor()
})

it('what came on paper is recorded with its photo, and whom no message reached is called', async () => {
  const { page, trouble } = await s.device()
  await enter(page, s.url, '王静')
  await page.goto(`${s.url}/#/staff/record/index`)
  await field(page, '纸件日期').waitFor()
  await shot(page, 'staff-record')
  await field(page, '本人').locator('.entry').click()
  await page.locator('.sheet:visible .choice', { hasText: '李春山' }).click()
  await field(page, '纸件日期').locator('.entry').click()
  await page.locator('.uni-picker-action-confirm:visible').click()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), field(page, '扫描件').locator('.file-add').first().click()])
  await chooser.setFiles([{ name: '纸件.png', mimeType: 'image/png', buffer: await page.screenshot() }])
  await page.locator('.file-picture').waitFor()
  await field(page, '标题').locator('input').fill('乡村公交增开早班')
  await field(page, '内容').locator('textarea').fill('学生上学要走四公里，建议早上六点半加开一班公交车。')
  await chip(page, '类别', '交通出行').click()

  // Nothing typed is lost when the page is closed in between.
  await page.goto(`${s.url}/#/pages/home/index`)
  await page.getByText('，您好').waitFor()
  await page.goto(`${s.url}/#/staff/record/index`)
  await page.locator('.file-picture').waitFor()
  expect(await field(page, '标题').locator('input').inputValue()).toBe('乡村公交增开早班')
  await button(page, '录入').click()
  await page.getByText('待审核').first().waitFor()
  await page.getByText('李春山').first().waitFor()
  await shot(page, 'staff-recorded')

  // Returned to a member who has no telephone bound: somebody has to call.
  await button(page, '退回修改').click()
  await field(page, '理由').locator('textarea').fill('请写明是哪条线路。')
  await page.locator('.foot uni-button.primary:visible').last().click()
  await page.getByText('待修改').first().waitFor()
  await page.goto(`${s.url}/#/staff/undelivered/index`)
  const line = page.locator('.line:visible', { hasText: '李春山' }).first()
  // It takes a moment until the program has found that there is nobody to push to.
  await expect
    .poll(async () => {
      await page.reload()
      await page.locator('.line:visible, .empty:visible').first().waitFor()
      return line.count()
    }, { timeout: 60_000 })
    .toBe(1)
  await shot(page, 'staff-undelivered')
  await line.locator('uni-button', { hasText: '已电话告知' }).click()
  await page.getByPlaceholder('说明，可不填').or(page.locator('.tell input')).first().waitFor()
  await page.locator('.tell input').fill('本人接听，已知晓')
  await shot(page, 'staff-told')
  await button(page, '记下').click()
  await line.waitFor({ state: 'detached' })
  expect(trouble).toEqual([])
})

it('a unit hands in in its own name, without being asked for which', async () => {
  const { page, trouble } = await s.device()
  await enter(page, s.url, '陈一帆')
  await page.getByText('以本单位的名义').click()
  await page.getByText('以言城县住房和城乡建设局的名义提交').waitFor()
  for (const [label, text] of [
    ['标题', '关于改善老旧小区供水的建议'],
    ['情况', '老旧小区供水管网年久失修，夏季用水高峰时高层住户常常断水。'],
    ['分析', '管网改造资金不足，权属不清。'],
    ['建议', '由县里统筹资金，分批改造。'],
  ]) await field(page, label).locator('input, textarea').first().fill(text)
  await button(page, '下一步').click()
  await chip(page, '类别', '城市建设').waitFor()
  expect(await page.getByText('以集体名义提交').count()).toBe(0)
  await shot(page, 'unit-submit')
  await chip(page, '类别', '城市建设').click()
  await button(page, '提交').click()
  await page.getByText('已经收到').waitFor()
  await page.getByText('言城县住房和城乡建设局').first().waitFor()
  await shot(page, 'unit-submitted')
  expect(trouble).toEqual([])
})

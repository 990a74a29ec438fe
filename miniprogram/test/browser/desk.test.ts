import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { button, field } from './hands'
import { desk, enter, shot, stage, type Stage } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const place = (page: Page, label: string) => page.locator('.side-place', { has: page.getByText(label, { exact: true }) })
const line = (page: Page, words: string) => page.locator('tbody tr:visible', { hasText: words })
const word = (page: Page, words: string, label: string) => line(page, words).locator('uni-button', { hasText: label })
const told = (page: Page, words: string) => page.locator('.note:visible', { hasText: words }).first().waitFor()

/** Says yes to a dialogue, which then goes. */
async function agree(page: Page) {
  await page.locator('.ask-foot uni-button.grow:visible').click()
  await page.locator('.ask:visible').waitFor({ state: 'detached' })
}

/** Goes to a page by the side, and waits until it has read what it shows. */
async function go(page: Page, label: string) {
  await place(page, label).click()
  await place(page, label).and(page.locator('.on')).waitFor()
  await page.locator('.body:visible, .work:visible').last().waitFor()
  await page.locator('.loading:visible').waitFor({ state: 'detached' })
}

async function hand(page: Page, path: string, body: object): Promise<{ id: string; version: number }> {
  const [status, answer] = await page.evaluate(
    async ([to, text]) => {
      const r = await fetch(to, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: text })
      return [r.status, await r.json()] as const
    },
    [path, JSON.stringify(body)],
  )
  expect(status, JSON.stringify(answer)).toBeLessThan(300)
  return answer
}

const suggest = (page: Page, title: string) => hand(page, '/v1/suggestions', { title, body: `${title}：居民反映已久，建议尽快解决。`, category: 'CITY', place: '人民路中段' })
const move = (page: Page, title: string, category: string) =>
  hand(page, '/v1/proposals', { title, situation: '群众反映较多，亟需改善。', analysis: '投入不足，部门之间衔接不够。', advice: '一、统筹规划；二、增加投入。', category, proposer: 'INDIVIDUAL' })

async function give(page: Page, label: string, name: string, text: string) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button(page, label).click()])
  await chooser.setFiles([{ name, mimeType: 'text/csv', buffer: Buffer.from(text) }])
}

async function at(name: string) {
  const d = await s.device(desk)
  await enter(d.page, s.url, name)
  await place(d.page, '首页').waitFor()
  return d
}

it('the queue is cleared with list and matter side by side, and by the keyboard', async () => {
  const member = await s.device()
  await enter(member.page, s.url, '李春山')
  for (const title of ['修复人民路路灯', '河东桥头积水', '公园长椅破损']) await suggest(member.page, title)

  const { page, trouble } = await at('王静')
  expect(await page.locator('uni-tabbar:visible').count()).toBe(0)
  await shot(page, 'desk-home')

  // What waits is opened beside the list of all that waits.
  await page.locator('.item:visible', { hasText: '河东桥头积水' }).click()
  await page.locator('.work-row.on', { hasText: '河东桥头积水' }).waitFor()
  await page.locator('.work-matter .matter-title', { hasText: '河东桥头积水' }).waitFor()
  await shot(page, 'desk-from-home')
  await page.goBack()
  await page.getByText('看全部').first().click()
  await page.locator('.work-row:visible', { hasText: '公园长椅破损' }).waitFor()
  expect(page.url()).toContain('/desk/work/index')
  await page.goBack()
  await page.locator('.big:visible', { hasText: '待办' }).click()
  await page.locator('.work-row:visible', { hasText: '公园长椅破损' }).waitFor()
  await go(page, '首页')
  await go(page, '待办')
  await page.locator('.work-row', { hasText: '公园长椅破损' }).waitFor()
  await page.locator('.bar-row', { hasText: '3件' }).waitFor()
  await shot(page, 'desk-work')
  const title = page.locator('.work-matter .matter-title')
  await page.keyboard.press('j')
  await title.filter({ hasText: '修复人民路路灯' }).waitFor()
  await page.keyboard.press('j')
  await title.filter({ hasText: '河东桥头积水' }).waitFor()
  expect(await page.locator('[role=row][aria-selected=true]').textContent()).toContain('河东桥头积水')
  await page.keyboard.press('k')
  await title.filter({ hasText: '修复人民路路灯' }).waitFor()
  await shot(page, 'desk-beside')

  // Enter opens the form of what is to be done; done, the list is there again without it.
  await page.keyboard.press('Enter')
  await field(page, '办理方式').locator('.chip', { hasText: '直接交承办单位' }).click()
  await button(page, '只受理').click()
  await page.locator('.work-row', { hasText: '修复人民路路灯' }).filter({ hasText: '转办' }).waitFor()
  await page.locator('.work-matter .tag', { hasText: '已受理' }).first().waitFor()

  // Narrowed, and several at once.
  await page.locator('.work-filters select').first().selectOption({ label: '待审核 2' })
  await page.locator('.work-row', { hasText: '修复人民路路灯' }).waitFor({ state: 'detached' })
  await page.locator('.work-row', { hasText: '河东桥头积水' }).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.getByText('已选2件').waitFor()
  await shot(page, 'desk-several')
  await button(page, '一起办理').click()
  await page.locator('.item:visible', { hasText: '受理' }).first().waitFor()
  expect(trouble).toEqual([])
})

it('a list is ordered and numbered at once', async () => {
  const member = await s.device()
  await enter(member.page, s.url, '古丽娜尔·艾山')
  const { page, trouble } = await at('王静')
  for (const [title, category] of [['关于城乡公交的提案', 'TRAFFIC'], ['关于村卫生室的提案', 'HEALTH']]) {
    const m = await move(member.page, title, category)
    await hand(page, `/v1/proposals/${m.id}/file`, { version: m.version })
  }
  await go(page, '编号')
  await line(page, '关于村卫生室的提案').waitFor()
  expect(await line(page, '关于').first().textContent()).toContain('关于城乡公交的提案')
  await button(page, '按类别排').click()
  expect(await line(page, '关于').first().textContent()).toContain('关于村卫生室的提案')
  await word(page, '关于城乡公交的提案', '上移').click()
  await page.locator('th [role=checkbox]').click()
  await page.locator('.numbers-start input').fill('31')
  await shot(page, 'desk-numbers')
  await button(page, '给这2件编号').click()
  await told(page, '第31号 至 ')
  await go(page, '事项表')
  await page.locator('.segment:visible', { hasText: '提案' }).click()
  expect(await line(page, '关于城乡公交的提案').locator('td').first().textContent()).toContain('第31号')
  expect(await line(page, '关于村卫生室的提案').locator('td').first().textContent()).toContain('第32号')
  await page.getByLabel('状态').selectOption({ label: '待审查' })
  await page.getByText('没有这样的事项').waitFor()
  await page.getByLabel('状态').selectOption({ label: '已立案' })
  await line(page, '关于城乡公交的提案').waitFor()
  await shot(page, 'desk-matters')
  expect(trouble).toEqual([])
})

it('the roster comes in by a table, with a report for each row', async () => {
  const { page, trouble } = await at('林管理')
  await go(page, '导入名册')
  const head = '姓名,手机号,职务,界别,联络组\n'
  await give(page, '选表格', '委员.csv', head + '阿依古丽·买买提,13900000091,,农业界,第一联络组\n何向东,1390,,农业界,第一联络组\n李春山,13800000002,常委,农业界,第一联络组\n')
  await told(page, '新增1行，修改1行')
  await line(page, '何向东').getByText('手机号').waitFor()
  expect(await line(page, '阿依古丽').count()).toBe(0) // the wrong rows first
  await shot(page, 'desk-roster-wrong')
  await give(page, '换一个表格', '委员改.csv', head + '阿依古丽·买买提,13900000091,,农业界,第一联络组\n何向东,13900000092,,科技界,第一联络组\n李春山,13800000002,常委,农业界,第一联络组\n')
  await told(page, '会新添界别：科技界')
  await line(page, '李春山').getByText('职务：（空） → 常委').waitFor()
  await shot(page, 'desk-roster')
  await button(page, '导入（新增2，修改1）').click()
  await told(page, '导入好了')

  // Who came in is in the roster; single people are looked after there.
  await go(page, '名册')
  await page.getByLabel('界别').selectOption('科技界')
  await line(page, '李春山').waitFor({ state: 'detached' })
  await line(page, '何向东').click()
  await page.locator('.person-held', { hasText: '委员' }).waitFor()
  await shot(page, 'desk-person')
  await page.locator('.person-doings uni-button', { hasText: '任职' }).first().click()
  await field(page, '身份').locator('.entry').click()
  await page.locator('.sheet:visible .choice', { hasText: '承办单位经办人' }).click()
  await field(page, '单位').locator('.chip', { hasText: '水利局' }).click()
  await shot(page, 'desk-appoint')
  await agree(page)
  await page.locator('.person-held', { hasText: '承办单位经办人' }).waitFor()
  await page.locator('.person-doings uni-button', { hasText: '发邀请码' }).click()
  await agree(page)
  await page.locator('.person-code').waitFor()
  const code = await page.locator('.person-code').textContent()

  await page.getByRole('dialog', { name: '何向东' }).getByLabel('关闭').click()
  await go(page, '邀请')
  await word(page, '何向东', '看邀请码').click()
  await line(page, '何向东').getByText(code!).waitFor()
  await button(page, '成批发邀请').click()
  await field(page, '联络组').locator('.chip', { hasText: '第一联络组' }).click()
  await agree(page)
  await told(page, '发了1份邀请')
  await shot(page, 'desk-invitations')
  await word(page, '何向东', '作废').click()
  await agree(page)
  await line(page, '何向东').waitFor({ state: 'detached' })

  await go(page, '单位')
  await button(page, '添加单位').click()
  await field(page, '单位名称').locator('input').fill('言城县林业局')
  await field(page, '类型').locator('.entry').click()
  await page.locator('.sheet:visible .choice', { hasText: '承办单位' }).click()
  await agree(page)
  await line(page, '言城县林业局').waitFor()
  await shot(page, 'desk-units')

  await go(page, '操作记录')
  await line(page, '添加单位').first().waitFor()
  await shot(page, 'desk-audit')
  await line(page, '确认导入名册').first().locator('uni-button', { hasText: '确认导入名册' }).click()
  await page.getByText('只看：确认导入名册').waitFor()
  await line(page, '添加单位').first().waitFor({ state: 'detached' })
  expect(trouble).toEqual([])
})

it('one action is taken on many by a table', async () => {
  const member = await s.device()
  await enter(member.page, s.url, '李春山')
  for (const title of ['拓宽学府路', '增设公交站牌']) await suggest(member.page, title)
  const { page, trouble } = await at('王静')
  await go(page, '按表格办理')
  await page.getByLabel('办什么').selectOption({ label: '受理' })
  const head = '编号或标题,类别,办理方式\n'
  await give(page, '选填好的表格', '受理.csv', head + '拓宽学府路,交通出行,直接交承办单位\n没有这一件,,直接交承办单位\n')
  await told(page, '能办1行，不能办1行')
  await shot(page, 'desk-sheet-wrong')
  expect(await button(page, '改好表格再办').getAttribute('disabled')).not.toBeNull()
  await give(page, '换一个表格', '受理改.csv', head + '拓宽学府路,交通出行,直接交承办单位\n增设公交站牌,交通出行,直接交承办单位\n')
  await told(page, '能办2行')
  await shot(page, 'desk-sheet')
  await button(page, '受理这2行').click()
  await told(page, '2件都办好了')
  expect(trouble).toEqual([])
})

it('the office sets its rules', async () => {
  const { page, trouble } = await at('王静')
  await go(page, '设置')
  await word(page, '催办间隔', '修改').click()
  await field(page, '催办间隔（天）').locator('input').fill('5')
  await agree(page)
  await line(page, '催办间隔').getByText('改过').waitFor()
  await page.getByLabel('修改微建议：审核').click()
  await field(page, '多长').locator('input').fill('3')
  await agree(page)
  await page.locator('.settings-periods tr', { has: page.getByLabel('修改微建议：审核') }).getByText('3个工作日').waitFor()
  await shot(page, 'desk-settings')

  await go(page, '放假安排')
  await page.locator('.holidays-text textarea').fill('关于2027年部分节假日安排的通知\n一、元旦：1月1日（周五）至3日（周日）放假，共3天。1月9日（周六）上班。')
  await button(page, '看看读出什么').click()
  await page.getByText('3天放假，1天周末上班。').waitFor()
  await shot(page, 'desk-holidays')
  await button(page, '确认，重新计算期限').click()
  await told(page, '已经生效')
  await line(page, '元旦').first().waitFor()

  await go(page, '常用语')
  await page.getByLabel('用在哪里').selectOption({ label: '微建议 · 不予受理 · 理由' })
  await button(page, '新增常用语').click()
  await field(page, '名称').locator('input').fill('请先向主管部门反映')
  await field(page, '内容').locator('textarea').fill('您反映的问题可以直接由主管部门解决。')
  await agree(page)
  await line(page, '请先向主管部门反映').waitFor()
  await shot(page, 'desk-phrases')

  await go(page, '界别、届次')
  await page.getByText('添加界别').click()
  await field(page, '界别名称').locator('input').fill('体育界')
  await agree(page)
  await word(page, '体育界', '上移').click()
  await expect.poll(() => page.locator('.divisions tr', { hasText: '界' }).allTextContents().then((all) => all.findIndex((x) => x.includes('体育界')))).toBeGreaterThan(0)
  await shot(page, 'desk-divisions')

  await go(page, '提案征集')
  await button(page, '设置上级的征集').click()
  await field(page, '上级政协').locator('input').fill('言省政协')
  await field(page, '征集的名称，如五届四次会议').locator('input').fill('十三届五次会议')
  for (const day of ['从哪一天开始征集', '截止那天']) {
    await field(page, day).locator('.entry').click()
    await page.locator('.uni-picker-action-confirm:visible').click()
    await page.locator('.uni-picker-action-confirm:visible').waitFor({ state: 'detached' })
    await field(page, day).getByText('请选择').waitFor({ state: 'detached' })
  }
  await shot(page, 'desk-collection')
  await agree(page)
  await line(page, '言省政协十三届五次会议').waitFor()
  await shot(page, 'desk-collections')
  expect(trouble).toEqual([])
})

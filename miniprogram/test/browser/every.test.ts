import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { button, call, step } from './hands'
import { desk, enter, phone, shot, stage, telephone, type Stage, visit } from './stage'

// Every page of pages.json, on a telephone and at a desk, in common and in large type:
// it is there, nothing runs over its edge, nothing goes wrong. A page that is added
// there must be told here how one comes to it.

let s: Stage
const ids: Record<string, string> = {}

const office = '王静'
const proposals = '买买提·吐尔逊'
const member = '古丽娜尔·艾山'
const unit = '陈一帆'
const admin = '林管理'
/** Somebody of the office whose telephone scans a code. */
const scanner = '王静，手机'

interface Visit {
  /** Who goes there; nobody: whoever comes for the first time. */
  as?: string
  /** What its picture is called, where the page has several. */
  name?: string
  query?: () => string
  /** What is there when it has been read. */
  shows: string
  /** What is done there before one looks. */
  then?(page: Page): Promise<void>
}

const visits: Record<string, Visit[]> = {
  'pages/home/index': [
    { as: member, shows: '新进展' },
    { as: office, name: 'home-office', shows: '河东桥头积水' },
    { as: unit, name: 'home-unit', shows: '修复人民路路灯' },
  ],
  'pages/login/index': [{ shows: '同意并继续' }],
  'pages/privacy/index': [{ shows: '收集什么' }],
  'pages/bind/index': [{ as: member, shows: '邀请码' }],
  'pages/identity/index': [{ as: member, shows: '言城县政协' }],
  'pages/submit/index': [
    { as: member, query: () => '?kind=suggestion', shows: '标题' },
    { as: member, name: 'submit-opinion', query: () => '?kind=opinion', shows: '情况' },
    { as: member, name: 'submit-proposal', query: () => '?kind=proposal', shows: '案由' },
  ],
  'pages/mine/index': [{ as: member, shows: '修复人民路路灯' }],
  'pages/matter/index': [
    { as: member, query: () => `?kind=suggestion&id=${ids.lamps}`, shows: '六盏路灯已坏两周' },
    { as: office, name: 'matter-opinion', query: () => `?kind=opinion&id=${ids.drugs}`, shows: '编辑稿', then: (page) => page.getByText('看改了哪里').click() },
    { as: proposals, name: 'matter-proposal', query: () => `?kind=proposal&id=${ids.bus}`, shows: '言城县住房和城乡建设局' },
  ],
  'pages/act/index': [
    { as: office, query: () => `?kind=suggestion&id=${ids.puddle}&flow=suggestion&subject=${ids.puddle}&action=accept`, shows: '办理方式' },
    { as: office, name: 'act-report', query: () => `?kind=opinion&id=${ids.drugs}&flow=opinion&subject=${ids.drugs}&action=report_more`, shows: '报送单位', then: (page) => page.getByText('再加一个').click() },
    { as: unit, name: 'act-reply', query: () => `?kind=suggestion&id=${ids.lamps}&flow=assignment&subject=${ids.lampsGiven}&action=reply`, shows: '答复内容' },
  ],
  'pages/inbox/index': [{ as: member, shows: '修复人民路路灯' }],
  'pages/me/index': [{ as: member, shows: '关怀模式' }],
  'pages/desk/index': [{ as: scanner, name: 'desk-confirm', query: () => `?ticket=${ids.ticket}`, shows: '数字相同，同意登录' }],
  'pages/sessions/index': [{ as: member, shows: '这一台' }],
  'staff/queue/index': [{ as: office, shows: '河东桥头积水' }],
  'staff/bulk/index': [{ as: office, shows: '选中的1件' }],
  'staff/record/index': [{ as: office, shows: '纸上写的' }],
  'staff/undelivered/index': [{ as: office, shows: '告知' }],
  'staff/overdue/index': [{ as: office, shows: '逾期' }],
  'staff/checks/index': [{ as: office, shows: '检查' }],
  'staff/reassign/index': [{ as: office, shows: '同事' }],
  'staff/handovers/index': [{ as: proposals, shows: '2026年提案交办会', then: (page) => page.getByText('2026年提案交办会').click() }],
  'staff/follow/index': [{ as: office, shows: '要跟踪' }],
  'desk/work/index': [{ as: office, shows: '河东桥头积水', then: (page) => page.locator('.work-row').first().click() }],
  'desk/matters/index': [{ as: office, shows: '河东桥头积水' }],
  'desk/counts/index': [{ as: office, query: () => '?kind=suggestion', shows: '办到哪里' }],
  'desk/handover/index': [{ as: proposals, query: () => `?id=${ids.meeting}`, shows: '签收人（签字）' }],
  'desk/numbers/index': [{ as: proposals, shows: '关于村卫生室的提案' }],
  'desk/sheets/index': [{ as: office, shows: '一张表格' }],
  'desk/people/index': [{ as: admin, shows: '扎西卓玛', then: (page) => page.locator('tbody tr', { hasText: '扎西卓玛' }).click() }],
  'desk/roster/index': [{ as: admin, shows: '表格' }],
  'desk/invitations/index': [{ as: admin, shows: '邀请' }],
  'desk/units/index': [{ as: admin, shows: '言城县水利局' }],
  'desk/divisions/index': [{ as: admin, shows: '农业界' }],
  'desk/collections/index': [{ as: proposals, shows: '言州政协' }],
  'desk/holidays/index': [{ as: office, shows: '放假' }],
  'desk/phrases/index': [{ as: office, shows: '常用语' }],
  'desk/settings/index': [{ as: office, shows: '催办间隔' }],
  'desk/audit/index': [{ as: admin, shows: '操作' }],
}

interface Listed {
  pages: { path: string }[]
  subPackages: { root: string; pages: { path: string }[] }[]
}

/** The pages as pages.json lists them, which has comments. */
function listed(): string[] {
  const text = readFileSync(join(__dirname, '../../src/pages.json'), 'utf8').replace(/^\s*\/\/.*$/gm, '')
  const { pages, subPackages } = JSON.parse(text) as Listed
  return [...pages.map((p) => p.path), ...subPackages.flatMap((sub) => sub.pages.map((p) => `${sub.root}/${p.path}`))]
}

beforeAll(async () => {
  s = await stage()
  const [author, clerk, chair, handler] = [await s.device(), await s.device(), await s.device(), await s.device()]
  for (const [d, name] of [[author, member], [clerk, office], [chair, proposals], [handler, unit]] as const) await enter(d.page, s.url, name)
  const { items: units } = await call<{ items: { id: string; name: string }[] }>(clerk.page, '/v1/units?limit=100')
  const lead_unit_id = units.find((u) => u.name.includes('住房和城乡建设局'))!.id
  const make = async (path: string, body: object) => (await call<{ id: string }>(author.page, path, body)).id
  const suggest = (title: string, body: string) => make('/v1/suggestions', { title, body, category: 'CITY', place: '人民路中段' })
  const text = { situation: '城乡公交目前每天只有四班，换乘平均要等一个小时，学生和老人尤其不便。', analysis: '两家公司的班次各排各的，没有衔接。', advice: '建议由交通局统一排班，并在换乘站公布时刻表。' }

  ids.lamps = await suggest('修复人民路路灯', '人民路中段有六盏路灯已坏两周，晚上行人不便，建议尽快修复并定期检查。')
  await step(clerk.page, '/v1/suggestions', ids.lamps, 'accept', { route: 'DIRECT_UNIT' })
  await step(clerk.page, '/v1/suggestions', ids.lamps, 'dispatch', { lead_unit_id })
  await step(handler.page, '/v1/suggestions', ids.lamps, 'sign_for', { handler_name: unit, handler_phone: '0991-5550101' }, 'assignment')
  ids.lampsGiven = (await call<{ assignments: { id: string }[] }>(handler.page, `/v1/suggestions/${ids.lamps}`)).assignments[0].id
  ids.puddle = await suggest('河东桥头积水', '一下雨桥头就积水，行人绕行，建议疏通排水口。')

  ids.drugs = await make('/v1/opinions', { title: '关于改善农村留守老人取药的建议', ...text, category: 'HEALTH' })
  await step(clerk.page, '/v1/opinions', ids.drugs, 'register')
  await step(clerk.page, '/v1/opinions', ids.drugs, 'edit', { title: '农村留守老人取药难亟待重视', ...text, situation: text.situation + '涉及三个村。', issue_type: 'SINGLE' })
  await step(clerk.page, '/v1/opinions', ids.drugs, 'send_for_sign')
  const leader = await s.device()
  await enter(leader.page, s.url, '赵立言')
  await step(leader.page, '/v1/opinions', ids.drugs, 'sign')
  await step(clerk.page, '/v1/opinions', ids.drugs, 'report', { organ: '言州政协办公室', level: 'PREFECTURE' })

  ids.bus = await make('/v1/proposals', { title: '关于改善城乡公交衔接的建议', ...text, category: 'TRAFFIC' })
  await step(chair.page, '/v1/proposals', ids.bus, 'file')
  await call(chair.page, '/v1/proposals/numbers', { ids: [ids.bus] })
  await step(chair.page, '/v1/proposals', ids.bus, 'dispatch', { lead_unit_id, meeting: '2026年提案交办会' })
  ids.meeting = (await call<{ items: { id: string }[] }>(chair.page, '/v1/handovers')).items[0].id
  ids.clinic = await make('/v1/proposals', { title: '关于村卫生室的提案', ...text, category: 'HEALTH' })
  await step(chair.page, '/v1/proposals', ids.clinic, 'file')
  for (const d of [author, clerk, chair, handler, leader]) await d.context.close()
})
afterAll(() => s?.end())

/** A code that a desk shows, for a telephone to let it in. */
const ticket = async () => ((await (await fetch(`${s.url}/v1/desk-logins`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })).json()) as { id: string }).id

/** What stands out over the edge of the window, or is cut off by it. */
const over = (page: Page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const scrolls = (e: Element | null): boolean => e !== null && (/auto|scroll|hidden/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement))
    const out = [...document.querySelectorAll('uni-page-body *, .side *')].filter((e) => {
      const { width: wide, right, left } = e.getBoundingClientRect()
      return wide > 0 && (right > width + 1 || left < -1) && !scrolls(e.parentElement)
    })
    return [...out.map((e) => `${e.className}: ${e.textContent?.slice(0, 40)}`), ...(document.documentElement.scrollWidth > width ? [`the page is ${document.documentElement.scrollWidth} wide`] : [])]
  })

/** How large the type is. */
const scale = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--app-scale').trim())

/** Comes to a page, and waits until it has read what it shows. */
async function come(page: Page, path: string, v: Visit) {
  if (path === 'staff/bulk/index') {
    await page.goto(`${s.url}/#/staff/queue/index`)
    await button(page, '选几件一起办').click()
    await page.locator('.task:visible', { hasText: '河东桥头积水' }).locator('.task-main').click()
    await button(page, '一起办理1件').click()
  } else {
    await visit(page, `${s.url}/#/${path}${v.query?.() ?? ''}`)
  }
  const body = page.locator('.body:visible, .work:visible').last()
  await body.getByText(v.shows).first().waitFor()
  await page.locator('.loading:visible').waitFor({ state: 'detached' })
  await v.then?.(page)
  expect(await page.locator('.error-note:visible').count(), path).toBe(0)
}

it('one knows how to come to every page', () => {
  expect(Object.keys(visits).sort()).toEqual(listed().sort())
})

it.each([
  ['phone', phone, false],
  ['large', phone, true],
  ['desk', desk, false],
  ['desk-large', desk, true],
] as const)('every page holds: %s', async (setting, size, large) => {
  const all = Object.entries(visits).flatMap(([path, some]) => some.map((v) => ({ path, ...v })))
  const here = all.filter((v) => size === desk || !v.path.startsWith('desk/'))
  for (const name of new Set(here.map((v) => v.as))) {
    const { context, page, trouble } = await s.device(size)
    await page.goto(s.url)
    if (large) await page.evaluate(() => localStorage.setItem('large', JSON.stringify({ type: 'string', data: 'true' })))
    if (name === scanner) await telephone({ page }, s.url, office, '/')
    else if (name) await enter(page, s.url, name)
    for (const v of here.filter((v) => v.as === name)) {
      if (name === scanner) ids.ticket = await ticket()
      await come(page, v.path, v)
      expect(await scale(page), v.path).toBe(large ? '1.3' : '1')
      expect.soft(await over(page), v.path).toEqual([])
      const root = v.path.replace(/^pages\//, '').replace(/\/index$/, '').replace('/', '-')
      await shot(page, `every/${v.name ?? root}-${setting}`)
    }
    expect.soft(trouble, `${name}, ${setting}`).toEqual([])
    await context.close()
  }
})

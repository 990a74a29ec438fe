import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { built, Phone } from './phone'

const me = {
  bound: true,
  suspended: false,
  identity: {
    person_id: 'p1', name: '古丽娜尔·艾山', institution_id: 'i1', roles: [{ role: 'MEMBER', label: '委员' }], units: [], may: ['suggestion.submit'], works: false, waits: true, oversees: false,
    hands_in: ['suggestion', 'opinion', 'proposal'].map((kind) => ({ kind, own: true, bodies: [], any_body: [], on_behalf: false, on_paper: false })),
  },
  bindings: [{ id: 'b1', name: '古丽娜尔·艾山', institution: '言城县政协', proof: 'PHONE', bound_at: '2026-01-01T00:00:00+08:00', current: true }],
}
const content = [
  { name: 'title', label: '标题', widget: 'text', required: true, min: 2, max: 30 },
  { name: 'body', label: '内容', widget: 'textarea', required: true, min: 10, max: 500 },
  { name: 'category', label: '类别', widget: 'choice', options: 'categories', required: true },
]
const rate = [
  { name: 'attitude', label: '办理态度', widget: 'choice', options: 'grades', required: true },
  { name: 'comment', label: '意见', widget: 'textarea', required: false, max: 500 },
]
const forms = {
  forms: [
    { flow: 'suggestion', action: 'submit', label: '提交', fields: content },
    { flow: 'suggestion', action: 'rate', label: '评价', fields: rate },
  ],
  paper: [],
  options: { categories: [{ value: 'CITY', label: '城市建设' }], grades: [{ value: 'SATISFIED', label: '满意' }] },
}
const matter = {
  id: 'm1', kind: 'suggestion', kind_label: '微建议', number: '2026年第1号', title: '修复人民路路灯', status: 'REPLIED', status_label: '已答复', version: 4, category: 'CITY',
  body: '人民路中段有六盏路灯已坏两周，建议尽快修复。', source: 'APP', submitted_at: '2026-03-02T09:00:00+08:00', actions: [{ name: 'rate', label: '评价' }],
  authors: [], timeline: [], deadlines: [], assignments: [], replies: [], ratings: [], attachments: [], merged_in: [],
}

let phone: Phone
beforeEach(() => {
  phone = new Phone()
})

/** As if the program had been opened by somebody who is logged in. */
function known() {
  phone.storage.set('session', JSON.stringify({ token: 'token-1', me }))
  phone.answers = {
    'GET /v1/me': me,
    'GET /v1/forms': forms,
    'GET /v1/templates': { items: [{ event: 'reply', template_id: 't1', balance: 0, ask: true }, { event: 'task', template_id: 't2', balance: 9, ask: false }] },
    'POST /v1/grants': { done: true },
    'POST /v1/suggestions': { id: 'm1', status: 'SUBMITTED', version: 1, actions: [] },
    'GET /v1/suggestions': { items: [{ id: 'm1', title: '修复人民路路灯', status: 'SUBMITTED', status_label: '待审核', category: 'CITY', author: '古丽娜尔·艾山', submitted_at: '2026-03-02T09:00:00+08:00' }] },
    'GET /v1/suggestions/m1': matter,
    'POST /v1/inbox/read': { done: true },
    'POST /v1/suggestions/m1/rate': { id: 'm1', status: 'CLOSED', version: 5, actions: [] },
  }
  phone.restart()
}

it('first open: consent, wx.login, home', async () => {
  phone.answers = { 'POST /v1/login': { token: 'token-1', bound: true, expires_at: '2027-01-01T00:00:00+08:00' }, 'GET /v1/me': me }
  const page = await phone.open('pages/login/index')
  await page.fire('primary', 'agreeprivacyauthorization')
  await vi.waitFor(() => expect(phone.journal).toEqual(['wx.login', 'POST /v1/login', 'GET /v1/me', 'reLaunch /pages/home/index']))
  expect(phone.bodies['POST /v1/login']).toEqual({ code: 'code-1', device: '手机' })
  expect(phone.headers['GET /v1/me'].Authorization).toBe('Bearer token-1')
})

it('binding by an invitation', async () => {
  phone.storage.set('session', JSON.stringify({ token: 'token-1', me: { bound: false, suspended: false, bindings: [] } }))
  phone.answers = { 'POST /v1/bindings/invitation': me }
  phone.restart()
  const page = await phone.open('pages/bind/index')
  await page.tap('button', '用邀请码确认')
  expect(page.text()).toContain('请填写邀请码')
  expect(phone.journal).toEqual([])
  const scanned = await phone.open('pages/bind/index', { scene: 'ABCDEFGHJK' })
  await scanned.tap('button', '用邀请码确认')
  expect(phone.bodies['POST /v1/bindings/invitation']).toEqual({ code: 'ABCDEFGHJK' })
  expect(phone.journal).toEqual(['POST /v1/bindings/invitation', 'reLaunch /pages/home/index'])
})

it('handing in asks for the push before anything else, and once', async () => {
  known()
  const page = await phone.open('pages/submit/index', { kind: 'suggestion' })
  await page.type('标题', '修复人民路路灯')
  await page.type('内容', '人民路中段有六盏路灯已坏两周，建议尽快修复。')
  await page.tap('primary', '提交')
  expect(page.text()).toContain('请选择类别')
  await page.tap('chip', '城市建设')
  phone.journal = []
  await page.tap('primary', '提交')
  expect(phone.journal[0]).toBe('wx.requestSubscribeMessage')
  expect(phone.journal).toContain('redirectTo /pages/matter/index?kind=suggestion&id=m1')
  expect(phone.journal.filter((x) => x === 'POST /v1/suggestions')).toHaveLength(1)
  expect(phone.bodies['POST /v1/suggestions']).toEqual({ title: '修复人民路路灯', body: '人民路中段有六盏路灯已坏两周，建议尽快修复。', category: 'CITY' })
  expect(phone.bodies['POST /v1/grants']).toEqual({ consents: [{ template_id: 't1', accepted: true }] })
  expect([...phone.storage.keys()].filter((k) => k.startsWith('draft:'))).toEqual([])
})

it('without a net it is kept, and survives the program', async () => {
  known()
  let page = await phone.open('pages/submit/index', { kind: 'suggestion' })
  await page.type('标题', '修复人民路路灯')
  await page.type('内容', '人民路中段有六盏路灯已坏两周，建议尽快修复。')
  await page.tap('chip', '城市建设')
  phone.online = false
  await page.tap('primary', '提交')
  phone.restart()
  page = await phone.open('pages/mine/index')
  expect(page.text()).toContain('等待发送')
  phone.online = true
  phone.show()
  await vi.waitFor(() => expect(phone.journal).toContain('POST /v1/suggestions'))
  await phone.settle()
  expect(page.text()).not.toContain('等待发送')
  expect(page.text()).toContain('待审核')
})

it('a matter is rated by the form of the server', async () => {
  known()
  const page = await phone.open('pages/matter/index', { kind: 'suggestion', id: 'm1' })
  expect(page.text()).toContain('已答复')
  await page.tap('button', '评价')
  const to = '/pages/act/index?kind=suggestion&id=m1&flow=suggestion&subject=m1&action=rate'
  expect(phone.journal).toContain(`navigateTo ${to}`)
  const act = await phone.open('pages/act/index', { kind: 'suggestion', id: 'm1', flow: 'suggestion', subject: 'm1', action: 'rate' })
  await act.tap('chip', '满意')
  await act.tap('primary', '评价')
  expect(phone.bodies['POST /v1/suggestions/m1/rate']).toEqual({ attitude: 'SATISFIED', version: 4 })
  expect(phone.headers['POST /v1/suggestions/m1/rate']['Idempotency-Key']).toMatch(/^[!-~]{8,64}$/)
})

it('what is sent to a chat says nothing of a matter or of people', async () => {
  known()
  const home = await phone.open('pages/home/index')
  expect(home.card()).toMatchObject({ path: '/pages/home/index', imageUrl: '/static/share.png' })
  const page = await phone.open('pages/matter/index', { kind: 'suggestion', id: 'm1' })
  const card = page.card()
  expect(card).toEqual({ title: '请您看看一件微建议', path: '/pages/matter/index?kind=suggestion&id=m1', imageUrl: '/static/share.png' })
  expect(readFileSync(join(built, card?.imageUrl ?? '')).length).toBeGreaterThan(1000) // without it the platform shows the screen
  expect((await phone.open('pages/act/index', { kind: 'suggestion', id: 'm1', flow: 'suggestion', subject: 'm1', action: 'rate' })).card()).toBeUndefined()
})

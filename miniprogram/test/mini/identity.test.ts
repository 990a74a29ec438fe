import { beforeEach, expect, it } from 'vitest'
import { Phone } from './phone'

// One telephone, and somebody who sits in two institutions.

const county = { id: 'b1', name: '古丽娜尔·艾山', institution: '言城县政协', proof: 'PHONE', bound_at: '2026-01-01T00:00:00+08:00' }
const province = { id: 'b2', name: '古丽娜尔·艾山', institution: '言省政协', proof: 'PHONE', bound_at: '2026-01-01T00:00:00+08:00' }
const hands = (kind: string, own: boolean) => ({ kind, own, bodies: [], any_body: [], on_behalf: false, on_paper: !own })
const kinds = ['suggestion', 'opinion', 'proposal']
const common = { units: [], may: ['suggestion.submit'], waits: true, oversees: false }
const identities = {
  b1: { ...common, works: false, hands_in: kinds.map((k) => hands(k, true)), person_id: 'p1', name: '古丽娜尔·艾山', institution_id: 'i1', roles: [{ role: 'MEMBER', label: '委员' }] },
  b2: { ...common, works: true, hands_in: kinds.map((k) => hands(k, false)), person_id: 'p2', name: '古丽娜尔·艾山', institution_id: 'i2', roles: [{ role: 'INFO_STAFF', label: '信息工作人员' }] },
}
const works = {
  b1: { id: 't1', kind: 'suggestion', kind_label: '微建议', matter_id: 'm1', title: '修复人民路路灯', todo: '评价', due_at: '2026-03-09T18:00:00+08:00', risk: 'NORMAL', risk_label: '' },
  b2: { id: 't2', kind: 'opinion', kind_label: '社情民意', matter_id: 'm2', title: '全省村卫生室缺药', todo: '登记', due_at: '2026-03-09T18:00:00+08:00', risk: 'NORMAL', risk_label: '' },
}

let phone: Phone
let worn: 'b1' | 'b2'
const me = () => ({ bound: true, suspended: false, identity: identities[worn], bindings: [county, province].map((b) => ({ ...b, current: b.id === worn })) })

beforeEach(() => {
  worn = 'b1'
  phone = new Phone()
  phone.storage.set('session', JSON.stringify({ token: 'token-1', me: { bound: false, suspended: false, bindings: [] } }))
  phone.answers = {
    'POST /v1/bindings/phone': me,
    'GET /v1/me': me,
    'POST /v1/bindings/b1/choose': () => ((worn = 'b1'), { done: true }),
    'POST /v1/bindings/b2/choose': () => ((worn = 'b2'), { done: true }),
    'GET /v1/work': () => ({ items: [works[worn]] }),
    'GET /v1/work/invitations': { items: [] },
    'GET /v1/work/count': { all: 1, overdue: 0, urgent: 0, steps: [] },
    'GET /v1/inbox': { items: [] },
    'GET /v1/suggestions': { items: [] },
    'GET /v1/opinions': { items: [] },
    'GET /v1/proposals': { items: [] },
    'GET /v1/templates': { items: [] },
    'GET /v1/forms': { forms: [{ flow: 'suggestion', action: 'submit', label: '提交', fields: [{ name: 'title', label: '标题', widget: 'text', required: true }] }], paper: [], options: {} },
  }
  phone.restart()
})

it('the number of the telephone proves who it is; whoever declines stays', async () => {
  const page = await phone.open('pages/bind/index')
  await page.fire('primary', 'getphonenumber', { errMsg: 'getPhoneNumber:fail user deny' })
  expect(phone.journal).toEqual([])
  await page.fire('primary', 'getphonenumber', { code: 'phone-code-1' })
  expect(phone.bodies['POST /v1/bindings/phone']).toEqual({ code: 'phone-code-1' })
  // The number stands on two rosters: one says as whom one comes.
  expect(phone.journal).toEqual(['POST /v1/bindings/phone', 'redirectTo /pages/identity/index'])
})

it('another identity brings the things of its institution, and leaves those of this one', async () => {
  await (await phone.open('pages/bind/index')).fire('primary', 'getphonenumber', { code: 'phone-code-1' })
  const draft = await phone.open('pages/submit/index', { kind: 'suggestion' })
  await draft.type('标题', '老街增设座椅')
  let home = await phone.open('pages/home/index')
  for (const words of ['言城县政协', '委员', '修复人民路路灯', '老街增设座椅']) expect(home.text()).toContain(words)

  let page = await phone.open('pages/identity/index')
  expect(page.text()).toMatch(/言城县政协.*正在使用.*言省政协/)
  phone.journal = []
  await page.tap('item', '言省政协')
  expect(phone.journal).toEqual(['POST /v1/bindings/b2/choose', 'GET /v1/me', 'reLaunch /pages/home/index'])
  expect(phone.headers['POST /v1/bindings/b2/choose']['Idempotency-Key']).toMatch(/^[!-~]{8,64}$/)
  home = await phone.open('pages/home/index')
  for (const words of ['言省政协', '信息工作人员', '全省村卫生室缺药', '代录纸件']) expect(home.text()).toContain(words)
  for (const words of ['言城县政协', '修复人民路路灯', '老街增设座椅']) expect(home.text()).not.toContain(words)

  // It is kept when the program is killed, and one goes back as one came.
  phone.restart()
  page = await phone.open('pages/identity/index')
  expect(page.text()).toMatch(/言省政协.*正在使用/)
  await page.tap('item', '言城县政协')
  home = await phone.open('pages/home/index')
  for (const words of ['言城县政协', '修复人民路路灯', '老街增设座椅']) expect(home.text()).toContain(words)
  expect(home.text()).not.toContain('全省村卫生室缺药')
})

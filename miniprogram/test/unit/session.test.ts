import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { FormField } from '@/forms/form'

// The platform as far as a session asks it; what it stores outlives a module.
const stored = new Map<string, string>()
const answers: ((data: unknown) => void)[] = []
const relaunched: string[] = []
vi.stubGlobal('uni', {
  getStorageSync: (k: string) => stored.get(k) ?? '',
  setStorageSync: (k: string, v: string) => void stored.set(k, v),
  removeStorageSync: (k: string) => void stored.delete(k),
  reLaunch: ({ url }: { url: string }) => void relaunched.push(url),
  request: ({ success }: { success: (r: unknown) => void }) => void answers.push((data) => success({ statusCode: 200, data, header: {} })),
})

const unit = { kind: 'PARTY' as const, unit_id: 'u1', name: '民盟言城县支部' }
const hands = (kind: string, more = {}) => ({ kind, own: false, bodies: [], any_body: [], on_behalf: false, on_paper: false, ...more })

function me(more: object = {}) {
  return {
    bound: true,
    suspended: false,
    identity: {
      person_id: 'p1',
      name: '古丽娜尔·艾山',
      institution_id: 'i1',
      sector: '农业界',
      group: '第一联络组',
      roles: [{ role: 'MEMBER' as const, label: '委员' }],
      units: [],
      may: [] as string[],
      hands_in: [hands('suggestion', { own: true })],
      works: false,
      waits: true,
      oversees: false,
      ...more,
    },
    bindings: [
      { id: 'b1', name: '古丽娜尔·艾山', institution: '言城县政协', proof: 'PHONE' as const, bound_at: '2026-01-01T00:00:00Z', current: true },
      { id: 'b2', name: '古丽娜尔·艾山', institution: '邻州政协', proof: 'PHONE' as const, bound_at: '2026-01-01T00:00:00Z', current: false },
    ],
  }
}

async function open() {
  vi.resetModules()
  const [session, enter, tools, places] = await Promise.all([import('@/session'), import('@/session/enter'), import('@/components/tools'), import('@/desk/places')])
  return { session: session.session, ...enter, ...tools, ...places }
}

beforeEach(() => {
  stored.clear()
  answers.length = relaunched.length = 0
})

describe('what is kept of whoever is here', () => {
  it('is what home is drawn of, and nothing else', async () => {
    const { session } = await open()
    session.begin('token-1')
    session.be(me({ hands_in: [hands('suggestion', { own: true }), hands('opinion', { own: true, bodies: [unit, { kind: 'SECTOR', name: '农业界' }] })] }))
    const kept = stored.get('session')!
    for (const not of ['农业界', '第一联络组', '邻州政协', 'bound_at', 'proof', 'i1']) expect(kept).not.toContain(not)
    expect(kept).toContain('民盟言城县支部')
    expect(session.me?.identity?.sector).toBe('农业界')

    const again = (await open()).session
    expect(again.token).toBe('token-1')
    expect(again.me?.identity?.name).toBe('古丽娜尔·艾山')
    expect(again.me?.bindings.map((b) => b.institution)).toEqual(['言城县政协'])
    expect(again.handsIn('suggestion')?.own).toBe(true)
  })

  it('goes with the session', async () => {
    const { session } = await open()
    session.be(me())
    session.end()
    expect(stored.has('session')).toBe(false)
    expect(relaunched).toEqual(['/pages/login/index'])
  })

  it('goes when another identity is put on, before the server has said whose', async () => {
    const { session, wear } = await open()
    session.begin('token-1')
    session.be(me({ may: ['audit.list'] }))
    const worn = wear('b2')
    await vi.waitFor(() => expect(answers.length).toBe(1))
    answers[0]({ done: true })
    await vi.waitFor(() => expect(answers.length).toBe(2))
    expect(session.person).toBe('')
    expect(session.may('audit.list')).toBe(false)
    expect(stored.get('session')).not.toContain('p1')
    expect(JSON.parse(stored.get('session')!).me.bindings).toMatchObject([{ id: 'b2' }])
    answers[1](me({ person_id: 'p2' }))
    await worn
    expect(session.person).toBe('p2')
  })

  it('is not what an answer says that comes after one has left', async () => {
    const { session, refresh } = await open()
    session.begin('token-1')
    session.be(me())
    const asked = refresh()
    await vi.waitFor(() => expect(answers.length).toBe(1))
    session.end()
    answers[0](me())
    await asked
    expect(session.me).toBeUndefined()
    expect(stored.has('session')).toBe(false)
  })

  it('gives way to what the server says at each open', async () => {
    const first = await open()
    first.session.be(me({ may: ['audit.list'] }))
    const { session, refresh, places } = await open()
    const labels = () => places().flatMap((g) => g.items.map((p) => p.label))
    expect(labels()).toContain('操作记录')
    const asked = refresh()
    await vi.waitFor(() => expect(answers.length).toBe(1))
    answers[0](me())
    await asked
    expect(labels()).not.toContain('操作记录')
    expect(session.may('audit.list')).toBe(false)
  })
})

describe('the pages for somebody', () => {
  it('are those whose operations are all open to them', async () => {
    const { session, tools } = await open()
    session.be(me({ may: ['work.overdue', 'undelivered.count'] }))
    expect(tools().map((t) => t.label)).toEqual(['逾期情况'])
    session.be(me({ may: ['undelivered.list', 'undelivered.count'] }))
    expect(tools().map((t) => t.label)).toEqual(['未送达'])
  })

  it('are those of what they may hand in, in whose name', async () => {
    const { session, tools, written, handedIn, recorded } = await open()
    session.be(me({ hands_in: [hands('opinion', { bodies: [unit] }), hands('proposal', { own: true, bodies: [unit] })] }))
    expect(written()).toEqual(['proposal'])
    expect(handedIn()).toEqual(['opinion', 'proposal'])
    expect(tools()).toMatchObject([{ label: '提交社情民意', hint: '以本单位的名义', url: '/pages/submit/index?kind=opinion&body=u1' }])
    session.be(me({ hands_in: [hands('opinion', { bodies: [unit, { ...unit, unit_id: 'u2', name: '县总工会' }] })] }))
    expect(tools().map((t) => t.hint)).toEqual(['以民盟言城县支部的名义', '以县总工会的名义'])
    session.be(me({ hands_in: [hands('opinion', { on_paper: true }), hands('suggestion', { on_behalf: true })] }))
    expect(recorded()).toEqual(['opinion'])
    expect(written()).toEqual(['suggestion'])
    expect(tools().map((t) => t.label)).toEqual(['代录纸件'])
  })

  it('have the queue where anything may wait', async () => {
    const { session, places } = await open()
    session.be(me({ works: false })) // what is their own may be theirs to mend or to rate
    expect(places()[0].items.map((p) => p.label)).toContain('待办')
    session.be(me({ waits: false }))
    expect(places()[0].items.map((p) => p.label)).not.toContain('待办')
  })
})

describe('in whose name a kind is handed in', async () => {
  const { leftOf, namesOf, openTo, standsFor } = await import('@/pages/submit/plan')
  const form = (...names: string[]) => names.map((name) => ({ name }) as FormField)
  const opinion = form('title', 'body_kind', 'body_unit_id', 'body_name', 'on_behalf_of')
  const proposal = form('title', 'proposer', 'body_name', 'seal')
  const sector = { kind: 'SECTOR' as const, name: '农业界' }

  it('is filled in for who has one body, and not asked', () => {
    const h = hands('opinion', { bodies: [unit] })
    expect(standsFor(h, {})).toEqual(unit)
    expect(namesOf(opinion, unit)).toEqual({ body_kind: 'PARTY', body_unit_id: 'u1' })
    expect(namesOf(opinion, sector)).toEqual({ body_kind: 'SECTOR', body_name: '农业界' })
    expect(namesOf(proposal, unit)).toEqual({ proposer: 'PARTY', body_name: '民盟言城县支部' })
    expect(namesOf(form('title'), unit)).toEqual({})
    expect(leftOf(opinion, h, unit).map((f) => f.name)).toEqual(['title'])
    expect(leftOf(proposal, h, unit).map((f) => f.name)).toEqual(['title', 'seal'])
  })

  it('is the one that is wanted, or written already, of several', () => {
    const other = { ...unit, unit_id: 'u2', name: '县总工会' }
    const h = hands('proposal', { bodies: [unit, other] })
    expect(standsFor(h, {})).toBeUndefined()
    expect(standsFor(h, {}, 'u2')).toEqual(other)
    expect(standsFor(h, { body_name: '县总工会' })).toEqual(other)
    expect(leftOf(proposal, h, undefined)).toEqual(proposal)
  })

  it('is theirs to choose who writes in their own', () => {
    const h = hands('opinion', { own: true, bodies: [sector] })
    expect(standsFor(h, {}, '农业界')).toBeUndefined()
    expect(leftOf(opinion, h, undefined).map((f) => f.name)).not.toContain('on_behalf_of')
    expect(leftOf(opinion, h, undefined).map((f) => f.name)).toContain('body_kind')
  })

  it('is one of those that are theirs', () => {
    expect(openTo(hands('proposal', { own: true, bodies: [sector], any_body: ['PARTY'] })).proposer).toEqual(['INDIVIDUAL', 'JOINT', 'SECTOR', 'PARTY'])
    expect(openTo(hands('opinion', { bodies: [unit, sector] }))).toEqual({ body_kind: ['PARTY', 'SECTOR'], proposer: ['PARTY', 'SECTOR'] })
    expect(openTo(hands('opinion', { own: true, on_behalf: true, bodies: [sector] }))).toEqual({})
    expect(openTo(undefined)).toEqual({})
  })

  it('is not asked of who has no body', () => {
    expect(leftOf(opinion, hands('opinion', { own: true }), undefined).map((f) => f.name)).toEqual(['title'])
    expect(leftOf(opinion, hands('opinion', { on_behalf: true }), undefined).map((f) => f.name)).toEqual(opinion.map((f) => f.name))
  })
})

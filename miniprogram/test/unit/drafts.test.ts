import { beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import type { KeptFile } from '@/drafts/draft'
import { Drafts } from '@/drafts/drafts'
import { memory, Server, worldOf } from './world'

const words = { title: '修复人民路路灯', body: '人民路中段有六盏路灯已坏两周，建议尽快修复。' }
const picture = (name: string): KeptFile => ({ name, label: name, picture: true, size: 1, key: `upload-${name}` })

let server: Server
let store: ReturnType<typeof memory>
let drafts: Drafts

/** The program is killed: only what was stored is left. */
const reopen = () => (drafts = new Drafts(worldOf(server, store)))

beforeEach(() => {
  server = new Server()
  store = memory()
  reopen()
})

function write(files: Record<string, KeptFile[]> = {}) {
  const d = drafts.begin('suggestion', 'p1')
  drafts.change(d, { ...words }, files)
  return d.id
}

describe('what is typed', () => {
  it('is on the phone at once and outlives the program', () => {
    const id = write()
    reopen()
    expect(drafts.find(id)?.values).toEqual(words)
    expect(drafts.list('p1')).toHaveLength(1)
    expect(drafts.list('p2')).toHaveLength(0)
  })

  it('leaves no trace while nothing is typed', () => {
    drafts.begin('suggestion', 'p1')
    expect(store.keys()).toEqual([])
  })

  it('is one draft of the server, however often it is saved', async () => {
    const id = write()
    await drafts.save(id)
    drafts.change(drafts.find(id)!, { ...words, title: '修复路灯' }, {})
    await drafts.save(id)
    await drafts.save(id)
    expect(server.matters.size).toBe(1)
    expect(server.matters.get('m1')).toMatchObject({ version: 2, body: { title: '修复路灯' } })
    expect(server.requests).toHaveLength(2)
  })

  it('is one draft of the server when the answer was lost and the program killed', async () => {
    const id = write()
    server.mute = true
    await drafts.save(id)
    drafts.change(drafts.find(id)!, { ...words, title: '修复路灯' }, {})
    reopen()
    server.mute = false
    await drafts.save(id)
    expect(server.matters.size).toBe(1)
    expect(server.matters.get('m1')?.body.title).toBe('修复路灯')
  })

  it('is not lost when it changes while it is being saved', async () => {
    const id = write()
    const type = () => drafts.change(drafts.find(id)!, { ...words, title: '后来写的' }, {})
    drafts = new Drafts(worldOf(server, store, { post: (...sent) => (type(), server.post(...sent)) }))
    await drafts.save(id)
    expect(drafts.find(id)?.values.title).toBe('后来写的')
    expect(drafts.find(id)?.saved).toBeDefined()
  })

  it('stays on the phone when the server refuses the draft', async () => {
    const id = write()
    server.refusal = new Problem(403, { code: 'request.forbidden' })
    await drafts.save(id)
    expect(drafts.find(id)?.values).toEqual(words)
    expect(drafts.find(id)?.pending).toBeUndefined()
  })
})

describe('handing in', () => {
  it('is one matter after a double tap', async () => {
    const id = write()
    const [first, second] = await Promise.all([drafts.handIn(id), drafts.handIn(id)])
    expect(first).toMatchObject({ sent: { status: 'SUBMITTED' } })
    expect(second).toBeUndefined()
    expect(server.matters.size).toBe(1)
    expect(drafts.list('p1')).toEqual([])
  })

  it('goes by itself later, with its pictures, and is one matter though the answer was lost', async () => {
    const id = write({ pictures: [picture('a.jpg'), picture('b.jpg')] })
    server.online = false
    expect(await drafts.handIn(id)).toEqual({ waiting: true })
    reopen()
    server.online = true
    server.mute = true
    expect(await drafts.flush('p1')).toEqual([]) // the first picture arrived, unknown to us
    server.mute = false
    const upload = server.upload
    await drafts.flush('p1').catch(() => undefined)
    expect(server.upload).toBe(upload)
    expect(server.uploads.size).toBe(2)
    expect([...server.matters.values()]).toEqual([{ status: 'SUBMITTED', version: 1, body: { ...words, pictures: ['a1', 'a2'] } }])
    expect(drafts.list('p1')).toEqual([])
  })

  it('sends the very same request again after its answer was lost', async () => {
    const id = write()
    server.mute = true
    expect(await drafts.handIn(id)).toEqual({ waiting: true })
    expect(drafts.canTakeBack(drafts.find(id)!)).toBe(false)
    reopen()
    server.mute = false
    expect(await drafts.flush('p1')).toMatchObject([{ id, sent: { id: 'm1' } }])
    expect(server.matters.size).toBe(1)
    expect(server.requests[1]).toEqual(server.requests[0])
  })

  it('hands in the draft that the server has, not another', async () => {
    const id = write({ pictures: [picture('a.jpg')] })
    await drafts.save(id)
    await drafts.handIn(id)
    expect(server.matters.size).toBe(1)
    expect(server.matters.get('m1')).toMatchObject({ status: 'SUBMITTED', body: { version: 1, pictures: ['a1'] } })
  })

  it('does not change what is on its way', async () => {
    const id = write()
    server.online = false
    await drafts.handIn(id)
    drafts.change(drafts.find(id)!, { title: '别的' }, {})
    expect(drafts.find(id)?.values).toEqual(words)
  })

  it('may be taken back while no request has left', async () => {
    const id = write({ pictures: [picture('a.jpg')] })
    server.online = false
    await drafts.handIn(id)
    expect(drafts.canTakeBack(drafts.find(id)!)).toBe(true)
    drafts.takeBack(id)
    server.online = true
    await drafts.flush('p1')
    expect([...server.matters.values()].map((m) => m.status)).toEqual(['DRAFT'])
  })

  it('comes back with the reason, is mended, and goes under another key', async () => {
    const id = write()
    server.refusal = new Problem(422, { code: 'request.invalid', title: '有的内容填写不正确', errors: [{ field: 'body.title', message: '太短' }] })
    expect(await drafts.handIn(id)).toEqual({ trouble: '有的内容填写不正确' })
    expect(drafts.find(id)?.trouble?.fields).toEqual({ title: '太短' })
    expect(await drafts.flush('p1')).toEqual([]) // nothing is tried again by itself
    expect(server.requests).toHaveLength(1)
    server.refusal = undefined
    drafts.change(drafts.find(id)!, { ...words, title: '修好路灯' }, {})
    expect(await drafts.handIn(id)).toMatchObject({ sent: { id: 'm1' } })
    expect(server.requests[1].key).not.toBe(server.requests[0].key)
  })

  it('takes the newer version when it was changed on another device', async () => {
    const id = write()
    await drafts.save(id)
    server.matters.get('m1')!.version = 7
    expect(await drafts.handIn(id)).toHaveProperty('trouble')
    expect(await drafts.handIn(id)).toMatchObject({ sent: { status: 'SUBMITTED' } })
  })

  it('waits while the session has ended or the server is busy', async () => {
    for (const status of [401, 429, 503]) {
      server.refusal = new Problem(status, {})
      expect(await drafts.handIn(write())).toEqual({ waiting: true })
    }
  })

  it('uploads again what the server has forgotten', async () => {
    let now = 0
    drafts = new Drafts(worldOf(server, store, { now: () => now }))
    const id = write({ pictures: [picture('a.jpg')] })
    const { post } = server
    drafts = new Drafts(worldOf(server, store, { now: () => now, post: async () => Promise.reject(new Problem(503, {})) }))
    await drafts.handIn(id)
    now = 30 * 3600_000
    drafts = new Drafts(worldOf(server, store, { now: () => now, post }))
    drafts.find(id)
    store.set(`draft:${id}`, { ...drafts.find(id)!, pending: undefined })
    await drafts.flush('p1')
    expect(server.uploads.size).toBe(2)
    expect(server.matters.get('m1')?.body.pictures).toEqual(['a2'])
  })

  it('says so when a picture is gone from the phone', async () => {
    const outcome = await drafts.handIn(write({ pictures: [picture('lost')] }))
    expect(outcome).toEqual({ trouble: '“lost”已不在这台设备上，请删去后重新添加。' })
  })
})

describe('throwing away', () => {
  it('withdraws the draft of the server, too', async () => {
    const id = write()
    await drafts.save(id)
    await drafts.discard(id)
    expect(drafts.list('p1')).toEqual([])
    expect(server.matters.get('m1')?.status).toBe('WITHDRAWN')
  })
})

describe('a draft on two devices', () => {
  const theirs = (id: string, title: string) => ({ stand: server.stand(id), values: { ...words, title }, files: {} })

  /** Another device saves it. */
  function elsewhere(title: string) {
    const m = server.matters.get('m1')!
    m.version++
    m.body = { ...m.body, title }
    return theirs('m1', title)
  }

  it('is taken over as the other one left it', async () => {
    const id = write()
    await drafts.save(id)
    expect(drafts.hear(id, theirs('m1', words.title))).toBe('same')
    expect(drafts.hear(id, elsewhere('那边写的'))).toBe('taken')
    expect(drafts.find(id)?.values.title).toBe('那边写的')
    drafts.change(drafts.find(id)!, { ...words, title: '接着写的' }, {})
    await drafts.save(id)
    expect(server.matters.get('m1')).toMatchObject({ version: 3, body: { title: '接着写的' } })
  })

  it('is never written over before the person has chosen', async () => {
    const id = write()
    await drafts.save(id)
    drafts.change(drafts.find(id)!, { ...words, title: '这边写的' }, {})
    const other = elsewhere('那边写的')
    expect(drafts.hear(id, other)).toBe('both')
    await drafts.save(id)
    expect(server.matters.get('m1')?.body.title).toBe('那边写的')
    expect(drafts.find(id)?.values.title).toBe('这边写的')
    drafts.keepOurs(id, other)
    await drafts.save(id)
    expect(server.matters.get('m1')?.body.title).toBe('这边写的')
  })

  it('keeps the pictures that are here', async () => {
    const id = write({ pictures: [picture('p')] })
    await drafts.save(id)
    const [here] = drafts.find(id)!.files.pictures
    const other = { ...elsewhere('那边写的'), files: { pictures: [{ ...picture('x'), name: '', attachment: here.attachment }, { ...picture('y'), name: '', attachment: 'a9' }] } }
    drafts.hear(id, other)
    expect(drafts.find(id)?.files.pictures.map((f) => f.name)).toEqual(['p', ''])
  })
})

describe('a draft that was handed in on another device', () => {
  it('goes on as a new one with what is only here', async () => {
    const id = write({ pictures: [picture('p'), { ...picture('q'), name: '', attachment: 'a9' }] })
    await drafts.save(id)
    drafts.change(drafts.find(id)!, { ...words, title: '后来写的' }, drafts.find(id)!.files)
    server.matters.get('m1')!.status = 'SUBMITTED'
    drafts.part(id)
    expect(await drafts.handIn(id)).toMatchObject({ sent: { id: 'm2' } })
    expect(server.matters.get('m1')?.body.title).toBe(words.title)
    expect(server.matters.get('m2')?.body).toMatchObject({ title: '后来写的', pictures: ['a2'] }) // uploaded anew: a1 is the other's
  })

  it('is forgotten here when the server has all of it, and stays there', async () => {
    const id = write()
    await drafts.save(id)
    await drafts.drop(id)
    expect(drafts.list('p1')).toEqual([])
    expect(server.matters.get('m1')?.status).toBe('DRAFT')
  })
})

describe('another action on a draft', () => {
  it('goes with all that is written, and the draft is then the server\'s', async () => {
    const id = write()
    const stand = await drafts.act(id, 'invite')
    expect(stand.status).toBe('COSIGNING')
    expect(server.matters.get('m1')?.body).toMatchObject(words)
    expect(drafts.find(id)).toBeUndefined()
  })

  it('keeps the draft when it is refused, and says why when it is opened again', async () => {
    const id = write()
    await drafts.save(id)
    server.refusal = new Problem(422, { code: 'proposal.joint', title: '请选上联名的委员' })
    await expect(drafts.act(id, 'invite')).rejects.toThrow('请选上联名的委员')
    expect(drafts.find(id)?.trouble?.words).toBe('请选上联名的委员')
    server.refusal = undefined
    await drafts.act(id, 'invite')
    expect(server.matters.size).toBe(1)
  })

  it('says that nobody is chosen any more', async () => {
    const d = drafts.begin('suggestion', 'p1')
    drafts.change(d, { ...words, co_author_ids: ['p2'] }, {})
    await drafts.save(d.id)
    drafts.change(drafts.find(d.id)!, { ...words, co_author_ids: [] }, {})
    await drafts.save(d.id)
    expect(server.matters.get('m1')?.body.co_author_ids).toEqual([])
  })
})

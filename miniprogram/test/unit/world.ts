import { Offline, Problem } from '@/api/problem'
import type { Stand, World } from '@/drafts/drafts'
import type { FormField, Values } from '@/forms/form'
import type { Store } from '@/platform'

export function memory(): Store & { data: Map<string, string> } {
  const data = new Map<string, string>()
  return {
    data,
    get: (key) => (data.has(key) ? JSON.parse(data.get(key)!) : undefined),
    set: (key, value) => data.set(key, JSON.stringify(value)),
    remove: (key) => data.delete(key),
    keys: () => [...data.keys()],
  }
}

const field = (name: string, widget: string, more: Partial<FormField> = {}): FormField => ({ name, label: name, widget, required: false, ...more })

export const suggestion = [
  field('title', 'text', { required: true, min: 2, max: 30 }),
  field('body', 'textarea', { required: true, min: 10, max: 500 }),
  field('co_author_ids', 'people', { max: 20 }),
  field('pictures', 'pictures', { max: 9 }),
]

/** A server that keeps the promises of ours: one act for one key, versions, attachments used once. */
export class Server {
  online = true
  /** Does what it is asked, and loses the answer. */
  mute = false
  refusal?: Problem
  matters = new Map<string, { status: string; version: number; body: Values }>()
  answers = new Map<string, { hash: string; stand: Stand }>()
  uploads = new Map<string, string>()
  requests: { path: string; key: string; body: Values }[] = []

  post = async (path: string, body: Values, key: string): Promise<Stand> => {
    if (!this.online) throw new Offline()
    this.requests.push({ path, key, body })
    const hash = path + JSON.stringify(body)
    const before = this.answers.get(key)
    if (before && before.hash !== hash) throw new Problem(422, { code: 'request.key_reused', title: 'another body under this key' })
    if (!before && this.refusal) throw this.refusal
    const stand = before?.stand ?? this.act(path, body)
    this.answers.set(key, { hash, stand })
    if (this.mute) throw new Offline()
    return stand
  }

  private act(path: string, body: Values): Stand {
    const [, , , id, action] = path.split('/')
    if (!id || id === 'drafts') {
      const made = `m${this.matters.size + 1}`
      this.matters.set(made, { status: id ? 'DRAFT' : 'SUBMITTED', version: 1, body })
      return this.stand(made)
    }
    const m = this.matters.get(id)!
    if (m.version !== body.version) throw new Problem(409, { code: 'matter.stale', title: '刚刚被他人处理过' })
    m.version++
    m.body = body
    if (action === 'invite') m.status = 'COSIGNING'
    if (action === 'send') m.status = 'SUBMITTED'
    if (action === 'withdraw') m.status = 'WITHDRAWN'
    return this.stand(id)
  }

  stand(id: string): Stand {
    const m = this.matters.get(id)!
    const actions = m.status === 'DRAFT' ? ['save', 'send', 'withdraw', 'invite'] : []
    return { id, status: m.status, version: m.version, actions: actions.map((name) => ({ name, label: name })) }
  }

  upload = async (name: string, key: string) => {
    if (!this.online) throw new Offline()
    const id = this.uploads.get(key) ?? `a${this.uploads.size + 1}`
    this.uploads.set(key, id)
    if (this.mute) throw new Offline()
    return name === 'lost' ? undefined : id
  }
}

export function worldOf(server: Server, store: Store, more: Partial<World> = {}): World {
  let n = 0
  return {
    store,
    base: () => '/v1/suggestions',
    fields: async () => suggestion,
    post: server.post,
    read: async (path) => server.stand(path.split('/').pop()!),
    upload: server.upload,
    dropFile: async () => undefined,
    newKey: () => `key-${++n}-${Math.random()}`,
    now: () => 1_000_000,
    changed: () => undefined,
    ...more,
  }
}

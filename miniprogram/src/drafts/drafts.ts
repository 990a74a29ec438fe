import { Offline, Problem } from '@/api/problem'
import { bodyOf, holdsFiles, type FormField, type Values } from '@/forms/form'
import type { Store } from '@/platform'
import { isBlank, isSaved, type Draft, type KeptFile, type Pending, type Saved } from './draft'

/** Where a matter stands after an act. */
export interface Stand {
  id: string
  number?: string
  status: string
  version: number
  actions: { name: string; label: string; paper?: boolean }[]
}

const usual = new Set(['save', 'send', 'withdraw'])

/** What a draft keeps of where it stands on the server. */
export const savedAs = (stand: Stand, revision: number): Saved => ({
  id: stand.id,
  version: stand.version,
  revision,
  savable: stand.actions.some((a) => a.name === 'save'),
  more: stand.actions.filter((a) => !a.paper && !usual.has(a.name)).map(({ name, label }) => ({ name, label })),
})

/** What drafts need of the world. */
export interface World {
  store: Store
  base(kind: string): string
  fields(kind: string, action: string): Promise<FormField[]>
  post(path: string, body: Values, key: string): Promise<Stand>
  read(path: string): Promise<Stand>
  /** Uploads what the keep has under a name; undefined when it has it no longer. */
  upload(name: string, key: string): Promise<string | undefined>
  dropFile(name: string): Promise<void>
  newKey(): string
  now(): number
  changed(): void
}

/** What the server has of a draft. */
export interface Theirs {
  stand: Stand
  values: Values
  files: Draft['files']
}

export type Outcome = { sent: Stand } | { waiting: true } | { trouble: string } | undefined

// The server forgets after a day what nothing refers to.
const uploadHolds = 20 * 3600_000

/**
 * Keeps what people write and hands it in. Every request is written down before
 * it is sent and is sent with the same key until its outcome is known, so that
 * neither a dead phone nor a second tap makes two matters of one.
 */
export class Drafts {
  private readonly chains = new Map<string, Promise<unknown>>()

  constructor(private readonly world: World) {}

  find(id: string): Draft | undefined {
    return this.world.store.get<Draft>(`draft:${id}`)
  }

  /** Those of a person, the newest first. */
  list(person: string): Draft[] {
    return this.world.store
      .keys()
      .filter((k) => k.startsWith('draft:'))
      .map((k) => this.world.store.get<Draft>(k)!)
      .filter((d) => d.person === person)
      .sort((a, b) => b.changedAt - a.changedAt)
  }

  /** A new draft; it is kept once something is in it. */
  begin(kind: string, person: string, from: Partial<Draft> = {}): Draft {
    const d: Draft = { id: this.world.newKey(), kind, person, values: {}, files: {}, revision: 0, changedAt: this.world.now(), ...from }
    if (!isBlank(d)) this.keep(d)
    return d
  }

  /** Notes what is typed now. What is handed in does not change any more, unless it came back. */
  change(draft: Draft, values: Values, files: Draft['files']) {
    const d = this.find(draft.id) ?? draft
    if (d.handed && !d.trouble) return
    const revision = d.revision + 1
    Object.assign(draft, { revision })
    this.keep({ ...d, values, files, revision, changedAt: this.world.now(), handed: undefined, trouble: undefined })
  }

  /** Has the server keep what is written, when there is a net. Never fails: the phone has it. */
  save(id: string): Promise<void> {
    return this.inTurn(id, async () => {
      const d = this.find(id)
      if (!d || d.handed || isBlank(d) || d.saved?.savable === false) return
      try {
        await this.trySave(d)
      } catch (error) {
        if (error instanceof Problem && !isPassing(error)) this.merge(d, { pending: undefined })
      }
    })
  }

  private async trySave(d: Draft) {
    await this.settle(d)
    if (d.saved?.revision === d.revision) return
    await this.uploadAll(d)
    const action = d.saved ? 'save' : 'draft'
    const path = this.world.base(d.kind) + (d.saved ? `/${d.saved.id}/save` : '/drafts')
    const body = this.body(await this.world.fields(d.kind, action), d)
    this.pend(d, { act: 'save', path, body, key: `${d.id}-${action}-${d.revision}`, revision: d.revision })
    await this.settle(d)
  }

  /** Does something else with a draft that the server offers, with what is written. It needs a net. */
  act(id: string, action: string): Promise<Stand> {
    return this.inTurn(id, async () => {
      const d = this.find(id)
      if (!d) throw new Error('the draft was thrown away')
      try {
        if (!d.saved || d.saved.savable) await this.trySave(d)
        await this.uploadAll(d)
        const { id: matter, version } = d.saved!
        const body = this.body(await this.world.fields(d.kind, action), d)
        const stand = await this.world.post(`${this.world.base(d.kind)}/${matter}/${action}`, body, `${d.id}-${action}-${d.revision}-${version}`)
        await this.forget(d)
        return stand
      } catch (error) {
        if (error instanceof Problem && !isPassing(error)) await this.comeBack(d, error)
        throw error
      }
    })
  }

  /**
   * Hears how a draft stands on the server, where another device may have changed
   * it. Tells whether both have: then the person chooses which to keep.
   */
  hear(id: string, theirs: Theirs): 'same' | 'taken' | 'both' {
    const d = this.find(id)
    if (!d?.saved || d.saved.version >= theirs.stand.version) return 'same'
    if (!isSaved(d)) return 'both'
    this.takeTheirs(id, theirs)
    return 'taken'
  }

  /** What another device has written takes the place of what is here. */
  takeTheirs(id: string, { stand, values, files }: Theirs) {
    const d = this.find(id)
    if (!d) return
    const here = new Map(Object.values(d.files).flat().map((f) => [f.attachment, f]))
    const known = Object.entries(files).map(([field, list]) => [field, list.map((f) => here.get(f.attachment) ?? f)])
    const revision = d.revision + 1
    this.merge(d, { values, files: Object.fromEntries(known), revision, pending: undefined, trouble: undefined, saved: savedAs(stand, revision) })
  }

  /** What is here goes over what another device has written. */
  keepOurs(id: string, { stand }: Theirs) {
    const d = this.find(id)
    if (d) this.merge(d, { pending: undefined, saved: savedAs(stand, -1) })
  }

  /** Hands in what is written; a second tap joins the first. */
  handIn(id: string): Promise<Outcome> {
    const d = this.find(id)
    if (d && (!d.handed || d.trouble)) {
      this.merge(d, { handed: { attempt: (d.handed?.attempt ?? 0) + 1, at: this.world.now() }, trouble: undefined })
    }
    return this.send(id)
  }

  /** Sends what waits, and has the server keep the rest. */
  async flush(person: string): Promise<{ id: string; sent: Stand }[]> {
    const sent = []
    for (const d of this.list(person)) {
      if (!d.handed) {
        await this.save(d.id)
      } else if (!d.trouble) {
        const outcome = await this.send(d.id)
        if (outcome && 'sent' in outcome) sent.push({ id: d.id, sent: outcome.sent })
      }
    }
    return sent
  }

  /** Whether it may still be changed: not while a request to hand it in may have arrived. */
  canTakeBack(d: Draft): boolean {
    return Boolean(d.handed) && d.pending?.act !== 'send'
  }

  takeBack(id: string) {
    const d = this.find(id)
    if (d && this.canTakeBack(d)) this.merge(d, { handed: undefined })
  }

  /** Throws a draft away, here and on the server. */
  discard(id: string): Promise<void> {
    return this.inTurn(id, async () => {
      const d = this.find(id)
      if (!d) return
      await this.forget(d)
      if (d.saved?.savable) {
        await this.world
          .post(`${this.world.base(d.kind)}/${d.saved.id}/withdraw`, { version: d.saved.version }, `${d.id}-withdraw`)
          .catch(() => undefined) // it stays among the drafts of the server, where it can be withdrawn
      }
    })
  }

  /** Forgets a draft here alone: the server has all of it. */
  drop(id: string): Promise<void> {
    return this.inTurn(id, async () => {
      const d = this.find(id)
      if (d) await this.forget(d)
    })
  }

  /** Goes on with a draft as a new one, where the server's is no longer to be changed. */
  part(id: string) {
    const d = this.find(id)
    if (!d) return
    // What the server had of it stays with what it was; what is kept here goes along.
    const files = Object.fromEntries(Object.entries(this.again(d.files)).map(([field, list]) => [field, list.filter((f) => f.name)]))
    this.merge(d, { saved: undefined, pending: undefined, files, revision: d.revision + 1, handed: undefined })
  }

  private send(id: string): Promise<Outcome> {
    return this.inTurn(id, async (): Promise<Outcome> => {
      const d = this.find(id)
      if (!d?.handed) return undefined
      try {
        return { sent: await this.trySend(d) }
      } catch (error) {
        if (!(error instanceof Problem) || isPassing(error)) {
          if (!(error instanceof Problem || error instanceof Offline)) throw error
          return { waiting: true }
        }
        await this.comeBack(d, error)
        return { trouble: error.message }
      }
    })
  }

  private async trySend(d: Draft): Promise<Stand> {
    if (d.pending?.act === 'save') {
      // A save that was refused does not matter any more: this one has all of it.
      await this.settle(d).catch((error) => {
        if (!(error instanceof Problem) || isPassing(error)) throw error
        this.merge(d, { pending: undefined })
      })
    }
    if (!d.pending) {
      await this.uploadAll(d)
      const action = d.saved ? 'send' : 'submit'
      const path = this.world.base(d.kind) + (d.saved ? `/${d.saved.id}/send` : '')
      const body = this.body(await this.world.fields(d.kind, action), d)
      this.pend(d, { act: 'send', path, body, key: `${d.id}-${action}-${d.handed!.attempt}-${d.revision}`, revision: d.revision })
    }
    const stand = await this.world.post(d.pending!.path, d.pending!.body, d.pending!.key)
    await this.forget(d)
    return stand
  }

  /** The server refused it: the person is told why and mends it. */
  private async comeBack(d: Draft, problem: Problem) {
    let saved = d.saved
    if (problem.status === 409 && saved) {
      const stand = await this.world.read(`${this.world.base(d.kind)}/${saved.id}`).catch(() => undefined)
      if (stand) saved = savedAs(stand, saved.revision) // somebody changed it on another device
    }
    const files = problem.code === 'attachment.not_found' ? this.again(d.files) : d.files
    this.merge(d, { saved, files, pending: undefined, trouble: { words: problem.message, fields: problem.fields } })
  }

  /** Sends the pending save, whose answer says which version the server has. */
  private async settle(d: Draft) {
    if (d.pending?.act !== 'save') return
    const { path, body, key, revision } = d.pending
    const stand = await this.world.post(path, body, key)
    this.merge(d, { pending: undefined, saved: savedAs(stand, revision) })
  }

  private async uploadAll(d: Draft) {
    for (const file of Object.values(d.files).flat()) {
      const old = file.uploadedAt !== undefined && !d.saved && this.world.now() - file.uploadedAt > uploadHolds
      if (file.attachment && !old) continue
      if (!file.name) continue
      if (old) file.key = this.world.newKey()
      const attachment = await this.world.upload(file.name, file.key)
      if (!attachment) {
        throw new Problem(410, { code: 'client.lost_file', title: `“${file.label}”已不在这台设备上，请删去后重新添加。` })
      }
      Object.assign(file, { attachment, uploadedAt: this.world.now() })
      this.merge(d, { files: this.withUploaded(d) })
    }
  }

  /** The files as they are kept now, with what has arrived since. */
  private withUploaded(d: Draft): Draft['files'] {
    const arrived = new Map(
      Object.values(d.files)
        .flat()
        .map((f) => [f.name, f]),
    )
    const now = this.find(d.id)?.files ?? d.files
    return Object.fromEntries(Object.entries(now).map(([field, files]) => [field, files.map((f) => arrived.get(f.name) ?? f)]))
  }

  private again(files: Draft['files']): Draft['files'] {
    const anew = (f: KeptFile): KeptFile => (f.name ? { ...f, key: this.world.newKey(), attachment: undefined, uploadedAt: undefined } : f)
    return Object.fromEntries(Object.entries(files).map(([field, list]) => [field, list.map(anew)]))
  }

  private body(fields: FormField[], d: Draft): Values {
    const values = { ...d.values }
    for (const f of fields) {
      if (holdsFiles(f) && d.files[f.name]) values[f.name] = d.files[f.name].map((x) => x.attachment)
    }
    const body = bodyOf(fields, values)
    // An empty list says that there are none now; an absent one that they stay.
    for (const f of d.saved ? fields : []) {
      const list = holdsFiles(f) ? d.files[f.name] : values[f.name]
      if (Array.isArray(list) && !(f.name in body)) body[f.name] = []
    }
    return d.saved ? { version: d.saved.version, ...body } : body
  }

  private pend(d: Draft, pending: Pending) {
    this.merge(d, { pending })
  }

  /** Changes what is kept without losing what was typed meanwhile. */
  private merge(d: Draft, change: Partial<Draft>) {
    Object.assign(d, change)
    this.keep({ ...(this.find(d.id) ?? d), ...change })
  }

  private keep(d: Draft) {
    this.world.store.set(`draft:${d.id}`, d)
    this.world.changed()
  }

  private async forget(d: Draft) {
    this.world.store.remove(`draft:${d.id}`)
    this.world.changed()
    for (const f of Object.values(d.files).flat()) if (f.name) await this.world.dropFile(f.name)
  }

  /** One thing at a time for each draft. */
  private inTurn<T>(id: string, run: () => Promise<T>): Promise<T> {
    const before = this.chains.get(id) ?? Promise.resolve()
    const turn = before.then(run, run)
    this.chains.set(id, turn.catch(() => undefined))
    return turn
  }
}

/** Whether it goes through later by itself, perhaps after somebody has logged in again. */
const isPassing = (p: Problem) => p.passing || p.status === 401

import { reactive } from 'vue'
import type { AnswerOf } from '@/api/client'
import type { operations } from '@/api/schema'
import { storage } from '@/platform'

type Answered = AnswerOf<'/v1/me', 'get'>
type Identity = NonNullable<Answered['identity']>

/** An operation of the API, by its name. */
export type Operation = keyof operations

/** How somebody may hand in one kind, as the server says. */
export type HandsIn = Identity['hands_in'][number]

/** A body for which somebody hands in. */
export type Body = HandsIn['bodies'][number]

/** What tells the bodies of somebody apart. */
export const keyOf = (b: Body): string => b.unit_id ?? b.name

// All of it is there once the server has answered; of it is kept what keptOf says.
type Worn = Omit<Identity, 'sector' | 'group' | 'institution_id'> & Partial<Pick<Identity, 'sector' | 'group'>>
export type Me = Pick<Answered, 'bound' | 'suspended'> & { identity?: Worn; bindings: Pick<Answered['bindings'][number], 'id' | 'name' | 'institution' | 'current'>[] }

/** The privacy guide that people agree to; a change of its meaning is a new number. */
export const privacyVersion = 1

interface Kept {
  token?: string
  me?: Me
}

/** What outlives the program of who is here: what home is drawn of until the server has answered. Of which sector and group they are is not. */
function keptOf({ bound, suspended, identity, bindings }: Me): Me {
  return {
    bound,
    suspended,
    identity: identity && {
      person_id: identity.person_id,
      name: identity.name,
      roles: identity.roles,
      units: identity.units,
      may: identity.may,
      hands_in: identity.hands_in.map((h) => ({ ...h, bodies: h.bodies.map((b) => (b.unit_id ? b : { ...b, name: '' })) })),
      works: identity.works,
      waits: identity.waits,
      oversees: identity.oversees,
    },
    bindings: bindings.filter((b) => b.current).map(({ id, name, institution, current }) => ({ id, name, institution, current })),
  }
}

/** Who is using this device. It outlives the program, so that it opens without a net. */
class Session {
  token: string | undefined
  me: Me | undefined
  /** Why it ended, to be told where one logs in again. */
  why = ''
  /** Changes when it is somebody else: what was asked before is not of them. */
  turn = 0

  constructor() {
    const kept = storage.get<Kept>('session') ?? {}
    this.token = kept.token
    this.me = kept.me
  }

  get consented(): boolean {
    return (storage.get<{ version: number }>('privacy')?.version ?? 0) >= privacyVersion
  }

  consent() {
    storage.set('privacy', { version: privacyVersion, at: new Date().toISOString() })
  }

  begin(token?: string) {
    this.turn++
    this.token = token
    this.me = undefined
    this.why = ''
    this.keep()
  }

  be(me: Me) {
    this.me = me
    this.keep()
  }

  /** Another identity is put on: nothing of the one before stays, also where the net fails now. */
  change(binding: string) {
    this.turn++
    if (!this.me) return
    const bindings = this.me.bindings.map((b) => ({ ...b, current: b.id === binding }))
    this.be({ bound: true, suspended: false, bindings })
  }

  /** Drafts and what waits to be sent stay: they belong to the person, not to the session. */
  end(why = '') {
    this.turn++
    if (!this.token && !this.me) return
    this.token = undefined
    this.me = undefined
    this.why = why
    storage.remove('session')
    uni.reLaunch({ url: '/pages/login/index' })
  }

  /** Whether each of these is open to whoever is here; of what is open to everybody nobody asks. */
  may(...all: Operation[]): boolean {
    const open = this.me?.identity?.may ?? []
    return all.every((o) => open.includes(o))
  }

  /** How this person may hand in a kind; undefined: not at all. */
  handsIn(kind: string): HandsIn | undefined {
    return this.me?.identity?.hands_in?.find((h) => h.kind === kind)
  }

  /** Whose drafts these are. */
  get person(): string {
    return this.me?.identity?.person_id ?? ''
  }

  private keep() {
    storage.set('session', { token: this.token, me: this.me && keptOf(this.me) } satisfies Kept)
  }
}

export const session = reactive(new Session())

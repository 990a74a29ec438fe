import { reactive } from 'vue'
import type { AnswerOf } from '@/api/client'
import { storage } from '@/platform'

export type Me = AnswerOf<'/v1/me', 'get'>

/** The privacy guide that people agree to; a change of its meaning is a new number. */
export const privacyVersion = 1

interface Kept {
  token?: string
  me?: Me
}

/** Who is using this device. It outlives the program, so that it opens without a net. */
class Session {
  token: string | undefined
  me: Me | undefined
  /** Why it ended, to be told where one logs in again. */
  why = ''

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
    this.token = token
    this.why = ''
    this.keep()
  }

  be(me: Me) {
    this.me = me
    this.keep()
  }

  /** Drafts and what waits to be sent stay: they belong to the person, not to the session. */
  end(why = '') {
    if (!this.token && !this.me) return
    this.token = undefined
    this.me = undefined
    this.why = why
    storage.remove('session')
    uni.reLaunch({ url: '/pages/login/index' })
  }

  has(...roles: string[]): boolean {
    return this.me?.identity?.roles.some((r) => roles.includes(r.role)) ?? false
  }

  /** Whose drafts these are. */
  get person(): string {
    return this.me?.identity?.person_id ?? ''
  }

  private keep() {
    storage.set('session', { token: this.token, me: this.me } satisfies Kept)
  }
}

export const session = reactive(new Session())

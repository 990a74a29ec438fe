import { api, newKey, type AnswerOf } from '@/api'
import { platform } from '@/platform'
import { session } from '.'

export type Installation = AnswerOf<'/v1/about', 'get'>

/** Somebody of the demo, as its page lists them. */
export interface DemoPerson {
  id: string
  name: string
  roles: string
  institution: string
}

export const about = () => api.get('/v1/about')

/** Asks the server again who this is. */
export async function refresh() {
  const turn = session.turn
  const me = await api.get('/v1/me')
  if (turn === session.turn) session.be(me) // else somebody has left meanwhile, or is another
}

export async function loginByWeixin() {
  const { token } = await api.post('/v1/login', { body: { code: await platform.loginCode(), device: platform.device() } })
  session.begin(token)
  await refresh()
}

export const demoPeople = async () => (await api.call('GET', '/demo/people')).body as DemoPerson[]

/** In the demo: plays the telephone of somebody, up to the session's cookie. */
export async function enterDemo(person: string) {
  await api.call('POST', `/demo/people/${person}/enter`)
  session.begin()
  await refresh()
}

export async function bindByPhone(code: string) {
  session.be(await api.post('/v1/bindings/phone', { body: { code } }))
}

export async function bindByInvitation(code: string) {
  session.be(await api.post('/v1/bindings/invitation', { body: { code: code.trim() } }))
}

export async function wear(binding: string) {
  await api.post('/v1/bindings/{id}/choose', { path: { id: binding }, key: newKey() })
  session.change(binding)
  await refresh()
}

export async function leave() {
  await api.post('/v1/logout', { key: newKey() })
  session.end()
}

/** The first page for somebody who has just come: where they wanted to go, or home. */
export function arrive(to?: string) {
  if (!session.me?.bound) uni.reLaunch({ url: '/pages/bind/index' + (to ? `?to=${encodeURIComponent(to)}` : '') })
  else uni.reLaunch({ url: to || '/pages/home/index' })
}

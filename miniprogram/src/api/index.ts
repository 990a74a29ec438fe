import { platform } from '@/platform'
import { session } from '@/session'
import { createClient } from './client'
import { baseOf, type Matter } from './kinds'
import { send, sendFile, take } from './transport'

export * from './kinds'
export { Offline, Problem, wordsOf } from './problem'
export type { AnswerOf, BodyOf } from './client'
export type { components } from './schema'

export const api = createClient({
  send,
  take,
  origin: platform.origin,
  token: () => session.token,
  ended: (problem) => session.end(problem.message),
})

/** A matter of any kind. */
export const readMatter = async (kind: string, id: string): Promise<Matter> => (await api.call('GET', `${baseOf(kind)}/${id}`)).body as Matter

export const upload = (file: Parameters<typeof sendFile>[0], key: string) => sendFile(file, key, session.token)

/** A key for one thing that the user does. */
export function newKey(): string {
  const hex = () => Math.floor((1 + Math.random()) * 0x10000).toString(16).slice(1)
  return `${Date.now().toString(36)}-${hex()}${hex()}${hex()}${hex()}`
}

import { Offline, Problem } from './problem'
import type { paths } from './schema'

export interface Request {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body?: string
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** Carries a request; rejects with Offline when no answer came. */
export type Send = (request: Request) => Promise<Answer>

export interface Wiring {
  send: Send
  /** Fetches a file, which the device then saves or opens; the answer has a body where it was refused. */
  take(url: string, headers: Record<string, string>): Promise<Omit<Answer, 'headers'>>
  origin: string
  /** The bearer token; undefined where the browser keeps the session in a cookie. */
  token(): string | undefined
  /** The server no longer knows the session. */
  ended(problem: Problem): void
}

type Method = 'get' | 'post'
type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>
type Having<M extends Method> = { [P in keyof paths]: paths[P][M] extends object ? P : never }[keyof paths]
type Content<T> = T extends { content: { 'application/json': infer J } } ? J : never
type Parameters<O, K extends 'path' | 'query'> = O extends { parameters: infer P } ? (K extends keyof P ? Exclude<P[K], undefined> : never) : never

/** What an operation answers when it succeeds. */
export type AnswerOf<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? Content<R[keyof R & (200 | 201)]> : never

/** What an operation takes. */
export type BodyOf<P extends keyof paths> =
  Operation<P, 'post'> extends { requestBody?: infer B } ? Content<NonNullable<B>> : never

type Options<O> = ([Parameters<O, 'path'>] extends [never] ? { path?: undefined } : { path: Parameters<O, 'path'> }) & {
  query?: [Parameters<O, 'query'>] extends [never] ? undefined : Parameters<O, 'query'>
}
type Posted<P extends keyof paths> = Options<Operation<P, 'post'>> &
  ([BodyOf<P>] extends [never] ? { body?: undefined } : { body: BodyOf<P> }) & {
    /** Made by the caller, once for each thing that the user does, and kept with it. */
    key?: string
  }

type Needed<T> = object extends T ? [options?: T] : [options: T]

export type Client = ReturnType<typeof createClient>

export function createClient(wiring: Wiring) {
  async function exchange(request: Request): Promise<Answer> {
    try {
      return await wiring.send(request)
    } catch (error) {
      // Reading is harmless, and an act is done once for its key: either may be
      // sent again. One that has neither (a login, whose code works once) may not.
      if (!(error instanceof Offline) || (request.method === 'POST' && !request.headers['Idempotency-Key'])) throw error
      return wiring.send(request)
    }
  }

  /** Any request; the paths of single actions come from the server and have no type. */
  async function call(method: Request['method'], path: string, options: { body?: unknown; key?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
    const token = wiring.token()
    if (token) headers.Authorization = `Bearer ${token}`
    if (options.key) headers['Idempotency-Key'] = options.key
    if (options.body !== undefined) headers['Content-Type'] = 'application/json'
    const answer = await exchange({
      method,
      url: wiring.origin + path,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
    })
    refuse(answer, token)
    return answer
  }

  /** Throws what the server said no to, in a request with a token. */
  function refuse(answer: Omit<Answer, 'headers'>, token: string | undefined) {
    if (answer.status < 400) return
    const problem = new Problem(answer.status, answer.body)
    // A session that ended while this was under way is not the one that we have now.
    if (answer.status === 401 && wiring.token() === token) wiring.ended(problem)
    throw problem
  }

  async function get<P extends Having<'get'>>(path: P, ...[options]: Needed<Options<Operation<P, 'get'>>>): Promise<AnswerOf<P, 'get'>> {
    return (await call('GET', fill(path, options))).body as AnswerOf<P, 'get'>
  }

  async function post<P extends Having<'post'>>(path: P, ...[options]: Needed<Posted<P>>): Promise<AnswerOf<P, 'post'>> {
    const given = (options ?? {}) as { body?: unknown; key?: string }
    return (await call('POST', fill(path, options), { body: given.body, key: given.key })).body as AnswerOf<P, 'post'>
  }

  /** A table that the server gives out. */
  async function take<P extends Having<'get'>>(path: P, ...[options]: Needed<Options<Operation<P, 'get'>>>): Promise<void> {
    const token = wiring.token()
    refuse(await wiring.take(wiring.origin + fill(path, options), token ? { Authorization: `Bearer ${token}` } : {}), token)
  }

  return { call, get, post, take }
}

function fill(path: string, options?: { path?: unknown; query?: unknown }): string {
  const values = (options?.path ?? {}) as Record<string, string>
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name]))
  const query = Object.entries((options?.query ?? {}) as Record<string, unknown>)
    .filter(([, value]) => value !== undefined && value !== '' && value !== false)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
  return query.length > 0 ? `${filled}?${query.join('&')}` : filled
}
